"""A web server on 127.0.0.1 for the simulator and `tt browse`: it writes no log lines and ends with a signal."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import uvicorn
from starlette.types import ASGIApp

LOOPBACK: Final = "127.0.0.1"


def serve_app(app: ASGIApp, *, port: int = 0, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `on_ready` with the base URL once requests are answered.

    After the end, the signal has the effect that the caller chose for it.

    Raises:
        KeyboardInterrupt: SIGINT came, or SIGTERM if the caller's handler raises this for it.
        OSError: The port is taken.
    """
    with _listener(port) as listener:
        server = _Server(app, on_ready=lambda: on_ready(_base_url(listener)))
        server.run(sockets=[listener])  # uvicorn raises the signal again after its shutdown


@contextmanager
def running_app(app: ASGIApp, *, port: int = 0, name: str) -> Iterator[str]:
    """Serve in a thread of that name; the value of the `with` block is the base URL.

    Raises:
        OSError: The port is taken.
    """
    ready = Event()
    with _listener(port) as listener:
        server = _Server(app, on_ready=ready.set)
        thread = Thread(target=lambda: server.run(sockets=[listener]), name=name, daemon=True)
        thread.start()
        try:
            ready.wait()
            yield _base_url(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """A server without log lines that calls `on_ready` when it accepts requests."""

    def __init__(self, app: ASGIApp, *, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_keep_alive=75,  # longer than clients keep a connection (httpx: 5 s), or a request may be lost
                timeout_graceful_shutdown=1,
            ),
        )
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def _listener(port: int) -> socket.socket:
    listener = socket.create_server((LOOPBACK, port))
    # asyncio does not set TCP_NODELAY on sockets that it did not open; without it, each response takes 40 ms more.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _base_url(listener: socket.socket) -> str:
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"
