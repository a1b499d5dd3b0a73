"""The UI and the daemon ask the code server every ten seconds whether it was replaced, instead of each second."""

import threading

import pytest
from dagster._grpc import server_watcher
from dagster._grpc.client import DagsterGrpcClient

from tt_pipeline.cli.code_server_watch import watch_less_often


class Event(threading.Event):
    """Is set after three waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def is_set(self) -> bool:
        """Whether to end."""
        return len(self.waits) == 3

    def wait(self, timeout: float | None = None) -> bool:
        """Remember how long."""
        self.waits.append(timeout)
        return self.is_set()


class Client(DagsterGrpcClient):
    """Of a code server that nobody replaces."""

    def get_server_id(self, timeout: int = 0) -> str:  # noqa: ARG002 — of Dagster
        """Always the same."""
        return "id"


def test_dagster_asks_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster has no option for it, and a later version may have another name: then this fails."""
    monkeypatch.setattr(server_watcher, "WATCH_INTERVAL", server_watcher.WATCH_INTERVAL)
    shutdown = Event()

    watch_less_often()
    server_watcher.watch_grpc_server_thread(
        "here",
        Client(port=9, host="127.0.0.1"),
        shutdown,
        get_location_entry=lambda _: None,
        refresh_code_location=lambda _: None,
        on_disconnect=lambda _: None,
        on_reconnected=lambda _: None,
        on_updated=lambda *_: None,
        on_error=lambda _: None,
    )

    assert shutdown.waits == [10, 10, 10]
