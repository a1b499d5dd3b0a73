"""Thirty days of two minutes under `tt up`: what goes wrong is told once, and once that it is well again."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest

from tt_pipeline.clock import Clock, clock_from
from tt_pipeline.coverage import due, open_workspace
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.orchestration import look_for_troubles, open_instance
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline_tests.builders import free_port
from tt_pipeline_tests.journeys.daemon import served

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.daemon]

FIRST_DAY = date(2026, 11, 20)
RATE = 720
"""A day in two minutes, and six runs in each."""
STUDY = f"""\
study: Thirty days
start: {FIRST_DAY - timedelta(days=5)}
end: {FIRST_DAY + timedelta(days=24)}
searches:
  large: {{regions: [US, DE, BR]}}
  football: {{hashtags: [football, fussball]}}
looks: [3]
comments: {{after_days: 4, min_comments: 5}}
users: false
alerts: {{on: [publication_failed, silent_day, disk_low]}}
quota: {{requests_per_day: 400, requests_per_second: 50, confirm_above: 1000000}}
"""
TELL = """\
import sys
with open({told!r}, "a", encoding="utf-8") as file:
    file.write(sys.stdin.read() + "\\n")
"""


@dataclass
class House:
    """A data dir on a small disk, a simulator that can be taken off the net, and their clock."""

    folder: Path
    clock: Clock
    simulator: Simulator
    port: int = field(default_factory=free_port)
    _net: ExitStack = field(default_factory=ExitStack)

    @property
    def data(self) -> Path:
        """The data dir, on the small disk."""
        return self.folder / "disk" / "data"

    @property
    def settings(self) -> Settings:
        """The settings of a process."""
        return Settings(
            api_base_url=f"http://127.0.0.1:{self.port}",
            client_key="sim-key",
            client_secret="sim-secret",
            data_dir=self.data,
            clock=str(self.clock),
            alert_command=f"{sys.executable} {self.folder / 'tell.py'}",
        )

    def connect(self) -> None:
        """Let the simulator be reached."""
        self._net.enter_context(running(self.simulator, self.port))

    def disconnect(self) -> None:
        """A day without network."""
        self._net.close()

    def edit(self, old: str, new: str) -> None:
        """Save the study as an editor does."""
        text = self.settings.study_file.read_text()
        assert old in text
        self.settings.study_file.write_text(text.replace(old, new))

    def fill_disk(self) -> None:
        """Leave a megabyte."""
        ballast = self.folder / "disk" / "ballast"
        with ballast.open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 1_000_000)
                    file.flush()
            except OSError:
                pass
        with ballast.open("r+b") as file:
            file.truncate(ballast.stat().st_size - 1_000_000)

    def empty_disk(self) -> None:
        """There is room again."""
        (self.folder / "disk" / "ballast").unlink()

    def block_publication(self) -> None:
        """Put a folder where the published file belongs."""
        published = self.settings.files.published
        published.rename(self.folder / "disk" / "published-before")
        (published / "in the way").mkdir(parents=True)

    def free_publication(self) -> None:
        """Take the folder away."""
        (self.settings.files.published / "in the way").rmdir()
        self.settings.files.published.rmdir()

    def is_silent(self) -> None:
        """From now on the API returns nothing for a day that becomes due tomorrow: nobody has collected it yet."""
        day = f"{self.clock.now().date() - timedelta(days=2)}"
        fault = {"kind": "empty", "endpoint": "video_query", "dates": [day]}
        self.simulator.change_knobs(faults=(fault,))

    def speaks(self) -> None:
        """It returns everything."""
        self.simulator.change_knobs(faults=())

    def is_past(self, day: int) -> bool:
        """Whether it is two in the afternoon of a day; troubles are looked for as the sensor does.

        Its ten minutes are five days here.
        """
        look_for_troubles(self.settings)
        return self.clock.now() >= datetime.combine(FIRST_DAY + timedelta(days=day), time(14), UTC)

    def has_told(self, kind: str, times: int) -> bool:
        """Whether a trouble was told so often."""
        return self.told()[kind, False] >= times

    def told(self) -> Counter[tuple[str, bool]]:
        """How often each alert came, and how often it was over."""
        lines = (self.folder / "told.ndjson").read_text(encoding="utf-8").splitlines()
        return Counter((each["alert"], each["is_over"]) for each in map(json.loads, lines))

    def statuses(self) -> dict[str, Counter[SearchStatus]]:
        """The statuses of the days of each search."""
        with open_workspace(self.settings) as workspace:
            coverage = workspace.coverage()
            days = days_between(workspace.study.first_day, workspace.study.last_day or FIRST_DAY)
            return {
                search.name: Counter(day.status for day in coverage.searches.days(search, days))
                for search in workspace.study.searches
            }

    def is_nothing_due(self) -> bool:
        """Whether all work that is due is done."""
        with open_workspace(self.settings) as workspace:
            return not due(workspace.coverage())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A small disk and a world of two months."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2g", "none", f"{disk}"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here, so no disk can be full")
    (tmp_path / "tell.py").write_text(TELL.format(told=f"{tmp_path / 'told.ndjson'}"))
    (tmp_path / "told.ndjson").touch()
    clock = clock_from(f"{FIRST_DAY}T06:00:00+00:00@{RATE}")
    world = World(last_day=FIRST_DAY + timedelta(days=60), seed=7, days=90, videos_per_day=60)
    house = House(tmp_path, clock, Simulator(world, knobs=Knobs(quota_main=400), now=clock.now))
    house.data.mkdir()
    house.settings.study_file.write_text(STUDY)
    house.connect()
    try:
        yield house
    finally:
        house.disconnect()
        subprocess.run(["umount", "--lazy", f"{disk}"], check=False)


def test_each_trouble_is_told_once_and_everything_is_complete(house: House) -> None:
    """A study edited twice, a silent day, a full disk, a failed publication and a day without network."""
    plan: dict[int, Callable[[], None]] = {
        3: lambda: house.edit("looks:", "  cats: {hashtags: [cat, katze]}\nlooks:"),
        6: house.is_silent,
        9: house.speaks,
        11: house.fill_disk,
        13: house.empty_disk,
        16: house.block_publication,
        18: house.free_publication,
        20: house.disconnect,
        21: house.connect,
        23: lambda: house.edit("[football, fussball]", "[football, fussball, soccer]"),
    }
    # On a slow machine a trouble lasts until it was noticed; otherwise it could be over before anybody looks.
    noticed = {9: ("silent_day", 1), 13: ("disk_low", 1), 18: ("publication_failed", 2)}
    with served(house.settings.as_environment(), house.folder / "up.log") as daemon:
        for day, act in plan.items():
            assert daemon.until(partial(house.is_past, day), within_s=3_600)
            if day in noticed:
                assert daemon.until(partial(house.has_told, *noticed[day]), within_s=3_600)
            act()
        assert daemon.until(partial(house.is_past, 30), within_s=3_600)
        assert daemon.until(lambda: house.is_nothing_due() and daemon.is_idle(), within_s=1_200)
        ticks = daemon.failed_ticks()

    names = ("large", "football", "cats")
    assert house.statuses() == {name: Counter({SearchStatus.COMPLETE: 30}) for name in names}
    # A full disk keeps the warehouse from being published too.
    expected = {"silent_day": 1, "disk_low": 1, "publication_failed": 2}
    assert house.told() == Counter({(kind, over): times for kind, times in expected.items() for over in (False, True)})
    assert ticks == []
    with open_instance(house.settings.files) as instance:
        assert instance.get_runs_count() > 60  # each day was collected and published by runs
