"""The simulator as a value: a world, knobs and a clock behind one web application, and the truth about all of it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tt_pipeline.simulator import truth
from tt_pipeline.simulator.app import build_app
from tt_pipeline.simulator.clock import SimClock
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.oauth import ClientCredentials
from tt_pipeline.simulator.state import LoggedRequest, State
from tt_pipeline.simulator.world import World
from tt_pipeline.vocabulary import Bucket

DEFAULT_KNOBS = Knobs()


class Simulator:
    """The Research API of one invented world; `app` serves it, the rest is for tests and the curious."""

    def __init__(
        self,
        world: World,
        *,
        now: Callable[[], datetime],
        knobs: Knobs = DEFAULT_KNOBS,
        client_key: str = "sim-key",
        client_secret: str = "sim-secret",  # noqa: S107 — everybody may know it
    ) -> None:
        self._state = State(world=world, clock=SimClock(now), knobs=knobs)
        self.app = build_app(self._state, ClientCredentials(client_key=client_key, client_secret=client_secret))

    @property
    def world(self) -> World:
        """What exists."""
        return self._state.world

    @property
    def clock(self) -> SimClock:
        """The clock the API lives by; tests may set and advance it."""
        return self._state.clock

    @property
    def knobs(self) -> Knobs:
        """How the API answers now."""
        return self._state.knobs

    def turn(self, **changes: Any) -> None:
        """Turn some knobs; scripted faults count from the start again.

        Raises:
            ValueError: No knob has that name.
        """
        self._state.turn(self._state.knobs.changed(changes))

    @property
    def log(self) -> list[LoggedRequest]:
        """Every request so far, tokens included."""
        return self._state.log

    def charged(self, bucket: Bucket = Bucket.MAIN) -> int:
        """Requests charged to a bucket on the present UTC day."""
        return self._state.quota.spent(bucket, self._state.today()).requests

    def truth_videos(self, query: dict[str, Any], first_day: date, last_day: date) -> list[int]:
        """The ids a perfect client would hold of a search now, highest first; `query` is the body's query object."""
        return truth.visible_ids(self._state, query, first_day, last_day)

    def slots(self, query: dict[str, Any], first_day: date, last_day: date) -> int:
        """How many slots that search scans, hidden ones too."""
        return truth.slot_count(self._state, query, first_day, last_day)

    def truth_comments(self, video_id: int) -> list[int]:
        """The ids of a video's comments that pages can show now."""
        return truth.reachable_comments(self._state, video_id)

    def truth_user(self, username: str) -> dict[str, Any] | None:
        """What user info says of an account now; None when it refuses."""
        return truth.shown_profile(self._state, username)

    def delete(
        self, *, video_id: int | None = None, comment_id: int | None = None, username: str | None = None
    ) -> None:
        """Take something off the platform, from this instant."""
        self._state.deletions.add(video_id=video_id, comment_id=comment_id, username=username)
