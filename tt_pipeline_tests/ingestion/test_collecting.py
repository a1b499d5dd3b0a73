"""Collecting requests what is missing, once, and gives every day a status."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.coverage.due_work import due, needs_request
from tt_pipeline.coverage.windows import Window, days_between
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import videos_of
from tt_pipeline.simulator import Fault, FaultKind, Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline_tests.collection_lab import NOON, STUDY, Lab, MakeLab
from tt_pipeline_tests.frozen_clock import FrozenClock

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))
ONE_DAY = [date(2026, 11, 5)]


def found(lab: Lab, search: str) -> set[int]:
    """Ids of a search's videos that have landed."""
    with lab.session() as session:
        files = [file for file in session.zone.index.files() if file.load_id.startswith(f"videos/{search}/")]
        return {video.video_id for file in files for page in file.envelopes() for video in videos_of(page)}


def collect_all(lab: Lab) -> None:
    """Collect videos, comments and users of DAYS."""
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        collect_comments(session, DAYS)
        collect_users(session, DAYS)


def test_each_creator_and_each_video_is_requested_once_over_all_searches(lab: Lab) -> None:
    """Two overlapping searches share the comments and profiles of videos that both found."""
    collect_all(lab)

    requested = Counter(
        repr(request.body) for request in lab.simulator.log if request.endpoint in {"user_info", "comment_list"}
    )
    both = found(lab, "climate") & found(lab, "green")
    assert both
    assert requested.most_common(1)[0][1] == 1
    assert len([r for r in lab.simulator.log if r.endpoint == "user_info"]) > 10


def test_the_ledger_counts_what_the_server_counts(lab: Lab) -> None:
    """The ledger's charged requests are the simulator's."""
    collect_all(lab)

    with lab.session() as session:
        assert session.use().used == lab.simulator.charged() == lab.sent()


def test_a_paused_window_continues_at_the_next_page(lab: Lab) -> None:
    """After a quota of two pages, the next day requests the rest of the window and no page again."""
    lab.study = lab.study.replace(
        "climate: {hashtags: [climate, klima]}", "climate: {min_views: 0, regions: [DE, US, FR]}"
    )
    month = days_between(date(2026, 11, 3), date(2026, 11, 17))
    with lab.session(limit=2) as session:
        paused = collect_videos(session, session.study.searches[0], month)
    lab.clock.advance(seconds=13 * 3_600)
    with lab.session() as session:
        search = session.study.searches[0]
        complete = collect_videos(session, search, month)
        truth = set(lab.simulator.truth_videos(search.query.body(), month[0], month[-1]))

    assert isinstance(paused.stopped_because, QuotaExhausted)
    assert not any(day.has_final_status for day in paused.days)
    assert all(day.is_complete for day in complete.days)
    assert complete.receipt.bought_twice == 0
    assert truth <= found(lab, "climate")


def test_an_early_look_does_not_count(lab: Lab) -> None:
    """Days requested before their age stay early, and are requested again when the first look is due."""
    days = days_between(date(2026, 11, 18), date(2026, 11, 19))
    with lab.session() as session:
        early = collect_videos(session, session.study.searches[0], days)
        assert not needs_request(session.coverage(), ["videos/climate"], Window(first_day=days[0], last_day=days[-1]))
    lab.clock.advance(days=3)
    with lab.session() as session:
        later = collect_videos(session, session.study.searches[0], days)

    assert [day.status for day in early.days] == ["early", "early"]
    assert [day.status for day in later.days] == ["complete", "complete"]
    assert sum(day.rows for day in later.days) > sum(day.rows for day in early.days)


