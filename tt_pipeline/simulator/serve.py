"""Serving on 127.0.0.1: until a signal, or in a thread for as long as a `with` block lasts."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn
from starlette.applications import Starlette

from tt_pipeline.simulator.simulator import Simulator

LOOPBACK = "127.0.0.1"


def serve(simulator: Simulator, *, port: int = 0, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` gets the base URL once requests are answered.

    Raises:
        OSError: The port is taken.
    """
    with _listener(port) as listener:
        server = _Server(simulator.app, on_ready=lambda: on_ready(_base_url(listener)))
        before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return  # uvicorn raises the signals again when it has shut down; being interrupted is how serving ends
        finally:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def running(simulator: Simulator, port: int = 0) -> Iterator[str]:
    """Serve in a thread; yields the base URL.

    Raises:
        OSError: The port is taken.
    """
    ready = Event()
    with _listener(port) as listener:
        server = _Server(simulator.app, on_ready=ready.set)
        thread = Thread(target=lambda: server.run(sockets=[listener]), name="simulator", daemon=True)
        thread.start()
        try:
            ready.wait()
            yield _base_url(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """A quiet server that says when it is ready."""

    def __init__(self, app: Starlette, *, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
            ),
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def _listener(port: int) -> socket.socket:
    listener = socket.create_server((LOOPBACK, port))
    # asyncio leaves Nagle on for sockets it did not open, which costs 40 ms an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _base_url(listener: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"
