"""The valve is shut while the bucket is used up, and opens once, after the day's list was queued."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from tt_pipeline.clock import today
from tt_pipeline.coverage.workspace import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import DailyRunWaiting
from tt_pipeline.landing import LandingZone
from tt_pipeline.orchestration.names import BACKFILL_TAG, COLLECT, DAY_TAG, Pools
from tt_pipeline.orchestration.priority import DailyRunWatch, NewDayWatch, reserved_for_daily
from tt_pipeline.orchestration.valve import duration, reconcile_valve, wanted_limit
from tt_pipeline.quota import BucketUse, Ledger, Purpose
from tt_pipeline.studies import read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock

POOLS = Pools()
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
    """A shut valve opens at 00:05 UTC, an open one stays open at midnight; a reserve shuts it too."""
    assert wanted_limit(use(used), at, is_open=is_open, kept=kept) == limit


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> dg.DagsterInstance:
    """A real instance on disk; making one takes seconds."""
    return dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster")))


def limits(instance: dg.DagsterInstance) -> dict[str, int]:
    """The limits of the pools."""
    return {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}


@contextmanager
def opened(folder: Path, clock: FrozenClock) -> Iterator[Workspace]:
    """The workspace of a study with ten requests a day, four of them reserved for the day's list."""
    (folder / "study.yaml").write_text(STUDY)
    caps = {Bucket.MAIN: 10, Bucket.SOCIAL: 9}
    files = DataDir(folder)
    with (
        LandingZone(files.landing) as zone,
        Ledger(folder / "l.sqlite", client_key="k", clock=clock, limits=caps) as ledger,
    ):
        yield Workspace(
            study=read_study(folder / "study.yaml"),
            files=files,
            zone=zone,
            ledger=ledger,
            clock=clock,
            tombstones=Tombstones.of(files.internal),
        )


def spend(workspace: Workspace, requests: int) -> None:
    """Charge this number of requests."""
    for _ in range(requests):
        workspace.ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")


@contextmanager
def listed(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    """A queued run of the day's list."""
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
        instance.run_storage.delete_run(run.run_id)


def test_reconciling_twice_is_reconciling_once(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """The main bucket is shut, the social one stays open, and the next day opens both."""
    clock = FrozenClock(NOON)
    with opened(tmp_path, clock) as workspace:
        spend(workspace, 10)
        reconcile_valve(workspace, instance, POOLS)
        reconcile_valve(workspace, instance, POOLS)
        shut = limits(instance)
        clock.advance(days=1)
        reconcile_valve(workspace, instance, POOLS)

    assert (shut[POOLS.of(Bucket.MAIN)], shut[POOLS.of(Bucket.SOCIAL)]) == (0, 1)
    assert limits(instance) == {POOLS.of(Bucket.MAIN): 1, POOLS.of(Bucket.SOCIAL): 1}


def test_the_reserve_is_kept_until_the_days_list_is_done(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """With four of ten left backfills wait; a queued run of the list opens the valve; after it all runs may start."""
    with opened(tmp_path, FrozenClock(NOON)) as workspace:
        spend(workspace, 6)
        reconcile_valve(workspace, instance, POOLS)
        before = reserved_for_daily(workspace, instance), limits(instance)[POOLS.of(Bucket.MAIN)]
        with listed(instance) as run:
            reconcile_valve(workspace, instance, POOLS)
            queued = reserved_for_daily(workspace, instance), limits(instance)[POOLS.of(Bucket.MAIN)]
            instance.report_run_failed(run, "ended")
            reconcile_valve(workspace, instance, POOLS)
            after = reserved_for_daily(workspace, instance), limits(instance)[POOLS.of(Bucket.MAIN)]

    assert (before, queued, after) == ((4, 0), (4, 1), (0, 1))


def test_a_run_that_began_before_an_edit_opens_nothing(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """While the study is invalid every new run would fail: all pools stay closed until it is repaired."""
    with opened(tmp_path, FrozenClock(NOON)) as workspace:
        reconcile_valve(workspace, instance, POOLS)
        workspace.study.file.write_text("study: [")
        reconcile_valve(workspace, instance, POOLS)
        broken = limits(instance)
        workspace.study.file.write_text(STUDY)
        reconcile_valve(workspace, instance, POOLS)
        repaired = limits(instance)

    assert set(broken.values()) == {0}
    assert set(repaired.values()) == {1}


def test_only_a_backfill_gives_way(instance: dg.DagsterInstance) -> None:
    """A queued run of the day's list stops a backfill's run, but not the list's own runs."""
    backfill = dg.DagsterRun(job_name=COLLECT, tags={BACKFILL_TAG: "b"})

    with listed(instance) as run:
        assert [DailyRunWatch(backfill, instance)(), DailyRunWatch(run, instance)()] == [True, False]
    assert not DailyRunWatch(backfill, instance)()


def test_a_wait_is_shown_in_hours_and_minutes() -> None:
    """A wait is never shown as zero."""
    assert [duration(s) for s in (11_520, 90, 5)] == ["3 h 12 min", "2 min", "1 min"]


@contextmanager
def ended_list(instance: dg.DagsterInstance, day: str) -> Iterator[None]:
    """The day's list, whose one run has ended."""
    run = instance.add_run(dg.DagsterRun(job_name=COLLECT, tags={DAY_TAG: day}, status=dg.DagsterRunStatus.SUCCESS))
    try:
        yield
    finally:
        instance.run_storage.delete_run(run.run_id)


def test_twenty_midnights_belong_to_the_days_list(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """A running backfill sends nothing on a new day until that day's list has been queued and has ended."""
    clock = FrozenClock(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC))
    before, while_queued, after = [], [], []
    with opened(tmp_path, clock) as workspace:
        watch = NewDayWatch(instance, clock, lambda: nullcontext(workspace))
        for _ in range(20):
            clock.advance(seconds=2)
            day = today(clock)
            before.append(watch())
            with listed(instance):
                while_queued.append(watch())
            with ended_list(instance, f"{day}"):
                after.append((watch(), day))
            clock.advance(seconds=86_398)

    assert set(before + while_queued) == {None}
    assert [done for done, _ in after] == [day for _, day in after]


def test_midnight_between_the_look_at_the_list_and_the_request(tmp_path: Path) -> None:
    """The list of the 20th is done; if the request is recorded on the 21st, it is not sent."""
    clock = FrozenClock(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC))
    with opened(tmp_path, clock) as workspace:
        gate = workspace.ledger.gate(Purpose(study="s", dataset="videos"))
        gate.reserve(Bucket.MAIN, "video_query", only_on=date(2026, 11, 20))
        clock.advance(seconds=2)
        with pytest.raises(DailyRunWaiting):
            gate.reserve(Bucket.MAIN, "video_query", only_on=date(2026, 11, 20))

        assert workspace.use(Bucket.MAIN).used == 0
