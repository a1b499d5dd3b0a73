"""For every test: no network but this machine, no settings of the developer, and a simulator on request."""

import gc
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import certifi
import pytest
from hypothesis import settings

from tt_pipeline.env_file import PREFIX
from tt_pipeline.file_modes import keep_private
from tt_pipeline.settings import network_variables
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline_tests.collection_lab import NOON, Lab, MakeLab
from tt_pipeline_tests.contract.shared_server import SharedServer, serve_shared
from tt_pipeline_tests.failing_disks import SyncedDisk
from tt_pipeline_tests.frozen_clock import FrozenClock

settings.register_profile("quick", max_examples=8, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile("quick")
"""`make unit` tries few examples of each law, the same ones each time; `make slow` tries many new ones."""


def pytest_collection_finish() -> None:
    """Let Python's garbage collector pass over what the imports made: it takes a quarter of a second each time."""
    gc.collect()
    gc.freeze()


class _StrangeAddress(AssertionError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any address but the loopback's fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise _StrangeAddress(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def own_clock() -> Iterator[None]:
    """A shifted clock that a test or fixture opens stands in the environment, and is gone before and after each test.

    Only child processes of the opener are to see it.
    """
    os.environ.pop("TT_CLOCK", None)
    yield
    os.environ.pop("TT_CLOCK", None)


@pytest.fixture(scope="session", autouse=True)
def clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The developer's TT_ variables, proxies, .env and list of projects reach neither a test nor a fixture."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        patch.delenv("DAGSTER_HOME", raising=False)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        for name in network_variables():
            patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("nowhere"))
        yield


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Variables set in a test end with it: commands such as `tt demo` set TT_STUDY for their own process."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session", autouse=True)
def private_files() -> None:
    """Files are created with the modes of our programs, also in tests that call inner functions."""
    keep_private()


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Loopback needs no certificates, and reading all of certifi's takes each new client 40 ms."""
    bundle = Path(certifi.where()).read_text(encoding="utf-8")
    (first, *_) = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", bundle, re.DOTALL)
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    file.write_text(first, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(file))
        yield


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SyncedDisk:
    """Tells what a power cut leaves of the files that are written from now on."""
    return SyncedDisk(monkeypatch)


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[SharedServer, str]]:
    """A server for the simulator of each test, and its base URL."""
    with serve_shared() as served:
        yield served


@cache
def _world() -> World:
    """A world that many tests share, because it never changes."""
    return World.until_yesterday(NOON, seed=7, days=30, videos_per_day=200)


@pytest.fixture
def make_lab(server: tuple[SharedServer, str], tmp_path: Path) -> MakeLab:
    """Builds a lab whose simulator has these knobs; the last lab is the one that is served."""
    shared_server, base_url = server

    @contextmanager
    def make(knobs: Knobs) -> Iterator[Lab]:
        clock = FrozenClock(NOON)
        simulator = Simulator(_world(), knobs=knobs, now=clock.now)
        shared_server.put_on(simulator)
        yield Lab(simulator, base_url, tmp_path, clock)

    return make


@pytest.fixture
def lab(make_lab: MakeLab) -> Iterator[Lab]:
    """A simulator without faults."""
    with make_lab(Knobs(rate_per_minute=10**6)) as made:
        yield made
