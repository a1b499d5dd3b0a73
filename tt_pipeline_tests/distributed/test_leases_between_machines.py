"""A lease in Postgres belongs to one process at a time, ends with its holder, and cannot be used after it was lost."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from threading import Thread

import dagster as dg
import pytest

from tt_pipeline import leases as leases_module
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import CollectionRuns, LeaseLost
from tt_pipeline.landing import LandingZone
from tt_pipeline.leases import PostgresLeases, leases_of, leases_of_process
from tt_pipeline.orchestration import instance as instance_module
from tt_pipeline.orchestration.instance import end_dead_runs, show_alive
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import FINGERPRINT
from tt_pipeline_tests.distributed.postgres_server import PostgresServer

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
TAKES_TURNS = """
import sys
from pathlib import Path
from tt_pipeline.leases import PostgresLeases
from tt_pipeline.postgres import PostgresUrl
leases, counter = PostgresLeases(PostgresUrl(sys.argv[1])), Path(sys.argv[2])
for _ in range(10):
    with leases.held("counter"):
        counter.write_text(str(int(counter.read_text()) + 1))
leases.close()
"""
COLLECTS = """
import sys
from pathlib import Path
from tt_pipeline import leases
from tt_pipeline.errors import LeaseLost
from tt_pipeline.landing import LandingZone
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video
leases._LASTS_S, leases._RENEWED_EVERY_S = 2.0, 0.5
with leases.leases_of(PostgresUrl(sys.argv[1])) as held, LandingZone(Path(sys.argv[2]), leases=held) as zone:
    folder = ("videos", "climate", FINGERPRINT[:8])
    with zone.lease(*folder), zone.writing("/".join((*folder, "2026-10-01_2026-10-03.look-1"))) as file:
        file.append(envelope(video(1), request={"cursor": 0}, has_more=True, ends=None))
        print("holds", flush=True)
        sys.stdin.readline()
        try:
            file.append(envelope(video(2), request={"cursor": 1}, ends="complete"))
        except LeaseLost:
            print("lost", flush=True)
        else:
            print("written", flush=True)
"""


@pytest.fixture
def held(url: PostgresUrl, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresLeases]:
    """Leases of this process, which last two seconds."""
    monkeypatch.setattr(leases_module, "_LASTS_S", 2.0)
    monkeypatch.setattr(leases_module, "_RENEWED_EVERY_S", 0.5)
    leases = PostgresLeases(url)
    yield leases
    leases.close()


@contextmanager
def collecting(url: PostgresUrl, landing: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has a lease, has added a page, and adds another one when it gets a line."""
    command = [sys.executable, "-c", COLLECTS, url.url, str(landing)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "holds\n"
        yield process


def test_processes_take_turns(url: PostgresUrl, tmp_path: Path) -> None:
    """Eight processes that each add ten to a number, one by one, add eighty."""
    (tmp_path / "counter").write_text("0")
    command = [sys.executable, "-c", TAKES_TURNS, url.url, str(tmp_path / "counter")]
    processes = [subprocess.Popen(command) for _ in range(8)]

    assert [process.wait(timeout=300) for process in processes] == [0] * 8
    assert (tmp_path / "counter").read_text() == "80"


def test_a_lease_is_renewed_while_its_holder_works(held: PostgresLeases, url: PostgresUrl) -> None:
    """It outlives its two seconds, and is free at once when its holder is done."""
    with leases_of(url) as others:
        with held.held("a") as lease:
            time.sleep(4)
            lease.confirm()
            with others.held_if_free("a") as refused:
                assert refused is None
        with others.held_if_free("a") as taken:
            assert taken is not None


def test_shared_leases_exclude_only_who_wants_to_be_alone(held: PostgresLeases, url: PostgresUrl) -> None:
    """As collections and a deletion do."""
    with leases_of(url) as others, held.held("all", is_alone=False):
        with others.held("all", is_alone=False), held.held_if_free("all") as refused:
            assert refused is None
        with others.held_if_free("another") as taken:
            assert taken is not None
    with held.held_if_free("all") as taken:
        assert taken is not None


def test_a_killed_holder_keeps_nobody_waiting_for_long(held: PostgresLeases, url: PostgresUrl, tmp_path: Path) -> None:
    """Another machine goes on when the lease has ended by itself."""
    with LandingZone(tmp_path / "a") as zone:
        identity = zone.identity
    with collecting(url, tmp_path / "a") as process:
        process.kill()

    started = time.monotonic()
    with held.held(f"{identity}/videos/climate/{FINGERPRINT[:8]}"):
        assert time.monotonic() - started < 10


def test_a_paused_holder_writes_nothing_after_it_lost_its_lease(
    held: PostgresLeases, url: PostgresUrl, tmp_path: Path
) -> None:
    """Another machine has gone on meanwhile; the page that the paused process wants to add stays out of its file."""
    with LandingZone(tmp_path / "a") as zone:
        identity = zone.identity
    with collecting(url, tmp_path / "a") as process:
        process.send_signal(signal.SIGSTOP)
        with held.held(f"{identity}/videos/climate/{FINGERPRINT[:8]}"):
            process.send_signal(signal.SIGCONT)
            output, _ = process.communicate("go on\n", timeout=60)

    assert output == "lost\n"
    with LandingZone(tmp_path / "a") as zone:
        (location,) = zone.inventory.locations()
        assert len(list(location.envelopes())) == 1


def test_a_lease_outlives_its_server(held: PostgresLeases, server: PostgresServer) -> None:
    """A server that is back before the lease ends has it still."""
    with held.held("a") as lease:
        server.kill()
        Thread(target=server.start).start()
        with suppress(LeaseLost):  # the start may take longer than two seconds
            lease.confirm()
        assert held.is_held("b") is False


def test_a_run_on_another_machine_is_alive(
    held: PostgresLeases, url: PostgresUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock file is not here, but its lease is in the database; without both it has died."""
    monkeypatch.setattr(instance_module, "_LONGEST_WITHOUT_LOCK", timedelta(0))
    here, there = DataDir(tmp_path / "here"), DataDir(tmp_path / "there")
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.add_run(dg.DagsterRun(job_name="collect", status=dg.DagsterRunStatus.STARTED))
        show_alive(there, run.run_id, leases=held)
        end_dead_runs(instance, here, leases_of_process(url))
        (alive,) = instance.get_runs()
        held.close()
        time.sleep(3)
        end_dead_runs(instance, here, leases_of_process(url))
        (dead,) = instance.get_runs()
    assert (alive.status, dead.status) == (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE)


def test_one_machine_deletes_while_no_other_collects(held: PostgresLeases, url: PostgresUrl, tmp_path: Path) -> None:
    """Two landing folders of one identity are on two machines; each respects the other's lease."""
    with LandingZone(tmp_path / "a"):
        pass
    copytree(tmp_path / "a", tmp_path / "b")
    with (
        leases_of(url) as others,
        LandingZone(tmp_path / "a", leases=held) as a,
        LandingZone(tmp_path / "b", leases=others) as b,
    ):
        with a.lease(Dataset.USERS), pytest.raises(CollectionRuns), b.all_leases():
            pass
        with b.all_leases():
            pass
