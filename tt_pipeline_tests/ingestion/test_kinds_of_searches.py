"""Kinds of searches: random samples, lists of ids, and capped days."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.coverage.due_work import due
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.ingestion.builders import DAYS, collect, with_search


def statuses(session: CollectionSession, days: list[date] = DAYS) -> Counter[SearchStatus]:
    """The number of days of the first search with each status."""
    return Counter(day.status for day in session.coverage().searches.days(session.study.searches[0], days))


def test_a_sample_is_drawn_at_each_look(lab: Lab) -> None:
    """Three draws of forty a day are three numbered requests a day; a second time nothing is sent."""
    with with_search(lab, "{min_views: 1, sample: {random: 40, draws: 3}}").session() as session:
        first, second = collect(session), collect(session)
        counted = statuses(session)
        landed = [page for file in session.zone.index.files() for page in file.envelopes()]

    assert (first, second, counted) == (9, 0, {SearchStatus.COMPLETE: 3})
    draws = sorted((page.window_from, page.window_to, page.look) for page in landed)
    assert draws == [(day, day, look) for day in DAYS for look in (1, 2, 3)]
    requested = {(page.request["is_random"], page.request["max_count"]) for page in landed}
    assert requested == {(True, 40)}
    assert len({page.body for page in landed}) == 9


def test_an_interrupted_sample_continues_with_the_missing_draws(lab: Lab) -> None:
    """A quota that ends during a day's draws leaves the day paused; the next day draws the rest."""
    with with_search(lab, "{min_views: 1, sample: {random: 40, draws: 3}}").session(limit=5) as session:
        collect(session)
        paused = statuses(session)
    lab.clock.advance(days=1)
    with lab.session() as session:
        rest, counted = collect(session), statuses(session)

    assert paused == {SearchStatus.COMPLETE: 1, SearchStatus.PAUSED: 1, SearchStatus.NEVER_ASKED: 1}
    assert (rest, counted) == (4, {SearchStatus.COMPLETE: 3})


def test_the_latest_look_of_a_sample_has_its_own_draws(lab: Lab) -> None:
    """At the second look one of three draws has landed: its request is counted, and none of the first look."""
    lab = with_search(lab, "{min_views: 1, sample: {random: 40, draws: 3}}")
    lab.study += "looks: [5, 30]\n"
    with lab.session() as session:
        collect(session)
        first = _pages_of_the_latest_look(session)
    lab.clock.advance(days=20)
    with lab.session(limit=1) as session:
        collect(session, DAYS[:1])
        assert (first, _pages_of_the_latest_look(session)) == ([3.0, 3.0, 3.0], [1.0, 3.0, 3.0])


def _pages_of_the_latest_look(session: CollectionSession) -> list[float]:
    coverage = ops_frames(session)["ops.search_coverage"].filter(pl.col("day_date").is_in(DAYS)).sort("day_date")
    return coverage["pages"].to_list()


def test_a_capped_day_ends_at_its_cap(lab: Lab) -> None:
    """Each day of a busy search costs one page, is capped and is not requested again."""
    with with_search(lab, "{min_views: 1, max_videos_per_day: 100}").session() as session:
        first, second = collect(session), collect(session)
        counted = statuses(session)
        still_due = [work for work in due(session.coverage()) if work.window.first_day in DAYS]

    assert (first, second, counted) == (3, 0, {SearchStatus.CAPPED: 3})
    assert [work.asset for work in still_due if work.asset.startswith("videos/")] == []


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Lab]:
    """A hundred and fifty days of a small world."""
    clock = FrozenClock(NOON)
    simulator = Simulator(
        World.until_yesterday(NOON, seed=7, days=165, videos_per_day=80),
        knobs=Knobs(rate_per_minute=0, hidden_run=0),
        now=clock.now,
    )
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, tmp_path, clock)


@pytest.mark.parametrize("number", cases({"250": 250, "a thousand": 1_000, "ten thousand": 10_000}, "250"))
def test_ids_are_requested_a_hundred_at_a_time(archive: Lab, number: int) -> None:
    """Ids over 150 days cost a request per hundred; returned videos are stored, and the days have a status."""
    days = days_between(date(2026, 6, 1), date(2026, 6, 1) + timedelta(days=149))
    videos = [video.id for day in days for video in archive.simulator.world.videos(day)]
    ids = videos[:: len(videos) // number][:number]
    (archive.folder / "ids.txt").write_text("\n".join(map(str, ids)))
    with with_search(archive, "{video_ids: {file: ids.txt}}", start=days[0]).session() as session:
        first, second = collect(session, days), collect(session, days)
        counted = statuses(session, days)
        found = {video.video_id for videos in session.coverage().landed.videos_by_day.values() for video in videos}

    assert len(ids) == number
    assert first <= number // 100 + 6
    assert second == 0
    assert set(counted) <= {SearchStatus.COMPLETE, SearchStatus.OUTSIDE}
    shown = {"and": [{"operation": "IN", "field_name": "video_id", "field_values": list(map(str, ids))}]}
    assert found == set(archive.simulator.truth_videos(shown, days[0], days[-1]))