def test_an_edited_query_is_collected_again(lab: Lab) -> None:
    """Days of the old query are outdated, never complete."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], ONE_DAY)
    lab.study = lab.study.replace("[climate, klima]", "[climate, klima, eco]")
    with lab.session() as session:
        (before,) = session.coverage().searches.days(session.study.searches[0], ONE_DAY)
        after = collect_videos(session, session.study.searches[0], ONE_DAY)

    assert before.status == "outdated"
    assert (after.days[0].status, after.receipt.requests) == ("complete", 1)


def test_a_renamed_search_costs_nothing(lab: Lab) -> None:
    """The days stay complete, because the query identifies a search and its name is a label."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], ONE_DAY)
    lab.study = lab.study.replace("climate: {hashtags: [climate, klima]}", "klima: {hashtags: [klima, climate]}")
    with lab.session() as session:
        report = collect_videos(session, session.study.searches[0], ONE_DAY)

    assert (report.asset, report.days[0].status, report.receipt.requests) == ("videos/klima", "complete", 0)


def test_a_day_that_always_fails_is_unavailable_and_the_others_complete(make_lab: MakeLab) -> None:
    """A window is halved down to the bad day, which is unavailable and never empty."""
    fault = Fault(kind=FaultKind.ERROR_500, endpoint="video_query", dates=("2026-11-05",))
    with make_lab(Knobs(rate_per_minute=10**6, faults=(fault,))) as lab, lab.session() as session:
        report = collect_videos(session, session.study.searches[0], DAYS)
        truth = lab.simulator.truth_videos(session.study.searches[0].query.body(), DAYS[0], DAYS[-1])

        assert {f"{day.day}": day.status for day in report.days if day.status != "complete"} == {
            "2026-11-05": "unavailable"
        }
        bad_day = set(lab.simulator.truth_videos(session.study.searches[0].query.body(), ONE_DAY[0], ONE_DAY[0]))
        assert set(truth) - bad_day <= found(lab, "climate")
        assert report.stopped_because is None


def test_one_bad_video_does_not_stop_the_others(make_lab: MakeLab) -> None:
    """A failure of the server on one video's comments is stored, and the other videos are collected."""
    fault = Fault(kind=FaultKind.ERROR_500, endpoint="comment_list", always=True, times=3)
    with make_lab(Knobs(rate_per_minute=10**6, faults=(fault,))) as lab, lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
        report = collect_comments(session, DAYS)
        listings = session.zone.index.subjects(Dataset.COMMENTS)

    assert report.stopped_because is None
    assert all(listing.ends is not None for listing in listings.values())
    assert sum(listing.ends is StopReason.UNAVAILABLE for listing in listings.values()) == 1
    assert len(listings) > 1


@pytest.mark.parametrize("dataset", ["comments", "users"])
def test_comments_and_creators_are_not_complete_before_videos(lab: Lab, dataset: str) -> None:
    """If a day's searches were never requested, its comments and creators are not complete."""
    with lab.session() as session:
        report = (collect_comments if dataset == "comments" else collect_users)(session, ONE_DAY)

    assert [(day.status, day.has_final_status) for day in report.days] == [("paused", False)]
    assert lab.sent() == 0


def test_due_is_looks_then_creators_then_comments_and_ends_empty(lab: Lab) -> None:
    """Collecting what is due, in its order, leaves nothing due."""
    with lab.session() as session:
        first = due(session.coverage())
        for search in session.study.searches:
            collect_videos(session, search, days_between(date(2026, 11, 3), date(2026, 11, 17)))
        second = due(session.coverage())
        collect_users(session, days_between(date(2026, 11, 3), date(2026, 11, 17)))
        collect_comments(session, days_between(date(2026, 11, 3), date(2026, 11, 8)))
        last = due(session.coverage())

    assert [(work.asset, f"{work.window}") for work in first] == [
        ("videos/climate", "2026-11-03..2026-11-17"),
        ("videos/green", "2026-11-03..2026-11-17"),
    ]
    assert next(work.asset for work in second) == "users"
    assert {work.asset for work in second} == {"users", "comments"}
    assert max(work.window.last_day for work in second if work.asset == "comments") <= date(2026, 11, 8)
    assert last == []


