"""Three refreshes of two hundred thousand videos: what is gone is nowhere, what came back is whole, and it is cheap."""

import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.reports import read_identifier, trace
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline.tombstones import Kind
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.duties.remains import Remains
from tt_pipeline_tests.duties.test_refresh import Refreshing
from tt_pipeline_tests.frozen_clock import FrozenClock

CYCLES = 3
FIRST, LAST = date(2026, 11, 5), date(2026, 11, 15)
LOOKED_AT_AGAIN = days_between(date(2026, 11, 9), date(2026, 11, 10))
COMMENTED = date(2026, 11, 5)
STUDY = """\
study: Two hundred thousand videos
start: 2026-11-05
end: 2026-11-15
searches:
  every: {min_views: 0}
comments: {min_comments: 200, max_per_video: 100}
quota: {requests_per_day: 1000, requests_per_second: 10}
"""
_KNOBS = Knobs(
    marks=True, quota_main=10**6, records_main=10**9, rate_per_minute=0, hidden_rate=0, hidden_run=0, null_byte_rate=0
)


@dataclass
class Change:
    """What the world loses in three cycles, and what it gets back in each; drawn from what was collected.

    Attributes:
        gone_videos: They stay deleted.
        gone_comments: They too, with their replies and with those below these videos.
        restored: Videos that were away when a check asked for them.
        drawn: Videos that were deleted last.
        below: Their comments.
    """

    made: Refreshing
    videos: int
    comments: int
    random: Random = field(default_factory=lambda: Random(15))  # noqa: S311 — repeatable
    gone_videos: set[int] = field(default_factory=set)
    gone_comments: set[int] = field(default_factory=set)
    restored: set[int] = field(default_factory=set)
    drawn: set[int] = field(default_factory=set)
    below: dict[int, set[int]] = field(default_factory=dict)

    def draw(self) -> None:
        """Delete a third of 20 % of the videos and of 10 % of the comments."""
        simulator = self.made.lab.simulator
        untouched = sorted(self.made.videos - self.restored)
        self.drawn = set(self.random.sample(untouched, round(self.videos * 0.20 / CYCLES)))
        self.below = comments_by_video(self.made, self.drawn)
        for video_id in self.drawn:
            simulator.delete(video_id=video_id)
        lone = sorted(self.made.comments.difference(*self.below.values()))
        alone = self.random.sample(lone, round(self.comments * 0.10 / CYCLES))
        for comment_id in alone:
            simulator.delete(comment_id=comment_id)
        self.gone_comments |= set(alone) | replies_to(self.made, alone)

    def give_back(self) -> None:
        """Show a third of 3 % of the videos again, of those that are not confirmed to be gone."""
        with self.made.lab.session() as session:
            stones = session.tombstones
            waiting = [video_id for video_id in sorted(self.drawn) if not stones.get(Kind.VIDEO, video_id)]
        back = set(self.random.sample(waiting, round(self.videos * 0.03 / CYCLES)))
        for video_id in back:
            self.made.lab.simulator.restore(video_id=video_id)
        self.restored |= back
        self.gone_videos |= self.drawn - back
        self.gone_comments = self.gone_comments.union(*(self.below.get(number, ()) for number in self.drawn - back))

    @property
    def gone(self) -> frozenset[int]:
        """Ids that must be nowhere."""
        return frozenset(self.gone_videos | self.gone_comments)


def comments_by_video(made: Refreshing, videos: set[int]) -> dict[int, set[int]]:
    """The published comments of these videos."""
    with duckdb.connect(made.lab.folder / "warehouse.duckdb", read_only=True) as connection:
        sql = "select video_id, list(comment_id) from core.comments group by all"
        found = dict(connection.execute(sql).fetchall())
    return {video_id: set(found[video_id]) for video_id in videos & found.keys()}


def replies_to(made: Refreshing, comments: list[int]) -> set[int]:
    """The published replies to these comments."""
    with duckdb.connect(made.lab.folder / "warehouse.duckdb", read_only=True) as connection:
        sql = "select comment_id from core.comments where parent_comment_id in (select unnest($1))"
        return {number for (number,) in connection.execute(sql, [comments]).fetchall()}


