"""A run is dead exactly if its process has ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.orchestration import instance as instance_module
from tt_pipeline.orchestration.instance import end_dead_runs, show_alive
from tt_pipeline.orchestration.names import COLLECT

_KEEPS_A_LOCK = """
import sys
from pathlib import Path
from tt_pipeline.safe_files import keep_lease
keep_lease(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> dg.DagsterInstance:
    """A real instance on disk; making one takes seconds."""
    return dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster")))


@pytest.fixture
def files(tmp_path: Path) -> DataDir:
    """A new data dir."""
    return DataDir(tmp_path / "data")


def run(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED, **tags: str
) -> dg.DagsterRun:
    """A run that is started for Dagster."""
    return instance.add_run(dg.DagsterRun(job_name=COLLECT, status=status, tags=tags))


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    """The stored status."""
    (found,) = instance.get_runs(dg.RunsFilter(run_ids=[run.run_id]))
    return found.status


def lock_of(files: DataDir, run: dg.DagsterRun) -> Path:
    """The lock file of a run."""
    return files.internal / "alive" / run.run_id


@contextmanager
def process_of(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that executes a run."""
    command = [sys.executable, "-c", _KEEPS_A_LOCK, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_run_dies_with_its_process(instance: dg.DagsterInstance, files: DataDir) -> None:
    """While the process works the run stays alive after any number of checks; after kill -9 it has failed."""
    working = run(instance)
    with process_of(lock_of(files, working)) as process:
        end_dead_runs(instance, files)
        end_dead_runs(instance, files)
        before = status_of(instance, working)
        process.kill()
        process.wait()
        end_dead_runs(instance, files)

    assert (before, status_of(instance, working)) == (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE)
    end_dead_runs(instance, files)
    assert not lock_of(files, working).exists()


def test_a_run_of_this_process_is_alive(instance: dg.DagsterInstance, files: DataDir) -> None:
    """It is alive until its last event, which Dagster records after its resources are closed."""
    own = run(instance)
    show_alive(files, own.run_id)
    end_dead_runs(instance, files)

    assert status_of(instance, own) is dg.DagsterRunStatus.STARTED
    instance.report_run_canceled(own)


def test_a_retry_does_not_inherit_a_death(instance: dg.DagsterInstance, files: DataDir) -> None:
    """Dagster copies tags to a retry; the lock of an ended process in them does not make the retry dead."""
    retried = run(instance, **{"tt/alive": "123-abcdef"})  # type: ignore[arg-type]  # a tag, not a status
    with process_of(lock_of(files, retried)):
        end_dead_runs(instance, files)

        assert status_of(instance, retried) is dg.DagsterRunStatus.STARTED
    instance.report_run_canceled(retried)


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_a_run_that_begins_has_time_to_take_its_lock(
    instance: dg.DagsterInstance, files: DataDir, monkeypatch: pytest.MonkeyPatch, status: dg.DagsterRunStatus
) -> None:
    """A process that dies before its first step leaves no lock, so the run gets five minutes."""
    begun = run(instance, status)
    end_dead_runs(instance, files)
    before = status_of(instance, begun)
    monkeypatch.setattr(instance_module, "_LONGEST_WITHOUT_LOCK", timedelta(0))
    end_dead_runs(instance, files)

    assert (before, status_of(instance, begun)) == (status, dg.DagsterRunStatus.FAILURE)


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
)
def test_runs_that_have_ended_are_left_alone(
    instance: dg.DagsterInstance, files: DataDir, status: dg.DagsterRunStatus
) -> None:
    """Only their lock files, which no process has locked, are deleted."""
    other = run(instance, status)
    lock = lock_of(files, other)
    lock.parent.mkdir(parents=True)
    lock.touch()
    end_dead_runs(instance, files)

    assert (status_of(instance, other), lock.exists()) == (status, False)
    instance.delete_run(other.run_id)
