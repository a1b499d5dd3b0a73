"""Under Dagster: the schedule requests due work, a pause resumes behind the valve, checks fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData
from dagster._core.definitions.sensor_definition import SensorExecutionData

from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import COLLECT, PAUSED_TAG, PUBLISH, RANGE_END_TAG, RANGE_START_TAG
from tt_pipeline.orchestration.sync_materializations import sync_materializations
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

ALL_DAYS = {RANGE_START_TAG: str(FIRST_DAY), RANGE_END_TAG: str(LAST_DAY)}


@contextmanager
def opened(place: Place) -> Iterator[tuple[dg.Definitions, dg.DagsterInstance]]:
    """Definitions and the instance of the data dir."""
    with open_instance(place.settings.files) as instance:
        yield build_definitions(place.settings, place.study), instance


def run(definitions: dg.Definitions, job: str, instance: dg.DagsterInstance, **tags: str) -> dg.ExecuteInProcessResult:
    """Execute a run in this process."""
    found = definitions.resolve_job_def(job)
    return found.execute_in_process(instance=instance, tags=tags, raise_on_error=False)


def green_days(instance: dg.DagsterInstance, *key: str) -> set[str]:
    """Days of an asset that are materialised."""
    return instance.get_materialized_partitions(dg.AssetKey(key))


def tick(definitions: dg.Definitions, instance: dg.DagsterInstance) -> str:
    """The reason why the quota sensor requests nothing now."""
    sensor = next(s for s in definitions.get_repository_def().sensor_defs if s.name == "quota")
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        return str(sensor.evaluate_tick(context).skip_message)


def test_each_day_is_green_with_its_metadata(place: Place) -> None:
    """Every partition of every collecting asset is materialised, with rows, requests and quota left."""
    with opened(place) as (definitions, instance):
        assert run(definitions, COLLECT, instance, **ALL_DAYS).success
        days = {str(FIRST_DAY + timedelta(days=n)) for n in range((LAST_DAY - FIRST_DAY).days + 1)}
        climate = dg.AssetKey(["videos", "climate"])
        event = instance.get_latest_materialization_event(climate)
        totals = instance.fetch_observations(climate, limit=1).records[0].asset_observation

    for key in (("videos", "climate"), ("videos", "football"), ("comments",), ("users",)):
        with open_instance(place.settings.files) as instance:
            assert green_days(instance, *key) == days
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    assert metadata["status"].value == "complete"
    assert metadata.keys() == {"dagster/partition_row_count", "status", "looks", "window"}
    assert totals is not None
    assert {"rows_by_day", "requests", "quota_left_today"} <= totals.metadata.keys()


def test_a_pause_is_explained_and_requests_one_retry(place: Place) -> None:
    """A paused run materialises no unfinished day, shuts the valve, and the sensor says when it opens."""
    place.simulator.change_knobs(quota_main=12)
    with opened(place) as (definitions, instance):
        result = run(definitions, COLLECT, instance, **ALL_DAYS)
        record = instance.get_run_by_id(result.run_id)
        limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
        (failure,) = [
            event
            for event in result.all_events
            if event.is_step_failure and "paused" in str(event.step_failure_data).lower()
        ][:1]
        reason = tick(definitions, instance)
        green = green_days(instance, "comments")

    assert not result.success
    assert record is not None
    assert record.tags[PAUSED_TAG] == "until 2026-11-21 00:00 UTC"
    assert record.tags["dagster/retry_on_asset_or_op_failure"] == "true"
    assert limits["tiktok_main"] == 0
    assert "Paused for quota" in str(failure.step_failure_data.user_failure_data)
    assert "used" in reason
    assert "they can start in" in reason
    assert len(green) < (LAST_DAY - FIRST_DAY).days + 1


def test_a_run_that_went_on_is_not_shown_as_paused(place: Place) -> None:
    """A retry gets the tags of the run that paused, and says that it went on."""
    with opened(place) as (definitions, instance):
        result = run(definitions, COLLECT, instance, **ALL_DAYS, **{PAUSED_TAG: "until 2026-11-20 00:00 UTC"})
        retried = instance.get_run_by_id(result.run_id)

    assert retried is not None
    assert (result.success, retried.tags[PAUSED_TAG]) == (True, "no, this run went on")


def test_the_schedule_requests_what_is_due_and_then_nothing(place: Place, collected: Place) -> None:
    """Before the collection it requests everything; after it the skip reason is that nothing is due."""
    before, after = scheduled(place), scheduled(collected)

    assert [request.tags[RANGE_START_TAG] for request in before.run_requests or ()] == [str(FIRST_DAY)]
    assert after.skip_message == "Nothing is due."


def scheduled(place: Place) -> ScheduleExecutionData:
    """The requests of the daily schedule now."""
    with opened(place) as (definitions, instance):
        repository = definitions.get_repository_def()
        schedule = next(each for each in repository.schedule_defs if each.name == "daily")
        with dg.build_schedule_context(instance=instance, repository_def=repository) as context:
            return schedule.evaluate_tick(context)


def test_checks_pass_on_good_tables_and_coverage_fails(place: Place) -> None:
    """The publication's checks pass; a search whose days were never requested fails its coverage check."""
    with opened(place) as (definitions, instance):
        one_day = {RANGE_START_TAG: str(FIRST_DAY), RANGE_END_TAG: str(FIRST_DAY)}
        collected = run(definitions, COLLECT, instance, **one_day)
        published = run(definitions, PUBLISH, instance)

    coverage = {check.asset_key.path[-1]: check.passed for check in collected.get_asset_check_evaluations()}
    assert coverage == {"climate": False, "football": False}
    assert published.success
    failed = {check.check_name for check in published.get_asset_check_evaluations() if not check.passed}
    assert len(list(published.get_asset_check_evaluations())) >= 8
    assert failed <= {"coverage_is_complete", "parents_are_known"}
    assert place.settings.files.published.exists()


