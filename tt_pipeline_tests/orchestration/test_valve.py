"""The valve is shut while the bucket is used up, and opens once, after the day's list has been queued."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from tt_pipeline.clock import FrozenClock
from tt_pipeline.coverage.workspace import Workspace
from tt_pipeline.landing import LandingZone
from tt_pipeline.orchestration.names import BACKFILL_TAG, COLLECT, DAY_TAG, POOLS
from tt_pipeline.orchestration.priority import DailyRunWatch, reserved_for_daily
from tt_pipeline.orchestration.valve import duration, reconcile_valve, wanted_limit
from tt_pipeline.quota import BucketUse, Ledger, Purpose
from tt_pipeline.settings import DataDir
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import Bucket

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STUDY = """\
study: Turns
start: 2026-11-10
searches:
  climate: {hashtags: [climate]}
quota: {requests_per_day: 10, reserve_for_daily: 4}
"""


def use(used: int) -> BucketUse:
    """A day of 1,000 requests."""
    return BucketUse(
        bucket=Bucket.MAIN, day=date(2026, 11, 20), used=used, limit=1_000, opens_at=datetime(2026, 11, 21, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("used", "at", "is_open", "kept", "limit"),
    [
        (999, NOON, True, 0, 1),
        (1_000, NOON, True, 0, 0),
        (800, NOON, True, 200, 0),
        (799, NOON, True, 200, 1),
        (0, NOON.replace(hour=0, minute=3), True, 0, 1),
        (0, NOON.replace(hour=0, minute=3), False, 0, 0),
        (0, NOON.replace(hour=0, minute=5), False, 0, 1),
    ],
)
def test_the_valve_follows_the_bucket(used: int, at: datetime, is_open: bool, kept: int, limit: int) -> None:  # noqa: FBT001
    """A shut valve opens from 00:05 UTC; an open one stays open over midnight; what is kept for others shuts it too."""
    assert wanted_limit(use(used), at, is_open=is_open, kept=kept) == limit


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> dg.DagsterInstance:
    """A real instance on disk; making one takes seconds."""
    return dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster")))


def limits(instance: dg.DagsterInstance) -> dict[str, int]:
    """The pools' limits."""
    return {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}


@contextmanager
def opened(folder: Path, clock: FrozenClock) -> Iterator[Workspace]:
    """Workspace of a study of ten requests a day, four of them kept for the day's list."""
    (folder / "study.yaml").write_text(STUDY)
    caps = {Bucket.MAIN: 10, Bucket.SOCIAL: 9}
    files = DataDir(folder)
    with (
        LandingZone(files.landing) as zone,
        Ledger(folder / "l.sqlite", client_key="k", clock=clock, limits=caps) as ledger,
    ):
        yield Workspace(study=read_study(folder / "study.yaml"), files=files, zone=zone, ledger=ledger, clock=clock)


def spend(workspace: Workspace, requests: int) -> None:
    """Charge so many requests."""
    for _ in range(requests):
        workspace.ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")


@contextmanager
def listed(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    """A run of the day's own list that waits in the queue."""
    location = RegisteredCodeLocationOrigin("tt_pipeline.definitions")
    run = dg.DagsterRun(
        job_name=COLLECT,
        tags={DAY_TAG: "2026-11-20"},
        status=dg.DagsterRunStatus.QUEUED,
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), COLLECT),
    )
    instance.add_run(run)
    try:
        yield run
    finally:
        instance.delete_run(run.run_id)


def test_reconciling_twice_is_reconciling_once(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """The main bucket shuts, the social one stays open, and the next day opens both."""
    clock = FrozenClock(NOON)
    with opened(tmp_path, clock) as workspace:
        spend(workspace, 10)
        reconcile_valve(workspace, instance)
        reconcile_valve(workspace, instance)
        shut = limits(instance)
        clock.advance(days=1)
        reconcile_valve(workspace, instance)

    assert (shut[POOLS[Bucket.MAIN]], shut[POOLS[Bucket.SOCIAL]]) == (0, 1)
    assert limits(instance) == {POOLS[Bucket.MAIN]: 1, POOLS[Bucket.SOCIAL]: 1}


def test_the_reserve_is_kept_until_the_days_list_is_done(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """Four of ten are left: backfills wait; a queued run of the list opens the valve; when it has ended, all may."""
    with opened(tmp_path, FrozenClock(NOON)) as workspace:
        spend(workspace, 6)
        reconcile_valve(workspace, instance)
        before = reserved_for_daily(workspace, instance), limits(instance)[POOLS[Bucket.MAIN]]
        with listed(instance) as run:
            reconcile_valve(workspace, instance)
            queued = reserved_for_daily(workspace, instance), limits(instance)[POOLS[Bucket.MAIN]]
            instance.report_run_failed(run, "ended")
            reconcile_valve(workspace, instance)
            after = reserved_for_daily(workspace, instance), limits(instance)[POOLS[Bucket.MAIN]]

    assert (before, queued, after) == ((4, 0), (4, 1), (0, 1))


def test_a_run_that_began_before_an_edit_opens_nothing(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """While the study file cannot be read every new run would fail: all pools stay closed until it is repaired."""
    with opened(tmp_path, FrozenClock(NOON)) as workspace:
        reconcile_valve(workspace, instance)
        workspace.study.file.write_text("study: [")
        reconcile_valve(workspace, instance)
        broken = limits(instance)
        workspace.study.file.write_text(STUDY)
        reconcile_valve(workspace, instance)
        repaired = limits(instance)

    assert set(broken.values()) == {0}
    assert set(repaired.values()) == {1}


def test_only_a_backfill_gives_way(instance: dg.DagsterInstance) -> None:
    """While a run of the day's list waits, a backfill's run is in the way; the list's own runs are not."""
    backfill = dg.DagsterRun(job_name=COLLECT, tags={BACKFILL_TAG: "b"})

    with listed(instance) as run:
        assert [DailyRunWatch(backfill, instance)(), DailyRunWatch(run, instance)()] == [True, False]
    assert not DailyRunWatch(backfill, instance)()


def test_a_wait_is_told_as_people_say_it() -> None:
    """Hours and minutes, never zero."""
    assert [duration(s) for s in (11_520, 90, 5)] == ["3 h 12 min", "2 min", "1 min"]
