"""All that changes while the simulator serves: clock, knobs, tokens, counters, searches, deletions, the log."""

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
    """Tells the source's instant, moved by the offset; never waits."""

    source: Callable[[], datetime]
    offset: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """The instant, aware, UTC."""
        return self.source().astimezone(UTC) + self.offset

    def second(self) -> float:
        """The instant as Unix seconds."""
        return self.now().timestamp()

    def advance(self, *, seconds: float) -> None:
        """Move on (or back) by `seconds`."""
        self.offset += timedelta(seconds=seconds)

    def set_to(self, instant: datetime) -> None:
        """Make it `instant` now; the clock keeps running at its source's pace."""
        self.offset += instant.astimezone(UTC) - self.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request as the server saw it; token requests show no body."""

    n: int
    at: datetime
    endpoint: str
    status: int
    code: str
    charged: bool
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationTask:
    """A file of ids that somebody wants checked."""

    category: str
    ids: tuple[int, ...]
    created_s: float


@dataclass(slots=True)
class State:
    """The server's memory."""

    world: World
    clock: SimClock
    knobs: Knobs
    tokens: AccessTokens = field(init=False)
    searches: Searches = field(init=False)
    random: Random = field(init=False)
    """For log ids, key orders and random faults: one sequence of draws for one sequence of requests."""
    video_encoder: VideoEncoder = field(init=False)
    faults: Faults = field(init=False)
    quota: Quota = field(default_factory=Quota)
    deletions: Deletions = field(default_factory=Deletions)
    tasks: dict[int, ValidationTask] = field(default_factory=dict)
    log: list[LoggedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = AccessTokens(self.world.seed)
        self.searches = Searches(self.world.seed)
        self.random = seeded_random(self.world.seed, "server")
        self.use_knobs(self.knobs)

    def use_knobs(self, knobs: Knobs) -> None:
        """Use other knobs from now on; scripted faults count from the start again."""
        self.knobs = knobs
        self.video_encoder = VideoEncoder(knobs)
        self.faults = Faults(knobs)

    def log_request(self, endpoint: str, answered: HttpResponse, *, charged: bool, body: Any) -> None:
        """Write a request into the log."""
        self.log.append(
            LoggedRequest(
                n=len(self.log) + 1,
                at=self.clock.now(),
                endpoint=endpoint,
                status=answered.status,
                code=answered.code,
                charged=charged,
                body=body,
            ),
        )

    def today(self) -> date:
        """The UTC day of the simulator's clock."""
        return self.clock.now().date()

    def query(self, query: object) -> VideoTest:
        """The test of videos that a query object means now."""
        return compile_query(query, knobs=self.knobs, counts_of=self.counts_now())

    def counts_now(self) -> Callable[[Video], Counts]:
        """What the archive would tell of a video at this instant."""
        now_s, knobs = self.clock.second(), self.knobs
        return lambda video: archive_counts(video, now_s, knobs)

    def slots(self, query: object, window: tuple[date, date]) -> list[Video]:
        """All slots of a search at this instant, hidden ones too."""
        return slots(self.world, self.query(query), window, self.clock.second(), self.knobs)

    def is_hidden(self, video: Video) -> bool:
        """Whether a video's slot is empty at this instant."""
        return is_hidden(video, self.clock.second(), self.knobs, self.deletions)

    def exists(self, video: Video | None) -> TypeGuard[Video]:
        """Whether a video can be looked at directly: it is posted, returned at all, and not hidden."""
        return (
            video is not None
            and video.create_time <= self.clock.second()
            and video.creator.place.region != CANADA
            and not self.is_hidden(video)
        )
