"""How do I start a simulator, and what does it know that a client cannot see?

`Simulator` has a world, knobs, a clock and the web application. `serve` serves it on 127.0.0.1 until a signal stops it;
`running` serves it in a thread while a `with` block runs. `request_handling.py` handles requests.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from tt_pipeline.loopback_server import running_app, serve_app
from tt_pipeline.simulator.endpoints.oauth import ClientCredentials
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.request_handling import build_app
from tt_pipeline.simulator.state import LoggedRequest, SimClock, State, ValidationTask
from tt_pipeline.simulator.visibility import reachable_comments, shown_profile, slot_count, visible_videos
from tt_pipeline.simulator.world import World
from tt_pipeline.vocabulary import Bucket

DEFAULT_KNOBS = Knobs()


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

    Raises:
        KeyboardInterrupt: See `serve_app`.
        OSError: The port is taken.
    """
    serve_app(simulator.app, port=port, on_ready=on_ready)


@contextmanager
def running(simulator: Simulator, port: int = 0) -> Iterator[str]:
    """Serve in a thread; the value of the `with` block is the base URL.

    Raises:
        OSError: The port is taken.
    """
    with running_app(simulator.app, port=port, name="simulator") as base_url:
        yield base_url
