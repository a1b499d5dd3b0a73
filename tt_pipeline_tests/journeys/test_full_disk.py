"""A full disk and a read-only folder, for real: each is named, and no row is lost, doubled or damaged.

They need a separate mount namespace (Linux, root or user namespaces); elsewhere these tests are skipped.
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
    """The mount point."""
    if not can_mount(tmp_path):
        pytest.skip("needs a mount namespace")
    return tmp_path


@pytest.fixture
def base_url() -> Iterator[str]:
    """The URL of a simulator."""
    with running(make_simulator(SharedClock(rate=1), videos_per_day=60)) as url:
        yield url


def inside(mount: str, scenario: str, folder: Path, base_url: str) -> dict[str, Any]:
    """The result of a scenario of `full_disk`, run over its own mount."""
    program = (
        f'{mount} "$0" && exec "{sys.executable}" -m tt_pipeline_tests.journeys.full_disk {scenario} "$0" {base_url}'
    )
    done = subprocess.run([*UNSHARE, "sh", "-c", program, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.slow
def test_a_full_disk_loses_and_doubles_nothing(
    folder: Path, base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At each level the error names what had no room, and the published file stays; with room it is complete."""
    undisturbed = settle_in(tmp_path_factory.mktemp("undisturbed") / "data", base_url, SharedClock(rate=1))
    collect_all(undisturbed, "run")
    deliver(undisturbed)

    result = inside(DISK, "fill", folder, base_url)

    assert {"Packing", "Using"} <= {*result["collecting"]}, result["collecting"]
    assert {"Writing the warehouse", "Publishing"} <= {*result["delivering"]}, result["delivering"]
    assert (result["is_same"], result["repeated"]) == (True, 0)
    assert result["digest"] == digest(undisturbed)


@pytest.mark.slow
def test_a_disk_that_is_full_at_the_first_start(
    folder: Path, base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At each of twenty levels the error names what had no room; with room the data dir completes."""
    undisturbed = settle_in(tmp_path_factory.mktemp("undisturbed") / "data", base_url, SharedClock(rate=1))
    collect_all(undisturbed, "run")
    deliver(undisturbed)

    result = inside(DISK, "first_starts", folder, base_url)

    assert len(result["failed"]) >= 12, result["failed"]
    assert "Writing the warehouse" in result["failed"], result["failed"]
    assert (result["digests"], result["repeated"]) == ([digest(undisturbed)], 0)


def test_a_read_only_folder(folder: Path, base_url: str) -> None:
    """Collecting and loading fail with that reason, and analysts still read the published file."""
    settings = settle_in(folder / "data", base_url, SharedClock(rate=1))
    collect_all(settings, "run")
    deliver(settings)

    result = inside(READ_ONLY, "read_only", folder, base_url)

    assert result["problems"] == ["Read-only file system"] * 2
    assert result["videos"] > 0
