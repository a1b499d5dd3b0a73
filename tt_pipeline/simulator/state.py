"""What changes while the simulator serves?

The clock, knobs, tokens, quota counts, searches, deletions, validation tasks and the log are here, for all endpoints.
The rules of each are in its own file; the world, which never changes, is in `world.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeGuard

from tt_pipeline.simulator.admission import AccessTokens, Quota
from tt_pipeline.simulator.archive import Deletions, archive_counts, is_hidden, slots
from tt_pipeline.simulator.faults import Faults
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.people import CANADA
from tt_pipeline.simulator.query_language import VideoTest, compile_query
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.simulator.records import VideoEncoder
from tt_pipeline.simulator.responses import HttpResponse
from tt_pipeline.simulator.search_ids import Searches
from tt_pipeline.simulator.video_model import Counts, Video
from tt_pipeline.simulator.world import World


@dataclass(slots=True)
class SimClock:
    """The simulator's own clock: the source's instant plus an offset that tests and `/_sim/clock` can set.

    Nothing else in the simulator reads the time.
    """

    source: Callable[[], datetime]
    offset: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return self.source().astimezone(UTC) + self.offset

    def second(self) -> float:
        """The current instant in Unix seconds."""
        return self.now().timestamp()

    def advance(self, *, seconds: float) -> None:
        """Move the clock by `seconds`; a negative number moves it back."""
        self.offset += timedelta(seconds=seconds)

    def set_to(self, instant: datetime) -> None:
        """Make `instant` the current instant; the clock runs on from there at its source's speed."""
        self.offset += instant.astimezone(UTC) - self.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request as the server saw it; `body` is None for token requests, which carry the client secret."""

    n: int
    at: datetime
    endpoint: str
    status: int
    code: str
    charged: bool
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationTask:
    """A file of ids that a client uploaded for checking."""

    category: str
    ids: tuple[int, ...]
    created_s: float


@dataclass(slots=True)
class SentRecords:
    """What responses contained so far; also what a fault then removed from its response."""

    video_ids: set[int] = field(default_factory=set)
    comment_ids: set[int] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)
    """The accounts of profiles."""


@dataclass(slots=True)
class State:
    """What all endpoints read and change."""

    world: World
    clock: SimClock
    knobs: Knobs
    tokens: AccessTokens = field(init=False)
    searches: Searches = field(init=False)
    random: Random = field(init=False)
    """For log ids, key orders and random faults: the same requests in the same order get the same responses."""
    draws: Random = field(init=False)
    """For random samples: the same ones on the same day of start, whatever other requests come between them."""
    video_encoder: VideoEncoder = field(init=False)
    faults: Faults = field(init=False)
    quota: Quota = field(default_factory=Quota)
    deletions: Deletions = field(default_factory=Deletions)
    sent: SentRecords = field(default_factory=SentRecords)
    tasks: dict[int, ValidationTask] = field(default_factory=dict)
    log: list[LoggedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = AccessTokens(self.world.seed)
        self.searches = Searches(self.world.seed)
        self.random = seeded_random(self.world.seed, "server")
        self.draws = seeded_random(self.world.seed, "draws", self.today().toordinal())
        self.use_knobs(self.knobs)

    def use_knobs(self, knobs: Knobs) -> None:
        """Use other knobs from now on; scripted faults count their requests from 1 again."""
        self.knobs = knobs
        self.video_encoder = VideoEncoder(knobs)
        self.faults = Faults(knobs)

    def log_request(self, endpoint: str, response: HttpResponse, *, charged: bool, body: Any) -> None:
        """Append a request to the log."""
        self.log.append(
            LoggedRequest(
                n=len(self.log) + 1,
                at=self.clock.now(),
                endpoint=endpoint,
                status=response.status,
                code=response.code,
                charged=charged,
                body=body,
            ),
        )

    def today(self) -> date:
        """The UTC day of the simulator's clock."""
        return self.clock.now().date()

    def query(self, query: object) -> VideoTest:
        """The function that tests whether a video matches a query object, by the counts of this instant.

        Raises:
            Refused: The query is not legal.
        """
        return compile_query(query, knobs=self.knobs, counts_of=self.counts_now())

    def counts_now(self) -> Callable[[Video], Counts]:
        """The function that returns a video's counts as searches show them at this instant."""
        now_s, knobs = self.clock.second(), self.knobs
        return lambda video: archive_counts(video, now_s, knobs)

    def slots(self, query: object, window: tuple[date, date]) -> list[Video]:
        """All videos that a search scans at this instant, hidden ones included, highest id first."""
        return slots(self.world, self.query(query), window, self.clock.second(), self.knobs)

    def is_hidden(self, video: Video) -> bool:
        """Whether responses leave out a video at this instant."""
        return is_hidden(video, self.clock.second(), self.knobs, self.deletions)

    def exists(self, video: Video | None) -> TypeGuard[Video]:
        """Whether lists and comment requests find a video now: it is published, not from Canada and not hidden."""
        return (
            video is not None
            and video.create_time <= self.clock.second()
            and video.creator.place.region != CANADA
            and not self.is_hidden(video)
        )
