"""A small study over two collecting days, and what the simulator knows about it: its world and its log, not our tables.

Between the two days every fifth found video is deleted, and the query of `green` is edited.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from tt_pipeline.coverage import days_between
from tt_pipeline.ingestion.delivery import load_landed, publish_warehouse, write_ops_tables
from tt_pipeline.ingestion.found_videos import COLLECTIONS
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.frozen_clock import FrozenClock

FIRST_DAY, LAST_DAY = date(2026, 11, 3), date(2026, 11, 8)
DAYS = days_between(FIRST_DAY, LAST_DAY)
LOOKS_AT = (datetime(2026, 11, 12, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC))
NEVER_EXISTED = (int(datetime(2026, 11, 4, tzinfo=UTC).timestamp()) << 32) + 17
STUDY = """\
study: True numbers
start: 2026-11-03
end: 2026-11-08
looks: [3, 12]
searches:
  climate: {{hashtags: [climate, klima]}}
  green: {{hashtags: {green}}}
  drawn: {{hashtags: [climate, klima, football, fussball], sample: {{random: 10, draws: 2}}}}
  listed: {{video_ids: {ids}}}
comments: {{min_comments: 1, sample: {{per_stratum: 1}}}}
users: false
quota: {{requests_per_day: 1000, requests_per_second: 500}}
"""
GREEN_BEFORE, GREEN_AFTER = "[klima, solarpower, climatechange]", "[solarpower, climatechange]"


@dataclass
class Truth:
    """What the simulator could return at each of the two looks.

    Attributes:
        shown: Visible ids by look (0, 1), search and day.
        slots: Places of the result by look and search, all days together.
        ids: The ids of `listed`.
        charged: Charged video queries, of any search.
    """

    ids: list[int]
    shown: dict[tuple[int, str, date], set[int]] = field(default_factory=dict)
    slots: dict[tuple[int, str], int] = field(default_factory=dict)
    charged: int = 0

    def all_shown(self, look: int, search: str) -> set[int]:
        """The visible ids of all days."""
        return {video_id for day in DAYS for video_id in self.shown[look, search, day]}


@dataclass(frozen=True)
class Numbers:
    """The published file and the truth."""

    published: Path
    truth: Truth
    simulator: Simulator

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query of the published file returns."""
        with duckdb.connect(self.published, read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(sql, list(values)).fetchall()


@contextmanager
def collected_numbers(server: tuple[SharedServer, str], folder: Path) -> Iterator[Numbers]:
    """Collect the study on both days, and publish."""
    shared_server, base_url = server
    clock = FrozenClock(LOOKS_AT[0])
    world = World(last_day=date(2026, 11, 20), seed=7, days=20, videos_per_day=200)
    simulator = Simulator(world, knobs=Knobs(rate_per_minute=10**6, hidden_rate=0.3), now=clock.now)
    shared_server.put_on(simulator)
    ids = [*(video.id for day in DAYS for video in world.videos(day)[:20]), NEVER_EXISTED]
    truth = Truth(ids=ids)
    lab = Lab(simulator, base_url, folder, clock)
    for look, green in enumerate((GREEN_BEFORE, GREEN_AFTER)):
        clock.instant = LOOKS_AT[look]
        lab.study = STUDY.format(green=green, ids=[str(video_id) for video_id in ids])
        _collect(lab, truth, look)
        if look == 0:
            for video_id in sorted(truth.all_shown(0, "climate") | truth.all_shown(0, "listed"))[::5]:
                simulator.delete(video_id=video_id)
    truth.charged = sum(request.charged and request.endpoint == "video_query" for request in simulator.log)
    yield Numbers(folder / "warehouse.duckdb", truth, simulator)


def _collect(lab: Lab, truth: Truth, look: int) -> None:
    with lab.session() as session:
        for search in session.study.searches:
            _remember(lab.simulator, truth, look, search)
            collect_videos(session, search, DAYS)
        if look == 1:
            COLLECTIONS[Dataset.COMMENTS].collect(session, DAYS)
        load_landed(session, *Dataset)
        write_ops_tables(session)
        publish_warehouse(session)


def _remember(simulator: Simulator, truth: Truth, look: int, search: Search) -> None:
    queries = [query.query.body() for query in search.queries]
    for day in DAYS:
        truth.shown[look, search.name, day] = {
            video_id for query in queries for video_id in simulator.truth_videos(query, day, day)
        }
    truth.slots[look, search.name] = sum(simulator.slots(query, FIRST_DAY, LAST_DAY) for query in queries)
