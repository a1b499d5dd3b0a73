"""One-off collections land like everything else, buy nothing twice, and count for no study."""

from dataclasses import replace
from datetime import date

import pytest

from tt_pipeline.coverage import Window, due, unfinished_work
from tt_pipeline.errors import QuotaExhausted, SearchIdRefused
from tt_pipeline.ingestion import (
    CollectionSession,
    Extent,
    OneSearch,
    Position,
    Subjects,
    collect_list,
    collect_search,
    collect_subjects,
    collect_videos,
    landed_search,
    looks_of,
    pages_of_search,
    pages_of_subjects,
    subject_records,
)
from tt_pipeline.query import Query, query
from tt_pipeline.vocabulary import ONCE, AccountList, Bucket, Dataset, SearchStatus
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import rows

DAYS = Window(first_day=date(2026, 11, 3), last_day=date(2026, 11, 4))
EVERYTHING = query().and_(view_count__gte=0)
"""About 200 videos a day, hidden ones included, so two days are several pages."""
TWO, ALL = Extent(max_pages=2), Extent(max_pages=100)
ACCOUNTS_STUDY = "accounts: {usernames: [%s], lists: [followers]}\n"


def one(wanted: Query = EVERYTHING, window: Window = DAYS, begins: Position | None = None) -> OneSearch:
    """A one-off search."""
    return OneSearch(query=wanted, window=window, begins=begins)


def requests(session: CollectionSession, search: OneSearch, extent: Extent) -> int:
    """Requests of a search."""
    return collect_search(session, search, extent).receipt.requests


def ids(session: CollectionSession, search: OneSearch) -> list[int]:
    """The ids of the videos that have landed, newest first."""
    return [int(record["id"]) for record in landed_search(search, session.zone.index).records()]


def truth(lab: Lab, wanted: Query = EVERYTHING, window: Window = DAYS) -> list[int]:
    """The ids of all visible videos that match, newest first."""
    found = lab.simulator.truth_videos(wanted.body(), window.first_day, window.last_day)
    return sorted(found, reverse=True)


def a_creator(lab: Lab) -> str:
    """An account of the simulated world."""
    return str(lab.simulator.world.videos(date(2026, 11, 3))[0].creator.username)


def test_a_search_stops_after_its_pages_and_costs_nothing_when_repeated(lab: Lab) -> None:
    """Two pages land; the same command sends nothing, and another process has the same rows."""
    with lab.session() as session:
        report = collect_search(session, one(), TWO)
        first = ids(session, one())
        assert (report.receipt.requests, report.days[0].status, lab.sent()) == (2, SearchStatus.CAPPED, 2)

    with lab.session() as session:
        assert pages_of_search(one(), TWO, session.zone.index) == requests(session, one(), TWO) == 0
        assert ids(session, one()) == first == truth(lab)[: len(first)]


def test_an_interrupted_search_continues_when_it_is_repeated(lab: Lab) -> None:
    """The quota ends after one page: the repeated command requests only the second."""
    with lab.session(limit=1) as session:
        assert isinstance(collect_search(session, one(), TWO).stopped_because, QuotaExhausted)

    with lab.session() as session:
        assert pages_of_search(one(), TWO, session.zone.index) == requests(session, one(), TWO) == 1


def test_to_continue_requests_further_pages_up_to_the_end(lab: Lab) -> None:
    """All pages together are the whole result once, and then nothing follows."""
    with lab.session() as session:
        collect_search(session, one(), TWO)
        assert requests(session, one(), Extent(max_pages=1, goes_on=True)) == 1
        report = collect_search(session, one(), Extent(max_pages=100, goes_on=True))

        assert (report.days[0].status, report.days[0].is_complete) == (SearchStatus.COMPLETE, True)
        assert ids(session, one()) == truth(lab)
        assert requests(session, one(), Extent(max_pages=100, goes_on=True)) == 0


def test_a_search_id_continues_what_has_landed(lab: Lab) -> None:
    """The place behind a landed page is that page's: nothing is requested twice, also when it is repeated."""
    with lab.session() as session:
        collect_search(session, one(), Extent(max_pages=1))
        place = landed_search(one(), session.zone.index).position
        assert place
        behind, extent = one(begins=place), Extent(max_pages=1)

        assert [requests(session, behind, extent), requests(session, behind, extent)] == [1, 0]
        assert ids(session, behind) == ids(session, one())
        assert session.zone.index.pages_bought_twice() == 0


