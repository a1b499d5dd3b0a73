"""What every test gets: no network but this machine, no settings but its own."""

import socket
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.settings import Settings


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
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The developer's TT_ variables and .env do not reach a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TT_{name}".upper(), raising=False)
    monkeypatch.chdir(tmp_path)
