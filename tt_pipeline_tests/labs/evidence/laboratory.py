"""A session over a simulator for an experiment: a world of a known seed, and a clock that only the test moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.frozen_clock import FrozenClock

SEED = 7
"""Of every world here: the tests' own; no other was tried."""
NO_LIMIT = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """World and clock of an experiment.

    Attributes:
        now: The begin of the experiment; the world ends on the day before.
        days: The number of days of the world.
        fault_rate: Share of requests that the server answers with 500.
    """

    study: str
    now: datetime
    days: int
    videos_per_day: int
    fault_rate: float = 0.0


@contextmanager
def opened(setting: Setting, folder: Path) -> Iterator[Lab]:
    """A new simulator and an empty data dir, without limits of quota and pace."""
    clock = FrozenClock(setting.now)
    world = World.until_yesterday(setting.now, seed=SEED, days=setting.days, videos_per_day=setting.videos_per_day)
    knobs = Knobs(
        rate_per_minute=0, fault_500_rate=setting.fault_rate, quota_main=NO_LIMIT, records_main=1_000 * NO_LIMIT
    )
    simulator = Simulator(world, knobs=knobs, now=clock.now)
    folder.mkdir(parents=True)
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, folder, clock, study=setting.study)
