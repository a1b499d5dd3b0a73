"""Under `tt up`, with Dagster's daemon: the study is edited while Dagster collects it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.clock import Clock, clock_from
from tt_pipeline.coverage import due, open_workspace
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.orchestration import open_instance
from tt_pipeline.orchestration.names import QUERY_CHANGED
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline_tests.journeys.daemon import served

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.daemon]

TODAY = date(2026, 11, 20)
FIRST_DAY, LAST_DAY = TODAY - timedelta(days=60), TODAY - timedelta(days=20)
STUDY = f"""\
study: Edited while it is collected
start: {FIRST_DAY}
end: {LAST_DAY}
searches:
  climate: {{hashtags: [climate, klima]}}
  football: {{hashtags: [football, fussball]}}
  recipes: {{hashtags: [recipe, rezept]}}
looks: [3]
comments: {{after_days: 365}}
quota: {{requests_per_day: 30, requests_per_second: 50, confirm_above: 1000000}}
"""
EDITS = {
    "add a search": ("looks:", "  cats: {hashtags: [cat, katze]}\nlooks:"),
    "rename a search": ("  football:", "  soccer:"),
    "break the study": ("[recipe, rezept]", "[recipe, rezept], video_lenght: [LONG]"),
    "repair it": (", video_lenght: [LONG]", ""),
    "change a query": ("[recipe, rezept]", "[recipe, rezept, recette]"),
    "change a setting": ("looks: [3]", "looks: [3, 12]"),
    "remove a search": ("  climate: {hashtags: [climate, klima]}\n", ""),
}


_ENDED = {"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"}


@dataclass
class Lab:
    """A data dir whose study is edited, a simulator with days of a minute, and their common clock."""

    simulator: Simulator
    settings: Settings
    folder: Path

    def edit(self, name: str) -> None:
        """Save the study as an editor does."""
        old, new = EDITS[name]
        text = self.settings.study_file.read_text()
        assert old in text
        self.settings.study_file.write_text(text.replace(old, new))

    def sent(self) -> int:
        """The number of requests to the API so far."""
        return sum("oauth" not in request.endpoint for request in self.simulator.log)

    def has_sent(self, requests: int) -> bool:
        """Whether so many requests were sent."""
        return self.sent() >= requests

    def output(self) -> str:
        """The output of `tt up`."""
        return (self.folder / "up.log").read_text()

    def is_nothing_due(self) -> bool:
        """Whether all work that is due is done."""
        with open_workspace(self.settings) as workspace:
            return not due(workspace.coverage())

    def statuses(self) -> dict[str, Counter[SearchStatus]]:
        """The number of days of each search with each status."""
        with open_workspace(self.settings) as workspace:
            searches = workspace.coverage().searches
            return {
                search.name: Counter(day.status for day in searches.days(search, days_between(FIRST_DAY, LAST_DAY)))
                for search in workspace.study.searches
            }

    def cancellations(self) -> list[str]:
        """Why runs were cancelled."""
        with open_instance(self.settings.files) as instance:
            cancelled = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.CANCELED]))
            return [instance.all_logs(run.run_id)[-1].message for run in cancelled]

    def failures(self) -> list[str]:
        """Runs that failed without one of our reports, for example because their assets are not defined.

        A run that only takes the green from days fails on purpose.
        """
        with open_instance(self.settings.files) as instance:
            ended = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
            failed = [run for run in ended if run.job_name != QUERY_CHANGED]
            events = {run.run_id: instance.all_logs(run.run_id) for run in failed}
        return [
            f"{run.job_name} {run.asset_selection}: {[event.message for event in events[run.run_id]]}"
            for run in failed
            if not any(_is_report(event.dagster_event) for event in events[run.run_id])
        ]


def _is_report(event: dg.DagsterEvent | None) -> bool:
    """Whether an asset raised our Failure, as after a pause."""
    return event is not None and event.is_step_failure and event.step_failure_data.user_failure_data is not None


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A small world with thirty requests a day."""
    clock: Clock = clock_from(f"{TODAY}T06:00:00+00:00@1440")
    world = World(last_day=TODAY, seed=7, days=160, videos_per_day=30)
    simulator = Simulator(world, knobs=Knobs(quota_main=30), now=clock.now)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text(STUDY)
    with running(simulator) as base_url:
        settings = Settings(
            api_base_url=base_url,
            client_key="sim-key",
            client_secret="sim-secret",
            data_dir=tmp_path / "data",
            clock=str(clock),
        )
        yield Lab(simulator, settings, tmp_path)


def test_a_study_edited_five_times_and_broken_once_is_collected(lab: Lab) -> None:
    """Every day of the last version is complete, no tick of a sensor failed, and no run lacked its assets."""
    with served(lab.settings.as_environment(), lab.folder / "up.log") as daemon:
        for name in EDITS:
            if name == "repair it":
                assert daemon.until(lambda: "Dagster starts no run" in lab.output(), within_s=60)
                shown = daemon.reload()
                daemon.until(daemon.is_idle, within_s=30)  # so long the daemon can take a queued run
            else:
                assert daemon.until(partial(lab.has_sent, lab.sent() + 5), within_s=600), name
                assert daemon.until(lambda: not daemon.is_starting(), within_s=60)
            lab.edit(name)
        assert daemon.until(lambda: lab.is_nothing_due() and daemon.is_idle(), within_s=1200)
        ticks = daemon.failed_ticks()

    assert f"{lab.settings.study_file}:7: searches.recipes.video_lenght: is not a key here" in shown
    assert (ticks, lab.failures()) == ([], [])
    assert lab.statuses() == {name: Counter({SearchStatus.COMPLETE: 41}) for name in ("soccer", "recipes", "cats")}


def test_a_run_that_starts_and_a_backfill_end_when_their_search_is_removed(lab: Lab) -> None:
    """Every run of the search ends with a reason that names it; the other searches are collected, no tick failed."""
    with served(lab.settings.as_environment(), lab.folder / "up.log") as daemon:
        assert daemon.until(partial(lab.has_sent, 5), within_s=600)
        backfill_id = daemon.backfill(days_between(FIRST_DAY, LAST_DAY), [["videos", "climate"]])
        assert daemon.until(daemon.is_starting, within_s=600)
        lab.edit("remove a search")
        assert daemon.until(lambda: daemon.backfill_status(backfill_id) in _ENDED, within_s=300)
        assert daemon.until(lambda: lab.is_nothing_due() and daemon.is_idle(), within_s=1200)
        ticks = daemon.failed_ticks()

    assert (ticks, lab.failures()) == ([], [])
    assert {reason.partition(". ")[0] for reason in lab.cancellations()} == {
        "The study was edited and no longer has videos/climate"
    }
    assert lab.statuses() == {name: Counter({SearchStatus.COMPLETE: 41}) for name in ("football", "recipes")}