@pytest.mark.slow
def test_a_busy_search_is_requested_in_narrower_windows(tmp_path: Path) -> None:
    """After the first page windows are narrow, no video is lost, and few requests are added."""
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=30, videos_per_day=1_000)
    simulator = Simulator(world, knobs=Knobs(rate_per_minute=0), now=clock.now)
    days = days_between(date(2026, 11, 3), date(2026, 11, 14))
    with running(simulator) as base_url:
        lab = Lab(
            simulator, base_url, tmp_path, clock, study=STUDY.replace("{hashtags: [climate, klima]}", "{min_views: 0}")
        )
        with lab.session() as session:
            search = session.study.searches[0]
            report = collect_videos(session, search, days)
            windows = [window for window in session.zone.index.windows() if window.ends is StopReason.COMPLETE]
            twice = session.zone.index.pages_bought_twice()
        truth = set(simulator.truth_videos(search.query.body(), days[0], days[-1]))
        slots = simulator.slots(search.query.body(), days[0], days[-1])

    assert found(lab, "climate") == truth
    assert all(day.is_complete for day in report.days)
    assert max((window.last_day - window.first_day).days + 1 for window in windows) <= 3
    assert report.receipt.bought_twice == twice > 0
    assert report.receipt.requests <= 1.05 * -(-slots // 100)


def test_an_empty_page_in_the_middle_is_not_taken_for_the_end(make_lab: MakeLab) -> None:
    """If a search ends before the requested position, the position is requested once more."""
    fault = Fault(kind=FaultKind.EMPTY, endpoint="video_query", nth=2)
    with make_lab(Knobs(rate_per_minute=0, faults=(fault,))) as lab:
        lab.study = lab.study.replace("{hashtags: [climate, klima]}", "{min_views: 0}")
        with lab.session() as session:
            search = session.study.searches[0]
            report = collect_videos(session, search, ONE_DAY)
            truth = set(lab.simulator.truth_videos(search.query.body(), ONE_DAY[0], ONE_DAY[0]))

        assert (report.days[0].status, found(lab, "climate")) == ("complete", truth)
        assert len(truth) > 100


@pytest.mark.slow
def test_again_that_outlives_the_quota_ends(lab: Lab) -> None:
    """One --again requests each video and creator once more, over as many days of quota as needed."""
    collect_all(lab)
    first = lab.sent()
    since = lab.clock.now()
    lab.clock.advance(seconds=1)
    for _ in range(30):
        with lab.session(limit=first // 3) as session:
            reports = [
                *(collect_videos(session, search, DAYS, again_since=since) for search in session.study.searches),
                collect_comments(session, DAYS, again_since=since),
                collect_users(session, DAYS, again_since=since),
            ]
        if not any(report.stopped_because for report in reports):
            break
        lab.clock.advance(days=1)

    assert not any(report.stopped_because for report in reports)
    assert lab.sent() - first <= first + 3


def test_creators_on_whom_the_server_failed_are_not_complete(make_lab: MakeLab) -> None:
    """The day is failed, costs nothing more today, and those creators are requested again tomorrow."""
    fault = Fault(kind=FaultKind.ERROR_500, endpoint="user_info", always=True, times=6)
    window = Window(first_day=ONE_DAY[0], last_day=ONE_DAY[0])
    with make_lab(Knobs(rate_per_minute=0, faults=(fault,))) as lab:
        with lab.session() as session:
            for search in session.study.searches:
                collect_videos(session, search, ONE_DAY)
            failed = collect_users(session, ONE_DAY)
            again_today = needs_request(session.coverage(), ["users"], window)
        lab.clock.advance(days=1)
        with lab.session() as session:
            again_tomorrow = needs_request(session.coverage(), ["users"], window)
            complete = collect_users(session, ONE_DAY)

    assert [(day.status, day.has_final_status, day.facts["creators_failed"]) for day in failed.days] == [
        ("failed", True, 2)
    ]
    assert (again_today, again_tomorrow) == (False, True)
    assert [day.status for day in complete.days] == ["complete"]
