"""A simulator on a loopback port, and a study that points at it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.clock import Clock, clock_from
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.studies import Study, read_study
from tt_pipeline_tests.contract.shared_server import SharedServer

FIRST_DAY, LAST_DAY = date(2026, 11, 3), date(2026, 11, 8)
STUDY = """\
study: A journey
start: 2026-11-03
end: 2026-11-08
searches:
  climate: {hashtags: [climate, klima]}
  football: {hashtags: [football, fussball], regions: [DE, AT]}
comments: {min_comments: 2}
quota: {requests_per_day: 1000, requests_per_second: 500}
"""


@dataclass(frozen=True)
class Place:
    """A data dir with its study, and the simulator that it collects from."""

    simulator: Simulator
    settings: Settings
    clock: Clock
    marks: list[int] = field(default_factory=lambda: [0])

    @property
    def study(self) -> Study:
        """The study text."""
        return read_study(self.settings.study_file)

    def environment(self, **further: str) -> dict[str, str]:
        """The settings as variables for another process."""
        return {
            "TT_API_BASE_URL": self.settings.api_base_url,
            "TT_CLIENT_KEY": "sim-key",
            "TT_CLIENT_SECRET": "sim-secret",
            "TT_DATA_DIR": str(self.settings.data_dir),
            "TT_CLOCK": self.settings.clock,
            **further,
        }

    def new_requests(self) -> list[tuple[str, str]]:
        """Endpoint and body of every request to the API since the last call, without those for tokens."""
        log, mark = self.simulator.log, self.marks[0]
        self.marks[0] = len(log)
        return [(request.endpoint, repr(request.body)) for request in log[mark:] if "oauth" not in request.endpoint]


@pytest.fixture
def knobs() -> Knobs:
    """The knobs of the simulator; a test may override them."""
    return Knobs()


@pytest.fixture
def place(tmp_path: Path, knobs: Knobs) -> Iterator[Place]:
    """A new data dir and a new simulator."""
    yield from make_place(tmp_path, knobs)


@pytest.fixture
def impatient(tmp_path: Path, knobs: Knobs) -> Iterator[Place]:
    """A new place where a minute takes a fifth of a second, for waits between tries."""
    yield from make_place(tmp_path, knobs, rate=300)


@dataclass(frozen=True)
class Collected:
    """A data dir that `tt collect` has filled with all days once, and the simulator's world; copied, never changed.

    Attributes:
        outcome: What the command reported.
        sent: Requests that reached the API, tokens left out.
    """

    place: Place
    outcome: CollectOutcome
    sent: int


@pytest.fixture(scope="session")
def collected_once(server: tuple[SharedServer, str], tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """Collect and publish all days: tests that begin with collected days take a copy."""
    shared_server, base_url = server
    data_dir = tmp_path_factory.mktemp("collected") / "data"
    data_dir.mkdir()
    (data_dir / "study.yaml").write_text(STUDY)
    place = _place(shared_server, base_url, data_dir, "2026-11-20T12:00:00+00:00@1", None)
    outcome = collect_and_publish(place.settings, CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY)))
    return Collected(place, outcome, len(place.new_requests()))


@pytest.fixture
def collected(collected_once: Collected, server: tuple[SharedServer, str], tmp_path: Path) -> Place:
    """A copy of the collected data dir an hour later; its simulator has received no request."""
    data_dir = tmp_path / "collected" / "data"
    shutil.copytree(collected_once.place.settings.data_dir, data_dir)
    return _place(*server, data_dir, "2026-11-20T13:00:00+00:00@1", collected_once.place.simulator.world)


def _place(shared_server: SharedServer, base_url: str, data_dir: Path, clock_spec: str, world: World | None) -> Place:
    """A place on the session's server."""
    clock = clock_from(clock_spec)
    world = world or World.until_yesterday(clock.now(), seed=7, days=30, videos_per_day=150)
    simulator = Simulator(world, now=clock.now)
    shared_server.put_on(simulator)
    return Place(simulator, _settings(base_url, data_dir, clock), clock)


def _settings(base_url: str, data_dir: Path, clock: Clock) -> Settings:
    return Settings(
        api_base_url=base_url, client_key="sim-key", client_secret="sim-secret", data_dir=data_dir, clock=str(clock)
    )


def make_place(
    folder: Path, knobs: Knobs, *, rate: int = 1, clock: Clock | None = None, **world: Any
) -> Iterator[Place]:
    """A data dir in a folder with its own simulator; `rate` is that of the clock of both, unless `clock` is given."""
    clock = clock or clock_from(f"2026-11-20T12:00:00+00:00@{rate}")
    size: dict[str, Any] = {"seed": 7, "days": 30, "videos_per_day": 150} | world
    simulator = Simulator(World.until_yesterday(clock.now(), **size), knobs=knobs, now=clock.now)
    data_dir = folder / "data"
    data_dir.mkdir()
    (data_dir / "study.yaml").write_text(STUDY)
    with running(simulator) as base_url:
        yield Place(simulator, _settings(base_url, data_dir, clock), clock)