def test_a_publication_contains_all_runs_before_it(place: Place) -> None:
    """A collecting run that ends requests a publication, unless one has started since."""
    one_day = {RANGE_START_TAG: str(FIRST_DAY), RANGE_END_TAG: str(FIRST_DAY)}
    with opened(place) as (definitions, instance):
        collected = run(definitions, COLLECT, instance, **one_day)
        before = publishing_tick(definitions, instance)
        run(definitions, PUBLISH, instance)
        after = publishing_tick(definitions, instance)

    assert [request.run_key for request in before.run_requests or ()] == [f"after:{collected.run_id}"]
    assert after.skip_message == "Everything that was collected is published."


def publishing_tick(definitions: dg.Definitions, instance: dg.DagsterInstance) -> SensorExecutionData:
    """What the publishing sensor requests now."""
    sensor = definitions.get_repository_def().get_sensor_def("publish_what_was_collected")
    with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
        return sensor.evaluate_tick(context)


def coverage_checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str | None]]:
    """By search: whether its coverage check passed, and its text."""
    found = [check for check in result.get_asset_check_evaluations() if check.check_name == "coverage"]
    return {check.asset_key.path[-1]: (check.passed, check.description) for check in found}


def test_a_server_without_any_result_fails_the_check(place: Place) -> None:
    """Searches without results are suspicious, and the check has search, days and reason."""
    place.simulator.change_knobs(faults=(Fault(kind=FaultKind.EMPTY, endpoint="video_query", always=True),))
    with opened(place) as (definitions, instance):
        checks = coverage_checks(run(definitions, COLLECT, instance, **ALL_DAYS))
        green = green_days(instance, "videos", "climate")

    passed, says = checks["climate"]
    assert not passed
    assert says is not None
    assert says.startswith("climate: 6 days are not complete: 2026-11-03 suspicious (nothing found, and nothing proves")
    assert len(green) == 6  # stated, in the metadata and in the check


def test_a_day_that_always_fails_is_unavailable_and_the_others_complete(impatient: Place) -> None:
    """The day on which the server always answers 500 is named; the other five days are complete."""
    impatient.simulator.change_knobs(fault_dates=("2026-11-05",))
    with opened(impatient) as (definitions, instance):
        result = run(definitions, COLLECT, instance, **ALL_DAYS)
        green = green_days(instance, "videos", "climate")

    assert result.success
    passed, says = coverage_checks(result)["climate"]
    assert not passed
    assert says is not None
    assert says.startswith("climate: 1 day is not complete: 2026-11-05 unavailable (unavailable).")
    assert len(green) == 6


def test_the_sensor_requests_the_comments_of_found_videos(place: Place) -> None:
    """It requests looks with creators first, then the comments of the found videos, then nothing."""
    requested, cursor = [], None
    with opened(place) as (definitions, instance):
        sensor = next(s for s in definitions.get_repository_def().sensor_defs if s.name == "quota")
        for _ in range(4):
            with dg.build_sensor_context(instance=instance, definitions=definitions, cursor=cursor) as context:
                ticked = sensor.evaluate_tick(context)
            cursor = ticked.cursor or cursor
            requested.append([request.tags["tt/assets"] for request in ticked.run_requests or ()])
            for request in ticked.run_requests or ():
                job = definitions.resolve_job_def(request.job_name or COLLECT)
                selection = list(request.asset_selection or ())
                job.execute_in_process(
                    instance=instance, tags=request.tags, asset_selection=selection, raise_on_error=False
                )

    assert requested == [["videos/climate,videos/football,users"], ["comments"], [], []]


def test_days_that_a_dead_run_completed_are_materialised(collected: Place) -> None:
    """The next run materialises the days that the interrupted one completed, without requests."""
    with opened(collected) as (_, instance):
        instance.wipe_assets([dg.AssetKey(["videos", "climate"]), dg.AssetKey("comments")])
        before = green_days(instance, "videos", "climate") | green_days(instance, "comments")
        with open_workspace(collected.settings) as workspace:
            sync_materializations(workspace, instance)
        after = green_days(instance, "videos", "climate"), green_days(instance, "comments")

    days = {str(FIRST_DAY + timedelta(days=n)) for n in range(6)}
    assert (before, after, collected.new_requests()) == (set(), (days, days), [])
