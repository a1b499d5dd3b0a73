"""Videos missed by early requests: two early clients and the default looks, on days that take 48 hours to appear."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tt_pipeline.coverage.due_work import due
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Simulator
from tt_pipeline.simulator.archive import archive_counts
from tt_pipeline.simulator.video_model import Video
from tt_pipeline.studies import find_search
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.labs.evidence.laboratory import Setting, opened

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 16))
SETTING = Setting(
    study=f"""\
study: Climate
start: {DAYS[0]}
end: {DAYS[-1]}
searches:
  climate: {{hashtags: [climate, klima]}}
comments: false
users: false
quota: {{requests_per_day: 1000000, requests_per_second: 1}}
""",
    now=datetime.combine(DAYS[-1] + timedelta(days=1), time(), UTC),
    days=len(DAYS),
    videos_per_day=1_000,
)
SETTLED = datetime.combine(DAYS[-1] + timedelta(days=60), time(), UTC)
"""Long after: every video can be found, and no count grows any more."""
SAME_DAY, NEXT_DAY, FIRST_LOOK, BOTH_LOOKS = "same_day", "next_day", "first_look", "both_looks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The videos of a client in the end.

    Attributes:
        views: The sum of its view counts.
        requests: The requests that it sent.
    """

    client: str
    videos: int
    views: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The result of a search for a day, so many hours after the day's begin, over all days.

    Attributes:
        videos: Share of the videos that it will show.
        views: Share of the views that they will have.
    """

    hours: int
    videos: float
    views: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Haste:
    """The true numbers, the videos of each client, and the share that can be found at each time."""

    videos: int
    views: int
    clients: tuple[Found, ...]
    curve: tuple[Point, ...]

    def client(self, name: str) -> Found:
        """A client by its name."""
        return next(found for found in self.clients if found.client == name)


def look_early_and_late(folder: Path) -> Haste:
    """Let each client collect the same days, each in its own data dir and world."""
    with opened(SETTING, folder / "truth") as lab, lab.session() as session:
        truth = _Truth(lab.simulator, session.study.searches[0].query.body())
        videos = truth.videos(SETTLED)
    views = sum(video.views for video in videos)
    return Haste(
        videos=len(videos),
        views=views,
        clients=(
            _collect(folder / SAME_DAY, SAME_DAY, lambda day: day_at(day, time(23, 59))),
            _collect(folder / NEXT_DAY, NEXT_DAY, lambda day: day_at(day + timedelta(days=1), time(12))),
            *_collect_by_default(folder / "default"),
        ),
        curve=tuple(truth.point(hours, len(videos), views) for hours in range(0, 20 * 24 + 1, 3)),
    )


@dataclass(frozen=True, slots=True)
class _Truth:
    simulator: Simulator
    query: dict[str, Any]

    def videos(self, at: datetime, days: Sequence[date] = DAYS) -> list[Video]:
        """The videos that a search returns at an instant."""
        self.simulator.clock.set_to(at)
        ids = self.simulator.truth_videos(self.query, days[0], days[-1])
        return [video for video_id in ids if (video := self.simulator.world.video(video_id))]

    def point(self, hours: int, videos: int, views: int) -> Point:
        """The share of each day that can be found so many hours after its begin."""
        seen_videos, seen_views = 0, 0
        for day in DAYS:
            at = day_at(day, time()) + timedelta(hours=hours)
            shown = self.videos(at, [day])
            seen_videos += len(shown)
            seen_views += sum(archive_counts(video, at.timestamp(), self.simulator.knobs).view_count for video in shown)
        return Point(hours=hours, videos=seen_videos / videos, views=seen_views / views)


def day_at(day: date, hour: time) -> datetime:
    """An hour of a UTC day."""
    return datetime.combine(day, hour, UTC)


def _collect(folder: Path, client: str, requests_at: Callable[[date], datetime]) -> Found:
    """Request each day once."""
    with opened(SETTING, folder) as lab:
        for day in DAYS:
            lab.clock.instant = requests_at(day)
            with lab.session() as session:
                collect_videos(session, session.study.searches[0], [day])
        return _counts_in_the_end(lab, client)


def _collect_by_default(folder: Path) -> Iterator[Found]:
    """Collect what is due at 00:02 of every day, as the schedule does."""
    with opened(SETTING, folder) as lab:
        for day in days_between(DAYS[0], DAYS[-1] + timedelta(days=13)):
            lab.clock.instant = day_at(day, time(0, 2))
            with lab.session() as session:
                _do_what_is_due(session)
        yield _counts_in_the_end(lab, FIRST_LOOK, looks=1)
        yield _counts_in_the_end(lab, BOTH_LOOKS)


def _do_what_is_due(session: CollectionSession) -> None:
    for work in due(session.coverage()):
        collect_videos(session, find_search(session.study, work.asset.removeprefix("videos/")), work.window.days)


def _counts_in_the_end(lab: Lab, client: str, *, looks: int | None = None) -> Found:
    """The latest count of each video, of all looks or of the first ones."""
    with lab.session() as session:
        windows = [w for w in session.zone.index.windows() if looks is None or w.look <= looks]
    views: dict[int, int] = {}
    for window in sorted(windows, key=lambda window: window.first_at):
        for page in window.location.envelopes():
            views |= {video["id"]: video["view_count"] for video in json.loads(page.body)["data"]["videos"]}
    return Found(
        client=client, videos=len(views), views=sum(views.values()), requests=sum(window.pages for window in windows)
    )
