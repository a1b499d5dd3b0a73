"""Lists of accounts are collected through `tt collect` and under Dagster, on their own quota."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, exit_of
from tt_pipeline.cli.exits import Exit
from tt_pipeline.errors import QuotaExhausted, UsageError
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import OBSERVE, PAUSED_TAG, PUBLISH, RANGE_END_TAG, RANGE_START_TAG
from tt_pipeline.reports.answers import query_published
from tt_pipeline.simulator.people import Standing
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, STUDY, Place

pytestmark = pytest.mark.journey

TODAY = date(2026, 11, 20)


def observe(place: Place, lists: str, rules: str = "") -> list[str]:
    """Let the study observe three accounts with a hundred followers or more; returns their names."""
    creators = [
        creator
        for creator in place.simulator.world.people.creators
        if creator.standing is Standing.PUBLIC and 100 < creator.followers < 1_000
    ][:3]
    names = sorted(creator.username for creator in creators)
    place.settings.study_file.write_text(f"{STUDY}accounts:\n  usernames: {names}\n  lists: [{lists}]\n{rules}")
    return names


def true_followers(place: Place, name: str) -> set[str]:
    """The followers that a perfect client would list."""
    creator = place.simulator.world.people.by_username[name]
    return {follow.username for follow in place.simulator.world.followers(creator, creator.followers)}


def rows(place: Place, sql: str) -> list[tuple[object, ...]]:
    """The rows that an analyst sees."""
    return query_published(place.settings.files.published, sql).rows()


def collect(place: Place, requested: CollectOptions) -> CollectOutcome:
    """Collect and publish as `tt collect` does."""
    return collect_and_publish(place.settings, requested)


def statuses(outcome: CollectOutcome) -> dict[str, Sequence[str]]:
    """Statuses of the days of each asset."""
    return {report.asset: [day.status for day in report.days] for report in outcome.reports}


def test_followers_continue_while_the_main_quota_is_used_up(place: Place) -> None:
    """`tt collect` pauses for the main quota, exits with 75, and still collects followers and following."""
    names = observe(place, "followers, pinned, following")
    place.simulator.change_knobs(quota_main=3)
    outcome = collect(place, CollectOptions())

    stopped = {r.asset: type(r.stopped_because) for r in outcome.reports}
    assert exit_of(outcome) is Exit.PAUSED
    assert QuotaExhausted in stopped.values()
    assert (stopped["social/followers"], stopped["social/following"]) == (type(None), type(None))
    for name in names:
        stored = rows(place, f"select follower from core.follows where followed = '{name}' and seen_in = 'followers'")
        assert {follower for (follower,) in stored} == true_followers(place, name)
    assert rows(place, "select distinct status from ops.account_coverage where list = 'followers'") == [("complete",)]


def test_lists_are_observed_now_and_again(place: Place) -> None:
    """Without days they are observed when due; --again observes them once more."""
    names = observe(place, "followers, pinned")
    now = CollectOptions(only="followers")
    first, second = collect(place, now), collect(place, now)
    again = collect(place, CollectOptions(only="followers", again=True))
    today = collect(place, CollectOptions(only="followers,pinned", from_=str(TODAY), to=str(TODAY)))

    assert statuses(first) == {"social/followers": ["complete"]}
    assert (statuses(second), second.receipt.requests, exit_of(second)) == ({}, 0, Exit.COMPLETE)
    assert again.receipt.requests == first.receipt.requests
    assert statuses(today) == {"social/pinned": ["complete"], "social/followers": ["complete"]}
    assert place.simulator.charged(Bucket.MAIN) == len(names)  # pinned
    looks = "select max(observations) from ops.account_coverage where list = 'followers'"
    assert rows(place, looks) == [(2,)]


def test_an_impossible_observation_is_refused(place: Place) -> None:
    """The reason is printed before a request is sent; each reason has its case in `cli/test_options.py`."""
    observe(place, "followers")

    with pytest.raises(UsageError, match="does not observe liked; add it"):
        collect(place, CollectOptions(only="liked"))
    assert place.new_requests() == []


def test_under_dagster_followers_have_a_separate_job(place: Place) -> None:
    """With the main quota used up, the sensor requests only followers; today is green and published."""
    observe(place, "followers, pinned")
    place.simulator.change_knobs(quota_main=0)
    place.settings.study_file.write_text(
        place.settings.study_file.read_text().replace("requests_per_day: 1000", "requests_per_day: 1")
    )
    collect(place, CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY), only="videos"))
    definitions = build_definitions(place.settings, place.study)
    with open_instance(place.settings.files) as instance:
        sensor = next(s for s in definitions.get_repository_def().sensor_defs if s.name == "quota")
        with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
            (request,) = sensor.evaluate_tick(context).run_requests or ()
        result = definitions.resolve_job_def(str(request.job_name)).execute_in_process(
            instance=instance, asset_selection=list(request.asset_selection or ()), tags=dict(request.tags)
        )
        published = definitions.resolve_job_def(PUBLISH).execute_in_process(instance=instance)
        green = instance.get_materialized_partitions(dg.AssetKey(["social", "followers"]))
        limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}

    assert (request.job_name, request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG]) == (
        OBSERVE,
        str(TODAY),
        str(TODAY),
    )
    assert request.asset_selection == [dg.AssetKey(["social", "followers"])]
    assert (result.success, published.success, green) == (True, True, {str(TODAY)})
    assert limits["tiktok_main"] == 0
    assert len(rows(place, "select distinct followed from core.follows")) == 3


def test_the_schedule_requests_lists(place: Place) -> None:
    """Each schedule of a quota requests the assets of its job; nothing stored has to be checked yet."""
    observe(place, "followers, pinned", "  every_days: 7\n")
    definitions = build_definitions(place.settings, place.study)
    repository = definitions.get_repository_def()
    requested: dict[str, list[str | None]] = {}
    with open_instance(place.settings.files) as instance:
        for schedule in repository.schedule_defs:
            with dg.build_schedule_context(instance=instance, repository_def=repository) as context:
                requests = schedule.evaluate_tick(context).run_requests or ()
            requested[schedule.name] = [request.tags["tt/assets"] for request in requests]

    assert requested == {
        "daily": ["videos/climate,videos/football,users"],
        "daily_lists": ["social/followers", "social/pinned"],
        "refresh_daily": [],
    }


def test_a_pause_of_followers_shuts_their_valve_alone(place: Place) -> None:
    """The run requests one retry in its own pool; searches may still start."""
    observe(place, "followers")
    place.simulator.change_knobs(quota_social=2)
    definitions = build_definitions(place.settings, place.study)
    with open_instance(place.settings.files) as instance:
        result = definitions.resolve_job_def(OBSERVE).execute_in_process(
            instance=instance,
            tags={RANGE_START_TAG: str(TODAY), RANGE_END_TAG: str(TODAY)},
            raise_on_error=False,
        )
        run = instance.get_run_by_id(result.run_id)
        limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
        green = instance.get_materialized_partitions(dg.AssetKey(["social", "followers"]))

    assert run is not None
    assert (result.success, run.tags[PAUSED_TAG][:6], green) == (False, "until ", set())
    assert (limits["tiktok_main"], limits["tiktok_social"]) == (1, 0)
