"""An empty answer is believed only if nothing contradicts it."""

from collections import Counter
from datetime import date, timedelta

import pytest

from tt_pipeline.coverage.due_work import due
from tt_pipeline.coverage.suspicion import reason_to_doubt
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.canary import ask_canary
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.vocabulary import SearchStatus
from tt_pipeline_tests.collection_lab import Lab, MakeLab

DAY = date(2026, 11, 5)
DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))
NOTHING_PROVES = "nothing found, and nothing proves that the server was answering"


def around(videos: int) -> dict[date, int]:
    """A week before and after with this many videos a day."""
    return {DAY + timedelta(days=n): videos for n in range(-7, 8) if n}


@pytest.mark.parametrize(
    ("found", "earlier", "is_answering", "why"),
    [
        (around(2), [], True, None),
        (around(25), [], True, "nothing found, 25 a day around it"),
        ({DAY - timedelta(days=1): 25}, [], True, None),
        (around(2), [40], True, "nothing found, 40 by an earlier look"),
        (around(0), [], False, NOTHING_PROVES),
    ],
)
def test_empty_days_are_judged(found: dict[date, int], earlier: list[int], is_answering: bool, why: str | None) -> None:  # noqa: FBT001
    """Busy days around, an earlier look and a silent server contradict; a quiet search, or one neighbour, does not."""
    assert reason_to_doubt(DAY, found, earlier, is_answering=is_answering) == why


def statuses(session: CollectionSession) -> Counter[SearchStatus]:
    """The number of days of all searches with each status."""
    coverage = session.coverage()
    return Counter(day.status for search in session.study.searches for day in coverage.searches.days(search, DAYS))


def due_searches(session: CollectionSession) -> list[str]:
    """The searches of which at least one day is due."""
    work = [work for work in due(session.coverage()) if work.window.first_day <= DAYS[-1]]
    return [piece.asset for piece in work if piece.asset.startswith("videos/")]


def collect(session: CollectionSession) -> int:
    """Collect all searches; returns the number of requests."""
    return sum(collect_videos(session, search, DAYS).receipt.requests for search in session.study.searches)


def test_a_server_without_any_result_is_not_believed(make_lab: MakeLab) -> None:
    """Searches without results leave suspicious days, which are requested again a day later."""
    silent = Fault(kind=FaultKind.EMPTY, endpoint="video_query", always=True)
    with make_lab(Knobs(rate_per_minute=0, faults=(silent,))) as lab:
        with lab.session() as session:
            first = collect(session)
            after_silence = statuses(session)
            due_at_once = due_searches(session)
        lab.clock.advance(days=1)
        lab.simulator.change_knobs(faults=())
        with lab.session() as session:
            due_next_day = due_searches(session)
            collect(session)
            in_the_end = statuses(session)

    assert first == 2 + 1  # one window each, one canary for both
    assert after_silence == {SearchStatus.SUSPICIOUS: 12}
    assert due_at_once == []
    assert due_next_day == ["videos/climate", "videos/green"]
    assert in_the_end == {SearchStatus.COMPLETE: 12}


def test_a_canary_that_fails_is_not_sent_for_every_collection(make_lab: MakeLab) -> None:
    """It is noted, so that a day has one; and a look that is older than a day cannot be proven any more."""
    empty = Fault(kind=FaultKind.EMPTY, endpoint="video_query", always=True, times=1)
    broken = Fault(kind=FaultKind.ERROR_500, endpoint="video_query", always=True)
    with make_lab(Knobs(rate_per_minute=0, faults=(empty, broken))) as lab:
        with lab.session() as session:
            (search, _) = session.study.searches
            collect_videos(session, search, DAYS)
            first = {covered.status for covered in session.coverage().searches.days(search, DAYS)}
        sent = [lab.sent()]
        for days in (0, 0.5, 2):
            lab.clock.advance(days=days)
            with lab.session() as session:
                ask_canary(session, search, DAYS)
            sent.append(lab.sent())

    assert first == {SearchStatus.SUSPICIOUS}
    assert sent == [sent[0]] * 4


def test_a_search_that_finds_nothing_is_believed_for_one_more_request(lab: Lab) -> None:
    """A canary with results proves the empty day; the next empty search of the day needs no canary."""
    lab.study = (
        lab.study.replace("[climate, klima]", "[nobodywritesthis]")
        .replace("[klima, ", "[norThis, ")
        .replace("solarpower, climatechange", "northat")
    )
    with lab.session() as session:
        requests = collect(session)
        counted = statuses(session)

    assert requests == 2 + 1
    assert counted == {SearchStatus.COMPLETE: 12}