@pytest.fixture
def made(server: tuple[SharedServer, str], tmp_path: Path) -> Iterator[Refreshing]:
    """Eleven days of a world with marks, collected, loaded and published; the comments of one day."""
    shared_server, base_url = server
    world = World.until_yesterday(NOON, seed=7, days=20, videos_per_day=18_000)
    clock = FrozenClock(NOON)
    simulator = Simulator(world, knobs=_KNOBS, now=clock.now)
    shared_server.put_on(simulator)
    lab = Lab(simulator, base_url, tmp_path, clock, study=STUDY)
    with lab.session(limit=10**6) as session:
        for day in days_between(FIRST, LAST):
            collect_videos(session, session.study.searches[0], [day])
            shared_server.exchanges.clear()
        collect_comments(session, [COMMENTED])
        deliver(session)
    yield Refreshing(lab)
    shared_server.exchanges.clear()


def requests_for_videos(simulator: Simulator, after: int) -> int:
    """Requests since a place in the log that asked for videos: tasks, their progress and answers, and queries."""
    ids = {task_id: task.category for task_id, task in simulator.tasks.items()}
    sent = [request for request in simulator.log[after:] if "oauth" not in request.endpoint]
    kinds = Counter(
        (request.body or {}).get("category") or ids.get(int((request.body or {}).get("task_id") or 0), "video")
        for request in sent
    )
    return kinds["video"]


def looks(folder: Path) -> Counter[int]:
    """How many snapshots each published video has."""
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        sql = "select video_id, count(*) from core.video_snapshots group by all"
        return Counter(dict(connection.execute(sql).fetchall()))


def say(what: str, begun: float) -> None:
    """A measurement, shown with -s."""
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}; {time.monotonic() - begun:.0f} s, at most {peak_gb:.1f} GB")  # noqa: T201


@pytest.mark.slow
def test_nothing_stays_of_what_three_refreshes_found_to_be_gone(made: Refreshing) -> None:
    """No id and no mark in any column, line or byte; restored videos keep their history; at most 90 requests each."""
    begun = time.monotonic()
    lab, simulator = made.lab, made.lab.simulator
    change = Change(made, len(made.videos), len(made.comments))
    (query,) = {
        str(each.body["query"]): each.body["query"] for each in simulator.log if each.endpoint == "video_query"
    }.values()
    say(f"{change.videos:,} videos and {change.comments:,} comments are stored", begun)
    assert change.videos >= 200_000
    assert change.comments >= 10_000

    for cycle in range(CYCLES):
        before = len(simulator.log)
        change.draw()
        made.days_pass(14)
        first = made.refresh()
        assert first.doubts == ()
        assert not made.videos & (change.drawn | change.gone_videos)
        assert not made.comments & change.gone_comments.union(*change.below.values())
        say(f"cycle {cycle}: hidden {dict(first.missing)} with {first.requests} requests", begun)
        change.give_back()
        made.days_pass(1.1)
        second = made.refresh()
        assert second.doubts == ()
        assert second.deletion is not None
        assert change.restored <= made.videos
        assert not made.videos & change.gone_videos
        assert not made.comments & change.gone_comments
        sent = requests_for_videos(simulator, before)
        say(f"cycle {cycle}: deleted {dict(second.deletion.counts)}, {sent} requests for videos", begun)
        assert sent <= 90

    with lab.session(limit=10**6) as session:
        collect_videos(session, session.study.searches[0], LOOKED_AT_AGAIN, again_since=lab.clock.now() - timedelta(1))
        deliver(session)
    assert made.videos == set(simulator.truth_videos(query, FIRST, LAST))
    assert len(made.videos) == change.videos - len(change.gone_videos)
    commented = {
        number
        for video_id in made.published("video_id", "core.comments")
        for number in simulator.truth_comments(video_id)
    }
    assert made.comments <= commented
    assert len(made.comments) == change.comments - len(change.gone_comments)
    history = looks(lab.folder)
    assert history.keys() == made.videos
    looked_at_again = set(simulator.truth_videos(query, LOOKED_AT_AGAIN[0], LOOKED_AT_AGAIN[-1]))
    assert {history[number] for number in change.restored & looked_at_again} == {2}
    assert {history[number] for number in change.restored - looked_at_again} == {1}
    say("counts and histories are right", begun)

    assert Remains(frozenset(sorted(made.videos)[:50])).places(lab.folder)  # what is alive is found
    assert Remains(change.gone).places(lab.folder) == []
    say(f"{len(change.gone):,} ids and their marks are nowhere", begun)
    for number in change.random.sample(sorted(change.gone), 4):
        found = trace(made.settings.files, read_identifier(str(number)))
        assert (found.pages, found.held, found.not_read) == ((), (), ())
    say("traced", begun)
