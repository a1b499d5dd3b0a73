"""Days that were collected before are requested again only for a small price, or after a yes.

The simulator's log is the proof: nothing is sent before the yes, and the ledger counts exactly what was sent.
"""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pytest
from dagster._core.execution.backfill import PartitionBackfill

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, exit_of
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.plan_output import edit_sentences
from tt_pipeline.cli.tonight import obstacles
from tt_pipeline.coverage import open_workspace
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.orchestration import CollectOutcome, build_definitions, open_instance
from tt_pipeline.orchestration.names import (
    AGAIN_TAG,
    ASSETS_TAG,
    BACKFILL_TAG,
    COLLECT,
    CONFIRMED_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
)
from tt_pipeline.planning import confirmations, confirmed_work, open_coverage
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

DUE = CollectOptions()


def of_days(**further: Any) -> CollectOptions:
    """Options that name all days."""
    return CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", **further)


AGAIN = of_days(searches=["climate"], again=True)


def change(place: Place, old: str, new: str) -> None:
    """Change a line of the study."""
    text = place.settings.study_file.read_text()
    assert old in text
    place.settings.study_file.write_text(text.replace(old, new))


def edit(place: Place, *, confirm_above: int) -> None:
    """Widen the query of `climate`, whose six days are outdated then."""
    change(place, "[climate, klima]", "[climate, klima, climatechange]")
    limit(place, confirm_above)


def limit(place: Place, confirm_above: int) -> None:
    """Set the price above which a yes is needed."""
    change(place, "requests_per_second: 500", f"requests_per_second: 500, confirm_above: {confirm_above}")


def sent(place: Place) -> int:
    """Requests that reached the API, without those for tokens."""
    return sum("oauth" not in request.endpoint for request in place.simulator.log)


def outdated(place: Place) -> int:
    """Days of `climate` that were collected with the earlier query alone."""
    with open_workspace(place.settings) as workspace:
        (climate,) = (search for search in workspace.study.searches if search.name == "climate")
        return len(workspace.coverage().searches.outdated_days(climate, days_between(FIRST_DAY, LAST_DAY)))


def counted(place: Place) -> int:
    """Requests of the present UTC day in the ledger, less those of the collection that the place was copied from."""
    with open_workspace(place.settings) as workspace:
        return workspace.use().used


@dataclass(frozen=True)
class Case:
    """A command after an edit or with `--again`, and what follows.

    Attributes:
        confirm_above: Of the study. The edit costs 1 request if the search finds as many videos as before. Nobody
            knows how many it finds, so its price is that of 900 videos a day.
        is_sent: Whether the days are requested again.
    """

    name: str
    options: CollectOptions
    confirm_above: int
    is_sent: bool
    code: Exit
    is_edited: bool = True


