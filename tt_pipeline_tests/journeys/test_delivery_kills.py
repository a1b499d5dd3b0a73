"""kill -9 while landed pages are loaded and published: analysts always find a complete file, and no row is lost."""

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tt_pipeline.ingestion.session import MOST_IN_FLIGHT
from tt_pipeline.reports.answers import query_published
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import running
from tt_pipeline.warehouse import is_unusable
from tt_pipeline_tests.journeys.children import (
    FIRST_DAY,
    Rows,
    SharedClock,
    begin,
    collect_all,
    deliver,
    differences,
    export,
    make_simulator,
    rebuild,
    requests_of,
    settings_of,
    settle_in,
    start_act,
    start_delivery,
    tables,
)

pytestmark = pytest.mark.journey

STATED = "select videos, comments, users, loads from ops.publish_info"
COUNTED = """
select
  (select count(*) from core.videos) as videos,
  (select count(*) from core.comments) as comments,
  (select count(*) from core.users) as users,
  (select count(*) from ops.loads) as loads
"""


@dataclass(frozen=True)
class Delivery:
    """A data dir with a published first day, in which everything has landed.

    Attributes:
        before: The published tables.
        after: The tables of the next publication.
        seconds: The duration of an undisturbed delivery.
    """

    settings: Settings
    clock: SharedClock
    before: dict[str, Rows]
    after: dict[str, Rows]
    seconds: float

    def copy(self, data_dir: Path) -> Settings:
        """A copy of the data dir."""
        shutil.copytree(self.settings.data_dir, data_dir)
        return settings_of(data_dir, self.settings.api_base_url, self.clock)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivery]:
    """The data dir, collected once."""
    clock, folder = SharedClock(rate=1), tmp_path_factory.mktemp("delivery")
    with running(make_simulator(clock, videos_per_day=60)) as base_url:
        settings = settle_in(folder / "data", base_url, clock)
        collect_all(settings, "first", last=FIRST_DAY)
        deliver(settings)
        before = tables(settings)
        collect_all(settings, "second")
        whole = Delivery(settings, clock, before, {}, 0).copy(folder / "whole")
        begun = time.monotonic()
        start_delivery(whole).join()
        yield Delivery(settings, clock, before, tables(whole), time.monotonic() - begun)


def kill_deliveries(delivery: Delivery, data_dir: Path, random: Random, *, kills: int) -> set[str]:
    """Kill so many deliveries; returns which publications were found after each.

    The first kill comes when the delivery writes, the last one when it has published, the others at random instants.
    """
    settings, found = delivery.copy(data_dir), set()
    for number in range(1, kills + 1):
        watched = {1: settings.files.writer.parent, kills: settings.files.published}.get(number)
        seen = watched and _state(watched)
        process = start_delivery(settings)
        if watched is None:
            time.sleep(random.random() * delivery.seconds)
        while watched is not None and process.is_alive() and _state(watched) == seen:
            time.sleep(0.001)
        process.kill()
        process.join()
        found.add(published(settings, delivery))
    deliver(settings)
    assert published(settings, delivery) == "after"
    return found


def _state(path: Path) -> object:
    """Differs after a file has been replaced, or after a folder has got, changed or lost one."""
    if path.is_file():
        return path.stat().st_ino
    with contextlib.suppress(FileNotFoundError):
        return {each.name: (each.stat().st_size, each.stat().st_mtime_ns) for each in path.iterdir()}
    return None


def published(settings: Settings, delivery: Delivery) -> str:
    """The name of the publication that analysts find; fails if the file is a mixture."""
    stated, counted = (query_published(settings.files.published, sql).to_dicts() for sql in (STATED, COUNTED))
    assert stated == counted
    stored = tables(settings)
    states = {"before": delivery.before, "after": delivery.after}
    (state,) = [name for name, expected in states.items() if not differences(stored, expected)]
    return state


def test_a_killed_delivery_leaves_a_whole_file(delivery: Delivery, tmp_path: Path) -> None:
    """The published file is the old or the new one after each kill; the next delivery publishes the new one."""
    kill_deliveries(delivery, tmp_path / "data", Random(4), kills=3)  # noqa: S311 — repeatable


@pytest.mark.slow
def test_twenty_killed_rebuilds_and_exports_leave_whole_files(delivery: Delivery, tmp_path: Path) -> None:
    """The warehouse is the old or the new one, each command can be repeated, and an export is complete."""
    random, settings = Random(20), delivery.copy(tmp_path / "data")  # noqa: S311 — repeatable
    deliver(settings)
    for act in (rebuild, export):
        seconds = _seconds(act, settings)
        shutil.rmtree(settings.files.exports, ignore_errors=True)
        for _ in range(20):
            process = start_act(act, settings)
            time.sleep(random.random() * seconds)
            process.kill()
            process.join()
            assert published(settings, delivery) == "after"
            for folder in settings.files.exports.glob("[!.]*"):
                assert _is_whole(folder)
                shutil.rmtree(folder)
        act(settings)
        assert published(settings, delivery) == "after"
    assert _is_whole(settings.files.exports / "marts")
    assert not is_unusable(settings.files.writer)


def _seconds(act: Callable[[Settings], None], settings: Settings) -> float:
    """The duration of an undisturbed process."""
    begun = time.monotonic()
    start_act(act, settings).join()
    return time.monotonic() - begun


def _is_whole(folder: Path) -> bool:
    """Whether an export has every file that it lists."""
    package = json.loads((folder / "datapackage.json").read_text())
    return bool(package["resources"]) and all((folder / each["path"]).exists() for each in package["resources"])


@pytest.mark.slow
def test_twenty_first_starts_that_are_killed_cost_nothing(tmp_path: Path) -> None:
    """A data dir killed during its first start opens again, and ends as an undisturbed one."""
    clock, random = SharedClock(rate=1), Random(21)  # noqa: S311 — repeatable
    simulator = make_simulator(clock, videos_per_day=20)
    with running(simulator) as base_url:
        whole = settle_in(tmp_path / "whole", base_url, clock)
        begin(whole)
        needed, seconds = len(requests_of(simulator)), _seconds(begin, settle_in(tmp_path / "timed", base_url, clock))
        for number in range(20):
            settings, sent = settle_in(tmp_path / f"{number}", base_url, clock), len(requests_of(simulator))
            process = start_act(begin, settings)
            time.sleep(random.random() ** 2 * seconds)
            process.kill()
            process.join()

            begin(settings)

            assert differences(tables(settings), tables(whole)) == {}
            assert len(requests_of(simulator)) - sent <= needed + MOST_IN_FLIGHT


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_killed_deliveries_leave_whole_files(delivery: Delivery, tmp_path: Path, seed: int) -> None:
    """Each of twenty data dirs is killed five times; both publications are found each time."""
    random = Random(seed)  # noqa: S311 — repeatable
    found = [kill_deliveries(delivery, tmp_path / f"{number}", random, kills=5) for number in range(5)]

    assert set.union(*found) == {"before", "after"}
