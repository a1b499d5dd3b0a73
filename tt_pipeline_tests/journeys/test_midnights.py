"""A backfill that runs at 00:00 UTC leaves the first requests of the new day to the daily list."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.coverage import open_workspace
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import AGAIN_TAG, BACKFILL_TAG, COLLECT, RANGE_END_TAG, RANGE_START_TAG
from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place, make_place

pytestmark = [pytest.mark.journey, pytest.mark.slow]

DAYS = {RANGE_START_TAG: str(FIRST_DAY), RANGE_END_TAG: str(LAST_DAY)}
MIDNIGHTS = 20
STUDY = """\
study: Midnights
start: 2026-11-03
searches:
  climate: {hashtags: [climate, klima]}
  football: {hashtags: [football, fussball]}
comments: false
quota: {requests_per_day: 10000, requests_per_second: 0.001}
"""


@pytest.fixture
def stepping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place whose time passes only while a request waits for its turn: 86 requests in a day at most."""
    clock = FrozenClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
    monkeypatch.setattr("tt_pipeline.settings.clock_from", lambda _: clock)
    for place in make_place(tmp_path, Knobs(quota_main=10_000), clock=clock):
        place.settings.study_file.write_text(STUDY)
        yield place


def run_daily_list(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    """Run the requests of the schedule at once."""
    repository = definitions.get_repository_def()
    schedule = next(each for each in repository.schedule_defs if each.name == "daily")
    with dg.build_schedule_context(instance=instance, repository_def=repository) as context:
        ticked = schedule.evaluate_tick(context)
    for request in ticked.run_requests or ():
        definitions.resolve_job_def(COLLECT).execute_in_process(
            instance=instance, tags=request.tags, asset_selection=list(request.asset_selection or ())
        )


def run_backfill(place: Place, definitions: dg.Definitions, instance: dg.DagsterInstance) -> str:
    """Run a backfill that collects every day again, to its end or until the list has priority; returns its id."""
    tags = DAYS | {BACKFILL_TAG: "b", AGAIN_TAG: place.clock.now().isoformat()}
    job = definitions.resolve_job_def(COLLECT)
    return job.execute_in_process(instance=instance, tags=tags, raise_on_error=False).run_id


def firsts(place: Place, backfills: set[str]) -> list[str]:
    """The run of the first request after each midnight before which a backfill sent the last one."""
    with open_workspace(place.settings) as workspace:
        columns, rows = workspace.ledger.rows()
    sent = [dict(zip(columns, row, strict=True)) for row in rows]
    return [
        f"{later['run_id']}"
        for earlier, later in pairwise(sent)
        if earlier["quota_date"] != later["quota_date"] and earlier["run_id"] in backfills
    ]


def test_twenty_midnights_belong_to_the_daily_list(stepping: Place) -> None:
    """The backfill stops at midnight, the list is collected, and the backfill continues."""
    backfills: set[str] = set()
    with open_instance(stepping.settings.files) as instance:
        definitions = build_definitions(stepping.settings, stepping.study)
        while len(firsts(stepping, backfills)) < MIDNIGHTS:
            run_daily_list(definitions, instance)
            backfills.add(run_backfill(stepping, definitions, instance))

    assert backfills & set(firsts(stepping, backfills)) == set()