CASES = [
    Case("cheap edit", DUE, 20_000, is_sent=True, code=Exit.COMPLETE),
    Case("expensive edit", DUE, 3, is_sent=False, code=Exit.WRONG_USAGE),
    Case("edit that can find many more videos", DUE, 1_000, is_sent=False, code=Exit.WRONG_USAGE),
    Case("the search alone is cheap", of_days(searches=["climate"]), 200, is_sent=True, code=Exit.COMPLETE),
    Case("expensive edit, days named", of_days(), 3, is_sent=False, code=Exit.WRONG_USAGE),
    Case("expensive edit, --yes", CollectOptions(yes=True), 3, is_sent=True, code=Exit.COMPLETE),
    Case("nothing without a yes", of_days(searches=["climate"]), 0, is_sent=False, code=Exit.WRONG_USAGE),
    Case("cheap --again", AGAIN, 1, is_sent=True, code=Exit.COMPLETE, is_edited=False),
    Case("expensive --again", AGAIN, 0, is_sent=False, code=Exit.WRONG_USAGE, is_edited=False),
    Case(
        "expensive --again, --yes",
        of_days(searches=["climate"], again=True, yes=True),
        0,
        is_sent=True,
        code=Exit.COMPLETE,
        is_edited=False,
    ),
    Case(
        "everything --again is expensive",
        of_days(again=True),
        50,
        is_sent=False,
        code=Exit.WRONG_USAGE,
        is_edited=False,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_collected_days_are_requested_again_after_a_yes(collected: Place, case: Case) -> None:
    """Above the limit nothing of it is sent and the exit code is 2; below it, or with --yes, the days are collected."""
    edit(collected, confirm_above=case.confirm_above) if case.is_edited else limit(collected, case.confirm_above)
    before = counted(collected)

    outcome = collect_and_publish(collected.settings, case.options)

    assert (exit_of(outcome), sent(collected) > 0, bool(outcome.unconfirmed)) == (
        case.code,
        case.is_sent,
        not case.is_sent,
    )
    assert outdated(collected) == (6 if case.is_edited and not case.is_sent else 0)
    assert counted(collected) - before == sent(collected) == collected.simulator.charged()


def test_the_price_of_again_is_what_it_costs(collected: Place) -> None:
    """One more look at every day, comment listing and profile costs as many requests as it said."""
    limit(collected, 0)
    options = of_days(again=True)
    refused = collect_and_publish(collected.settings, options)
    price = sum(repeat.most for repeat in refused.unconfirmed)

    collect_and_publish(collected.settings, of_days(again=True, yes=True))

    assert price == pytest.approx(sent(collected), rel=0.1)


def test_everything_else_is_done_without_a_yes(collected: Place) -> None:
    """A new search and the days that are not outdated are collected; only the edited search waits."""
    edit(collected, confirm_above=3)
    change(collected, "\ncomments:", "\n  cats: {hashtags: [cat, katze]}\ncomments:")

    outcome = collect_and_publish(collected.settings, DUE)

    assert exit_of(outcome) is Exit.WRONG_USAGE
    assert "videos/cats" in {report.asset for report in outcome.reports}
    assert all(day.is_complete for report in outcome.reports for day in report.days if report.asset == "videos/cats")
    assert outdated(collected) == 6
    assert counted(collected) >= sent(collected) > 0


def test_a_yes_holds_until_the_work_is_done(collected: Place) -> None:
    """After a pause the same days go on without a question, for the schedule too; a new edit asks again."""
    edit(collected, confirm_above=3)
    paused = collect_and_publish(collected.settings, CollectOptions(yes=True, limit=1))
    continued = collect_and_publish(collected.settings, DUE)
    change(collected, "climatechange]", "climatechange, klimakrise]")
    asked = collect_and_publish(collected.settings, DUE)

    assert [exit_of(outcome) for outcome in (paused, continued, asked)] == [
        Exit.PAUSED,
        Exit.COMPLETE,
        Exit.WRONG_USAGE,
    ]


def _on_a_terminal(place: Place, answer: str, *options: str) -> tuple[int, str, int]:
    """Exit code and output of `tt collect` on a terminal, and the requests sent before the answer was typed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    command = [sys.executable, "-m", "tt_pipeline.cli", "collect", *options]
    shown, before = "", -1
    with subprocess.Popen(
        command, env=environment | place.environment(COLUMNS="80"), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        for text in _until_closed(ours):
            shown += text
            if "[y/N]" in shown and before < 0:
                before = sent(place)
                os.write(ours, answer.encode())
        process.wait(timeout=120)
    return process.returncode, " ".join(shown.split()), before


def _until_closed(terminal: int) -> Iterator[str]:
    with suppress(OSError):  # the process has closed its end
        while content := os.read(terminal, 4096):
            yield content.decode(errors="replace")
    os.close(terminal)


@pytest.mark.parametrize(("answer", "code", "is_sent"), [("y\n", 0, True), ("n\n", 2, False), ("\n", 2, False)])
def test_a_terminal_is_asked(collected: Place, answer: str, code: int, is_sent: bool) -> None:  # noqa: FBT001 — a case
    """The price is shown before anything is sent; yes requests the days, no and an empty line leave them."""
    edit(collected, confirm_above=3)
    left = 1_000 - counted(collected)

    found, shown, before = _on_a_terminal(collected, answer)

    assert (found, before, sent(collected) > 0) == (code, 0, is_sent)
    assert "climate: 6 days (2026-11-03..2026-11-08) were collected with an older query, and are kept." in shown
    assert "more than quota.confirm_above (3)" in shown
    assert f"Left today: {left:,} of 1,000 (main). Send these requests? [y/N]:" in shown
    assert ("Nothing of this was requested." in shown, "`--yes`" in shown) == (not is_sent, not is_sent)


def _ticks(place: Place) -> tuple[list[list[str]], list[str]]:
    """The assets that schedule and sensor request, and their reasons for requesting nothing."""
    with open_instance(place.settings.files) as instance:
        definitions = build_definitions(place.settings, place.study)
        repository = definitions.get_repository_def()
        schedule = next(each for each in repository.schedule_defs if each.name == "daily")
        with dg.build_schedule_context(instance=instance, repository_def=repository) as context:
            daily = schedule.evaluate_tick(context)
        sensor = next(each for each in repository.sensor_defs if each.name == "quota")
        with dg.build_sensor_context(instance=instance, definitions=definitions) as context:
            quota = sensor.evaluate_tick(context)
    requests = [*(daily.run_requests or ()), *(quota.run_requests or ())]
    assets = [sorted("/".join(key.path) for key in request.asset_selection or ()) for request in requests]
    return assets, [str(daily.skip_message), str(quota.skip_message)]


@pytest.mark.parametrize(
    ("confirm_above", "assets"), [(1_000, []), (20_000, [["users", "videos/climate"], ["users", "videos/climate"]])]
)
def test_schedule_and_sensor_ask_nobody(collected: Place, confirm_above: int, assets: list[list[str]]) -> None:
    """A cheap edit is requested by both; an expensive one stays outdated, and the skip reason says why."""
    edit(collected, confirm_above=confirm_above)

    requested, reasons = _ticks(collected)

    assert requested == assets
    assert ["wait for `tt collect --yes`" in reason for reason in reasons] == [not assets] * 2
    assert sent(collected) == 0


def test_what_waits_for_a_yes_is_said_where_dagster_runs(collected: Place) -> None:
    """`tt up` says it at its start; after the yes neither it nor `tt check` says that somebody has to agree."""
    edit(collected, confirm_above=3)
    waits = list(obstacles(collected.settings))
    asks = _sentences(collected)
    with open_workspace(collected.settings) as workspace:
        confirmations(workspace.files).add(confirmed_work(workspace).unconfirmed)

    assert [sentence.endswith("these days wait for `tt collect --yes`.") for sentence in waits] == [True]
    assert asks[-1].startswith("`tt collect` asks before it requests them")
    assert list(obstacles(collected.settings)) == []
    assert _sentences(collected) == asks[:-1]


def _sentences(place: Place) -> list[str]:
    with open_coverage(place.settings, place.study) as coverage:
        return edit_sentences(place.settings, place.study, coverage)


def _launch(place: Place, **tags: str) -> tuple[bool, str]:
    """Run `videos/climate` as a person launches it in the UI; whether it succeeded, and all that it says."""
    days = {RANGE_START_TAG: f"{FIRST_DAY}", RANGE_END_TAG: f"{LAST_DAY}"}
    with open_instance(place.settings.files) as instance:
        job = build_definitions(place.settings, place.study).resolve_job_def(COLLECT)
        result = job.execute_in_process(
            instance=instance,
            tags=days | tags,
            asset_selection=[dg.AssetKey(["videos", "climate"])],
            raise_on_error=False,
        )
        logs = instance.all_logs(result.run_id)
    said = [entry.user_message for entry in logs if entry.user_message]
    failures = [f"{entry.dagster_event.event_specific_data}" for entry in logs if entry.dagster_event]
    return result.success, "\n".join([*said, *failures])


@pytest.mark.parametrize(
    ("tags", "confirm_above", "is_sent"),
    [({}, 50, False), ({}, 200, True), ({CONFIRMED_TAG: "true"}, 0, True)],
    ids=["expensive", "cheap", "confirmed by a tag"],
)
def test_a_run_that_a_person_launches_says_its_price(
    collected: Place,
    tags: dict[str, str],
    confirm_above: int,
    is_sent: bool,  # noqa: FBT001 — a case
) -> None:
    """Its price comes first; above the limit it sends nothing and names the tag."""
    edit(collected, confirm_above=confirm_above)

    success, said = _launch(collected, **tags)

    assert (success, sent(collected) > 0) == (is_sent, is_sent)
    assert "Price: videos/climate, 6 days from 2026-11-03 to 2026-11-08: about 3 requests (1 to " in said
    assert ("tt/confirmed = true" in said) is not is_sent


@pytest.mark.parametrize(
    ("confirm_above", "is_agreed", "is_sent"), [(3, False, False), (3, True, True), (20_000, False, True)]
)
def test_a_scheduled_run_that_starts_after_an_edit_waits_for_the_yes(
    collected: Place,
    confirm_above: int,
    is_agreed: bool,  # noqa: FBT001 — a case
    is_sent: bool,  # noqa: FBT001 — a case
) -> None:
    """It was requested before the edit and reads the study when it starts: above the limit it sends nothing."""
    edit(collected, confirm_above=confirm_above)
    if is_agreed:
        with open_workspace(collected.settings) as workspace:
            confirmations(workspace.files).add(confirmed_work(workspace).unconfirmed)

    success, said = _launch(collected, **{ASSETS_TAG: "videos/climate"})

    assert (success, sent(collected) > 0, outdated(collected)) == (is_sent, is_sent, 0 if is_sent else 6)
    assert ("these days wait for `tt collect --yes`" in said) is not is_sent


def test_the_schedule_forgets_a_yes_that_no_day_needs(collected: Place) -> None:
    """The edit is taken back, so the same edit later asks again, also if nobody runs `tt collect` between."""
    edit(collected, confirm_above=3)
    with open_workspace(collected.settings) as workspace:
        confirmations(workspace.files).add(confirmed_work(workspace).unconfirmed)
    change(collected, ", climatechange]", "]")
    _ticks(collected)
    change(collected, "klima]", "klima, climatechange]")

    with open_workspace(collected.settings) as workspace:
        assert [repeat.name for repeat in confirmed_work(workspace).unconfirmed] == ["climate"]


def test_again_in_the_ui_needs_the_tag_too(collected: Place) -> None:
    """A launched run with `tt/again` requests complete days again only for a small price."""
    limit(collected, 0)

    success, said = _launch(collected, **{AGAIN_TAG: "true"})

    assert (success, sent(collected)) == (False, 0)
    assert "requesting 6 days (2026-11-03..2026-11-08) again costs about 1 request" in said


# Dagster 1.13 calls its own deprecated function while it makes a backfill.
@pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources` is deprecated:DeprecationWarning")
def test_a_backfill_is_priced_as_a_whole(collected: Place) -> None:
    """One of its runs may be cheap while all of them are not; the price is that of every day chosen."""
    limit(collected, 10)
    days = [f"{day}" for day in days_between(FIRST_DAY, LAST_DAY)]
    with open_instance(collected.settings.files) as instance:
        definitions = build_definitions(collected.settings, collected.study)
        backfill = PartitionBackfill.from_asset_partitions(
            backfill_id="whole",
            asset_graph=definitions.get_repository_def().asset_graph,
            partition_names=days,
            asset_selection=[dg.AssetKey("comments")],
            backfill_timestamp=collected.clock.now().timestamp(),
            tags={AGAIN_TAG: "true"},
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
        instance.add_backfill(backfill)
        result = definitions.resolve_job_def(COLLECT).execute_in_process(
            instance=instance,
            tags={RANGE_START_TAG: days[0], RANGE_END_TAG: days[0], AGAIN_TAG: "true", BACKFILL_TAG: "whole"},
            asset_selection=[dg.AssetKey("comments")],
            raise_on_error=False,
        )
        failures = [f"{event.event_specific_data}" for event in result.all_events if event.is_step_failure]

    assert (result.success, sent(collected)) == (False, 0)
    assert "comments: requesting 6 days (2026-11-03..2026-11-08) again costs about" in "".join(failures)


@pytest.mark.parametrize("most", [1, 7, 40])
def test_a_limit_pauses_and_the_next_run_continues(place: Place, most: int) -> None:
    """Exactly so many requests are sent; the next runs complete the rest, and no page is requested twice."""
    options = of_days(limit=most)
    first = collect_and_publish(place.settings, options)
    after_first = sent(place)
    rest: CollectOutcome = collect_and_publish(place.settings, of_days())
    bodies = [repr(request.body) for request in place.simulator.log if "oauth" not in request.endpoint]

    assert (exit_of(first), after_first) == (Exit.PAUSED, most)
    assert exit_of(rest) is Exit.COMPLETE
    assert len(bodies) == len(set(bodies)) == counted(place) == place.simulator.charged()


def test_a_limit_that_is_not_reached_changes_nothing(collected: Place) -> None:
    """Complete days cost nothing, whatever the limit."""
    assert exit_of(collect_and_publish(collected.settings, of_days(limit=1))) is Exit.COMPLETE


def test_what_waits_for_a_yes_is_not_due(collected: Place) -> None:
    """The list of due work leaves it out, and names its price beside it."""
    edit(collected, confirm_above=3)
    with open_workspace(collected.settings) as workspace:
        found = confirmed_work(workspace)

    assert [work for work in found.work if work.asset == "videos/climate"] == []
    assert [(repeat.name, len(repeat.days), repeat.requests) for repeat in found.unconfirmed] == [("climate", 6, 1)]
