"""The UI and the daemon ask the code server every ten seconds whether it was replaced, instead of each second."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from dagster._grpc import server_watcher

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


def test_dagster_asks_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster has no option for it, and a later version may have another name: then this fails."""
    monkeypatch.setattr(server_watcher, "WATCH_INTERVAL", server_watcher.WATCH_INTERVAL)
    client: Any = SimpleNamespace(get_server_id=lambda timeout: f"{bool(timeout)}")
    shutdown = Event()

    watch_less_often()
    server_watcher.watch_grpc_server_thread(
        "here",
        client,
        shutdown,
        get_location_entry=lambda _: None,
        refresh_code_location=lambda _: None,
        on_disconnect=lambda _: None,
        on_reconnected=lambda _: None,
        on_updated=lambda *_: None,
        on_error=lambda _: None,
    )

    assert shutdown.waits == [10, 10, 10]
