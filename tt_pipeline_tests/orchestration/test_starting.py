"""Processes that open the Dagster instance of a new data dir at once create its storage one after another."""

import multiprocessing
import sqlite3
import subprocess
import sys
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.orchestration import instance as instance_module
from tt_pipeline.orchestration.instance import open_instance, starting
from tt_pipeline.safe_files import lease


def opens(root: Path, together: Barrier) -> None:
    """A process that opens the instance at the same time as the others."""
    together.wait(60)
    with open_instance(DataDir(root)) as instance:
        assert instance.get_runs_count() == 0


def heads(files: DataDir) -> dict[str, int]:
    """The number of versions in each database of the storage; a sound database has one."""
    counted = {}
    for file in sorted(files.dagster.rglob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            ((counted[file.name],),) = connection.execute("select count(*) from alembic_version").fetchall()
    return counted


def three_at_once(root: Path) -> None:
    """Open the instance of a new data dir in three processes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    together = context.Barrier(3)
    processes = [context.Process(target=opens, args=(root, together)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert heads(DataDir(root)) == {"index.db": 1, "runs.db": 1, "schedules.db": 1}


@pytest.mark.journey
def test_three_at_once_create_one_storage(tmp_path: Path) -> None:
    """Without the lock, Dagster's storage got two versions in three of four tries."""
    three_at_once(tmp_path / "data")


@pytest.mark.slow
def test_twenty_times_three_at_once(tmp_path: Path) -> None:
    """A race does not occur in each try."""
    for number in range(20):
        three_at_once(tmp_path / f"{number}")


def test_a_process_that_hangs_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a minute the other processes continue and log a message."""
    monkeypatch.setattr(instance_module, "_LONGEST_START_S", 0)
    files = DataDir(tmp_path / "data")
    with lease(files.internal / "starting.lock"), starting(files):
        pass

    assert "another process has been starting" in caplog.text


def test_a_killed_start_leaves_a_lock_that_is_free(tmp_path: Path) -> None:
    """The kernel releases the lock, so the next process does not wait."""
    files = DataDir(tmp_path / "data")
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom tt_pipeline.safe_files import lease\n"
        "with lease(Path(sys.argv[1])):\n    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(files.internal / "starting.lock")], check=False)
    with lease(files.internal / "starting.lock"):
        assert (files.internal / "starting.lock").exists()
