"""The valve is shut while the bucket is used up, and opens once, after the daily run has been queued."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.clock import FrozenClock
from tt_pipeline.orchestration.names import POOLS
from tt_pipeline.orchestration.valve import duration, reconcile_valve, wanted_limit
from tt_pipeline.quota import BucketUse, Ledger, Purpose
from tt_pipeline.vocabulary import Bucket

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def use(used: int) -> BucketUse:
    """A day of 1,000 requests."""
    return BucketUse(
        bucket=Bucket.MAIN, day=date(2026, 11, 20), used=used, limit=1_000, opens_at=datetime(2026, 11, 21, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("used", "at", "is_open", "limit"),
    [
        (999, NOON, True, 1),
        (1_000, NOON, True, 0),
        (0, NOON.replace(hour=0, minute=3), True, 1),
        (0, NOON.replace(hour=0, minute=3), False, 0),
        (0, NOON.replace(hour=0, minute=5), False, 1),
    ],
)
def test_the_valve_follows_the_bucket(used: int, at: datetime, is_open: bool, limit: int) -> None:  # noqa: FBT001
    """A shut valve opens from 00:05 UTC; an open one stays open over midnight."""
    assert wanted_limit(use(used), at, is_open=is_open) == limit


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> dg.DagsterInstance:
    """A real instance on disk; making one takes seconds."""
    return dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster")))


def limits(instance: dg.DagsterInstance) -> dict[str, int]:
    """The pools' limits."""
    return {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}


def test_reconciling_twice_is_reconciling_once(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """The main bucket shuts, the social one stays open, and the next day opens both."""
    clock = FrozenClock(NOON)
    with Ledger(
        tmp_path / "l.sqlite", client_key="k", clock=clock, limits={Bucket.MAIN: 1, Bucket.SOCIAL: 9}
    ) as ledger:
        ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        reconcile_valve(ledger, clock, instance)
        reconcile_valve(ledger, clock, instance)
        shut = limits(instance)
        clock.advance(days=1)
        reconcile_valve(ledger, clock, instance)

    assert (shut[POOLS[Bucket.MAIN]], shut[POOLS[Bucket.SOCIAL]]) == (0, 1)
    assert limits(instance) == {POOLS[Bucket.MAIN]: 1, POOLS[Bucket.SOCIAL]: 1}


def test_a_wait_is_told_as_people_say_it() -> None:
    """Hours and minutes, never zero."""
    assert [duration(s) for s in (11_520, 90, 5)] == ["3 h 12 min", "2 min", "1 min"]
