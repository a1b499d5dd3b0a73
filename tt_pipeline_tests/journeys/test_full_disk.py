"""A disk that is full and a folder that is read-only, for real: each is named, and nothing is lost, doubled or spoiled.

They need a mount namespace of one's own (Linux, root or user namespaces); elsewhere these tests are skipped.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.simulator import running
from tt_pipeline_tests.journeys.children import SharedClock, collect_all, deliver, make_simulator, settle_in
from tt_pipeline_tests.journeys.full_disk import digest
from tt_pipeline_tests.journeys.mounts import DISK, READ_ONLY, UNSHARE, can_mount

pytestmark = pytest.mark.journey


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where something is mounted."""
    if not can_mount(tmp_path):
        pytest.skip("needs a mount namespace")
    return tmp_path


@pytest.fixture
def base_url() -> Iterator[str]:
    """A simulator."""
    with running(make_simulator(SharedClock(rate=1), videos_per_day=60)) as url:
        yield url


def inside(mount: str, scenario: str, folder: Path, base_url: str) -> dict[str, Any]:
    """What a scenario of `full_disk` tells, run over a mount of its own."""
    program = (
        f'{mount} "$0" && exec "{sys.executable}" -m tt_pipeline_tests.journeys.full_disk {scenario} "$0" {base_url}'
    )
    done = subprocess.run([*UNSHARE, "sh", "-c", program, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.slow
def test_a_full_disk_loses_and_doubles_nothing(
    folder: Path, base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the disk has no room for next, the error names it, the published file stays; with room it is whole."""
    undisturbed = settle_in(tmp_path_factory.mktemp("undisturbed") / "data", base_url, SharedClock(rate=1))
    collect_all(undisturbed, "run")
    deliver(undisturbed)

    told = inside(DISK, "fill", folder, base_url)

    assert {"Packing", "Using"} <= {*told["collecting"]}, told["collecting"]
    assert {"Writing the warehouse", "Publishing"} <= {*told["delivering"]}, told["delivering"]
    assert (told["is_same"], told["repeated"]) == (True, 0)
    assert told["digest"] == digest(undisturbed)


@pytest.mark.slow
def test_a_disk_that_is_full_at_the_first_start(
    folder: Path, base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At each of twenty levels the error names what had no room, and with room the same data dir ends complete."""
    undisturbed = settle_in(tmp_path_factory.mktemp("undisturbed") / "data", base_url, SharedClock(rate=1))
    collect_all(undisturbed, "run")
    deliver(undisturbed)

    told = inside(DISK, "first_starts", folder, base_url)

    assert len(told["told"]) >= 12, told["told"]
    assert "Writing the warehouse" in told["told"], told["told"]
    assert (told["digests"], told["repeated"]) == ([digest(undisturbed)], 0)


def test_a_read_only_folder(folder: Path, base_url: str) -> None:
    """Nothing can be collected nor loaded, which is named, and analysts still read what was published."""
    settings = settle_in(folder / "data", base_url, SharedClock(rate=1))
    collect_all(settings, "run")
    deliver(settings)

    told = inside(READ_ONLY, "read_only", folder, base_url)

    assert told["told"] == ["Read-only file system"] * 2
    assert told["videos"] > 0
