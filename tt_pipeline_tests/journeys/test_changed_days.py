"""In Dagster too, a day is green exactly while it is what the study asks for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.clock import real_now
from tt_pipeline.coverage import Workspace, days_between, open_workspace
from tt_pipeline.orchestration.changed_days import follow_changes
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import COLLECT, PUBLISH, QUERY_CHANGED, videos_key
from tt_pipeline.orchestration.publishing import last_collected, what_follows
from tt_pipeline.orchestration.requests import is_collecting
from tt_pipeline.orchestration.sensor_cursor import last_ended
from tt_pipeline.orchestration.sync_materializations import GREEN, shown_days
from tt_pipeline.vocabulary import LOCATION
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

DAYS = days_between(FIRST_DAY, LAST_DAY)
AN_EDIT = ("[climate, klima]", "[climate, klima, climatechange]")


@contextmanager
def opened(place: Place) -> Iterator[tuple[Workspace, dg.DagsterInstance]]:
    """The data dir and its instance."""
    with open_workspace(place.settings) as workspace, open_instance(place.settings.files) as instance:
        yield workspace, instance


def edit(place: Place, old: str, new: str) -> None:
    """Change a line of the study."""
    file = place.settings.study_file
    file.write_text(file.read_text().replace(old, new))


def follow(place: Place) -> None:
    """What each tick of the sensor does."""
    with opened(place) as (workspace, instance):
        follow_changes(workspace, instance)


def green(place: Place, search: str) -> int:
    """How many days of a search are green in the UI."""
    with opened(place) as (workspace, instance):
        return list(shown_days(instance, videos_key(search), workspace.study, DAYS).values()).count(GREEN)


def test_an_edit_takes_the_green_from_its_days_once(collected: Place) -> None:
    """Only the days of the edited search fail, however often the sensor checks; the run says so, and sends nothing."""
    before = green(collected, "climate"), green(collected, "football")
    edit(collected, *AN_EDIT)
    follow(collected)
    follow(collected)
    with open_instance(collected.settings.files) as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name=QUERY_CHANGED))
        says = next(entry.message for entry in instance.all_logs(run.run_id) if int(entry.level) >= logging.ERROR)
        last = last_ended(instance)

    assert before == (6, 6)
    assert (green(collected, "climate"), green(collected, "football")) == (0, 6)
    assert not collected.new_requests()
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert "The query changed on 2026-11-20." in says
    assert "videos/climate 6 days (2026-11-03..2026-11-08)" in says
    assert not is_collecting(run)
    assert last is not None
    assert last.job_name == COLLECT


def test_collected_days_are_green_again(collected: Place) -> None:
    """Collecting with the present query gives the days their green, also in the process of a command."""
    edit(collected, *AN_EDIT)
    follow(collected)
    lost = green(collected, "climate")
    collect_and_publish(collected.settings, CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", yes=True))

    assert (lost, green(collected, "climate")) == (0, 6)


def test_an_edit_that_is_taken_back_gives_the_green_back(collected: Place) -> None:
    """The days are complete at once, as `tt status` says."""
    edit(collected, *AN_EDIT)
    follow(collected)
    edit(collected, *reversed(AN_EDIT))
    follow(collected)

    assert green(collected, "climate") == 6
    assert not collected.new_requests()


def test_deleted_answers_take_the_green(collected: Place) -> None:
    """The days of the deleted files are not green, those of others are."""
    follow(collected)
    for file in Path(collected.settings.files.landing).rglob("*"):
        if file.is_file() and "videos" in file.parts and "football" in file.parts:
            file.unlink()
    follow(collected)

    assert (green(collected, "climate"), green(collected, "football")) == (6, 0)


def test_runs_of_a_command_are_on_the_timeline_and_never_retried(collected: Place) -> None:
    """The timeline shows the runs of the code location; the command itself publishes and continues."""
    with open_instance(collected.settings.files) as instance:
        runs = instance.get_runs()

    assert {run.job_name for run in runs} == {"collect", "publish"}
    for run in runs:
        assert run.remote_job_origin is not None
        assert run.remote_job_origin.repository_origin.code_location_origin.location_name == LOCATION
        assert run.tags["tt/command"] == "tt collect"
        assert run.tags["dagster/max_retries"] == "0"


def test_a_paused_command_is_not_retried_by_dagster(place: Place) -> None:
    """It has the tag that says why it paused, and none that asks for a retry."""
    place.simulator.change_knobs(quota_main=1)
    collect_and_publish(place.settings, CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", only="videos"))
    with open_instance(place.settings.files) as instance:
        (paused,) = [run for run in instance.get_runs() if "tt/paused" in run.tags]

    assert paused.tags["dagster/max_retries"] == "0"
    assert "dagster/retry_on_asset_or_op_failure" not in paused.tags


def test_a_command_publishes_itself(collected: Place) -> None:
    """The sensor requests no publication for its runs, unless the command was killed before its own."""
    with open_instance(collected.settings.files) as instance:
        publications = instance.get_run_records(dg.RunsFilter(job_name=PUBLISH))
        assert last_collected(instance, now=real_now()) is None
        later = real_now() + timedelta(minutes=31)
        left = last_collected(instance, now=later)
        assert left is not None
        assert isinstance(what_follows(publications, left, now=later), dg.SkipReason)
        assert isinstance(what_follows([], left, now=later), dg.RunRequest)