def test_a_search_id_from_elsewhere_begins_there_and_its_days_stay_incomplete(lab: Lab) -> None:
    """Pages before the place are not here, so the days do not count as searched."""
    with lab.session() as session:
        pages = session.api.video_pages(EVERYTHING, DAYS.first_day, DAYS.last_day)
        first = next(pages)
        assert first.search_id
        behind = one(begins=Position(first.search_id, first.cursor or 0))
        collect_search(session, behind, ALL)

        assert ids(session, behind) == truth(lab)[len(first.records) :]
        assert not landed_search(one(), session.zone.index).looks


def test_an_expired_search_id_does_not_begin_anew(lab: Lab) -> None:
    """The error is reported, and no other page is bought instead."""
    with lab.session() as session:
        report = collect_search(session, one(begins=Position("7423432753447932974", 100)), ALL)

    assert isinstance(report.stopped_because, SearchIdRefused)
    assert report.receipt.rows == 0


def test_days_of_more_than_a_window_are_requested_from_the_newest(lab: Lab) -> None:
    """The first pages are those of the newest days, as in one long window."""
    window = Window(first_day=date(2026, 10, 1), last_day=date(2026, 11, 4))
    with lab.session() as session:
        collect_search(session, one(window=window), TWO)

        assert ids(session, one(window=window)) == truth(lab, window=DAYS)[: len(ids(session, one(window=window)))]


def test_newer_days_are_requested_although_older_pages_make_up_the_number(lab: Lab) -> None:
    """Two pages of an earlier day have landed; the newest first means the two pages of the later day."""
    later = Window(first_day=date(2026, 11, 3), last_day=date(2026, 11, 6))
    with lab.session() as session:
        collect_search(session, one(), TWO)
        assert pages_of_search(one(window=later), TWO, session.zone.index) == 2
        assert requests(session, one(window=later), TWO) == 2
        newest = ids(session, one(window=later))[:50]
        assert newest == truth(lab, window=later)[:50]
        assert requests(session, one(window=later), TWO) == 0


def test_what_the_study_has_is_not_requested(lab: Lab) -> None:
    """Days that a search of the study has completely cost nothing."""
    with lab.session() as session:
        climate = session.study.searches[0]
        collect_videos(session, climate, DAYS.days)
        same = one(climate.query)

        assert requests(session, same, TWO) == 0
        assert ids(session, same) == truth(lab, climate.query)


def test_again_requests_everything_once_more(lab: Lab) -> None:
    """A new look lands beside the first, and its rows are the ones shown."""
    with lab.session() as session:
        collect_search(session, one(), ALL)
        pages = landed_search(one(), session.zone.index).pages

        assert requests(session, one(), replace(ALL, again=True)) == pages
        assert {look.look for look in session.zone.index.of_once().windows()} == {1, 2}


def test_a_study_does_not_count_a_one_off_search(lab: Lab) -> None:
    """With the same query: what is due, coverage and unfinished work are as before, and the study requests its own."""
    with lab.session() as session:
        before = due(session.coverage())
        climate = session.study.searches[0]
        collect_search(session, one(climate.query), Extent(max_pages=1))
        coverage = session.coverage()

        assert (due(coverage), unfinished_work(coverage), coverage.landed.windows) == (before, [], [])
        assert not coverage.landed.videos_by_day
        assert collect_videos(session, climate, DAYS.days).receipt.requests > 0


def test_a_study_with_a_search_of_that_name_keeps_it(lab: Lab) -> None:
    """Its windows count, as they did before the name was reserved."""
    lab.study = lab.study.replace("climate:", f"{ONCE}:")
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS.days)
        coverage = session.coverage()

        statuses = {day.status for day in coverage.searches.days(session.study.searches[0], DAYS.days)}
        assert (statuses, len(coverage.landed.windows)) == ({SearchStatus.COMPLETE}, 1)


