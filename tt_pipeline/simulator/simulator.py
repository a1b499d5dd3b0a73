"""How do I start a simulator, and what does it know that a client cannot see?

`Simulator` has a world, knobs, a clock and the web application. `serve` serves it on 127.0.0.1 until a signal stops it;
`running` serves it in a thread while a `with` block runs. `request_handling.py` handles requests.
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette

from tt_pipeline.simulator.endpoints.oauth import ClientCredentials
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.request_handling import build_app
from tt_pipeline.simulator.state import LoggedRequest, SimClock, State, ValidationTask
from tt_pipeline.simulator.visibility import reachable_comments, shown_profile, slot_count, visible_videos
from tt_pipeline.simulator.world import World
from tt_pipeline.vocabulary import Bucket

DEFAULT_KNOBS = Knobs()
LOOPBACK = "127.0.0.1"


class Simulator:
    """The Research API of one invented world. `app` is the web application; all other members are for tests."""

    def __init__(
        self,
        world: World,
        *,
        now: Callable[[], datetime],
        knobs: Knobs = DEFAULT_KNOBS,
        client_key: str = "sim-key",
        client_secret: str = "sim-secret",  # noqa: S107 — not a secret
    ) -> None:
        self._state = State(world=world, clock=SimClock(now), knobs=knobs)
        self.app = build_app(self._state, ClientCredentials(client_key=client_key, client_secret=client_secret))

    @property
    def world(self) -> World:
        """All videos, comments and accounts that exist."""
        return self._state.world

    @property
    def clock(self) -> SimClock:
        """The clock that the API uses; tests may set and advance it."""
        return self._state.clock

    @property
    def knobs(self) -> Knobs:
        """The settings that the API uses now."""
        return self._state.knobs

    def change_knobs(self, **changes: Any) -> None:
        """Change some knobs from now on; scripted faults count their requests from 1 again.

        Raises:
            ValueError: No knob has that name.
        """
        self._state.use_knobs(self._state.knobs.changed(changes))

    @property
    def log(self) -> list[LoggedRequest]:
        """Every request so far, token requests included."""
        return self._state.log

    @property
    def tasks(self) -> Mapping[int, ValidationTask]:
        """Every file of ids that was uploaded for checking, by task."""
        return self._state.tasks

    def charged(self, bucket: Bucket = Bucket.MAIN) -> int:
        """Requests charged to a bucket on the current UTC day."""
        return self._state.quota.usage(bucket, self._state.today()).requests

    def truth_videos(self, query: dict[str, Any], first_day: date, last_day: date) -> list[int]:
        """The ids of all videos that a search can return now, highest first; `query` is the body's query object."""
        return [video.id for video in visible_videos(self._state, query, first_day, last_day)]

    def slots(self, query: dict[str, Any], first_day: date, last_day: date) -> int:
        """Number of slots of the search result, including hidden videos."""
        return slot_count(self._state, query, first_day, last_day)

    def truth_comments(self, video_id: int) -> list[int]:
        """The ids of the comments that pages can return for a video now, in page order."""
        return reachable_comments(self._state, video_id)

    def truth_user(self, username: str) -> dict[str, Any] | None:
        """The profile that user info returns for an account now; None when it answers with an error."""
        return shown_profile(self._state, username)

    def delete(
        self, *, video_id: int | None = None, comment_id: int | None = None, username: str | None = None
    ) -> None:
        """Delete a video, a comment or an account, from now on."""
        self._state.deletions.add(video_id=video_id, comment_id=comment_id, username=username)

    def restore(self, *, video_id: int | None = None, comment_id: int | None = None) -> None:
        """Show a deleted video or comment again, from now on."""
        self._state.deletions.take_back(video_id=video_id, comment_id=comment_id)


def serve(simulator: Simulator, *, port: int = 0, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; call `on_ready` with the base URL once requests are answered.

    After the end, the signal has the effect that the caller chose for it.

    Raises:
        KeyboardInterrupt: SIGINT came, or SIGTERM if the caller's handler raises this for it.
        OSError: The port is taken.
    """
    with _listener(port) as listener:
        server = _Server(simulator.app, on_ready=lambda: on_ready(_base_url(listener)))
        server.run(sockets=[listener])  # uvicorn raises the signal again after its shutdown


@contextmanager
def running(simulator: Simulator, port: int = 0) -> Iterator[str]:
    """Serve in a thread; the value of the `with` block is the base URL.

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
    """A server without log lines that calls `on_ready` when it accepts requests."""

    def __init__(self, app: Starlette, *, on_ready: Callable[[], None]) -> None:
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