def test_the_tables_have_one_off_searches_as_such(lab: Lab) -> None:
    """They are in core and in ops.searches, never current, and found videos stay their own."""
    with lab.session() as session:
        climate = session.study.searches[0]
        collect_search(session, one(climate.query), ALL)

    searches = "select search, kind, is_current, first_asked_at is null from ops.searches order by all"
    assert rows(lab, searches) == [
        ("climate", "study", True, True),
        ("green", "study", True, True),
        (ONCE, ONCE, False, False),
    ]
    assert rows(lab, "select distinct search, is_current from core.found_videos") == [(ONCE, False)]
    assert rows(lab, "select (select count(*) from core.videos) > 0, count(*) from marts.attrition") == [(True, 0)]
    assert rows(lab, "select distinct past_searches from marts.videos") == [(None,)]
    for mart in ("daily_volume", "label_coverage"):  # they have rows for days of the study that are not collected yet
        assert rows(lab, f"select count(*) from marts.{mart} where search = '{ONCE}'") == [(0,)], mart
    for mart in ("looks", "hashtag_days", "hashtag_pairs", "music", "effects"):
        assert rows(lab, f"select count(*) from marts.{mart}") == [(0,)], mart


def test_the_marts_of_a_study_do_not_change(lab: Lab) -> None:
    """A one-off look with a query of the study, later and over more days, adds rows only under its own name."""
    marts = ("looks", "attrition", "hashtag_days", "hashtag_pairs", "music", "effects", "asked_ids")
    with lab.session() as session:
        climate = session.study.searches[0]
        collect_videos(session, climate, DAYS.days)
    everything = [
        f"select columns(* exclude view_count) from marts.{mart} order by all" for mart in ("music", "effects")
    ]
    everything += [f"from marts.{mart} order by all" for mart in marts if mart not in {"music", "effects"}]
    everything.append("select search, video_id, is_current from core.found_videos where search != 'once' order by all")
    before = [rows(lab, sql) for sql in everything]

    lab.clock.advance(days=2)
    with lab.session() as session:
        collect_search(
            session, one(climate.query, Window(first_day=date(2026, 11, 1), last_day=date(2026, 11, 8))), ALL
        )
        collect_search(session, one(climate.query), replace(ALL, again=True))
    assert [rows(lab, sql) for sql in everything] == before


@pytest.mark.parametrize("dataset", [Dataset.USERS, Dataset.FOLLOWERS, Dataset.PINNED])
def test_an_account_is_requested_once(lab: Lab, dataset: Dataset) -> None:
    """The same command again sends nothing; the ledger has it under the reserved name."""
    subjects = Subjects(dataset=dataset, names=(a_creator(lab), "nobody.of.that.name"))
    with lab.session() as session:
        sent = collect_subjects(session, subjects, ALL).receipt.requests

        assert sent >= 2
        assert pages_of_subjects(subjects, ALL, session.zone.index) == 0
        assert collect_subjects(session, subjects, ALL).receipt.requests == 0
        assert looks_of(subjects, session.zone.index)["nobody.of.that.name"].refusal
        columns, requested = session.ledger.rows()
    assert {row[columns.index("search")] for row in requested} == {ONCE}


def test_comments_stop_after_their_pages_and_continue(lab: Lab) -> None:
    """One page of a long listing, then the rest; all are the comments that the simulator has."""
    videos = [video for day in (3, 4, 5) for video in lab.simulator.world.videos(date(2026, 11, day))]
    longest = max(videos, key=lambda video: video.comments)
    subjects = Subjects(dataset=Dataset.COMMENTS, names=(str(longest.id),))
    with lab.session() as session:
        collect_subjects(session, subjects, Extent(max_pages=1))
        first = len(subject_records(subjects, session.zone.index))
        report = collect_subjects(session, subjects, Extent(max_pages=10, goes_on=True))
        everything = len(subject_records(subjects, session.zone.index))

    assert first < everything == report.days[0].rows
    assert report.days[0].is_complete


def test_a_study_observes_a_list_after_a_one_off_look(lab: Lab) -> None:
    """The one-off look makes nothing current, and the study's look has a number of its own."""
    name = a_creator(lab)
    lab.study += ACCOUNTS_STUDY % name
    today = lab.clock.now().date()
    with lab.session() as session:
        collect_subjects(session, Subjects(dataset=Dataset.FOLLOWERS, names=(name,)), ALL)
        collect_list(session, AccountList.FOLLOWERS, [today])
        looks = list(session.zone.index.looks(Dataset.FOLLOWERS))

        assert [look.look for look in looks] == [1, 2]
        assert session.use(Bucket.SOCIAL).used == sum(look.pages for look in looks)
