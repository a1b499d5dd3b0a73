"""An unreadable page is named and its day is not complete until the page was requested again and read."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import check_warehouse, load_landed, rebuild_warehouse, write_ops_tables
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Envelope
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.reports.provenance.support_mail import unreadable_answers, write_support_mail
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import NOON, STUDY, Lab

DAY = date(2026, 11, 4)
CHECK = "nothing_is_in_quarantine"
GIVEN_UP = "unread_is_still_asked"
COVERAGE = ("ops.comment_coverage", "ops.account_coverage")


def largest(session: CollectionSession, dataset: Dataset) -> Path:
    """The largest packed file of a dataset."""
    return max((session.files.landing / dataset).rglob("*.zst"), key=lambda path: path.stat().st_size)


def spoil(path: Path, body: Callable[[Envelope], str]) -> Envelope:
    """Change the body of the first page with records, as if the server had sent it; returns the page."""
    pages = list(envelopes(path))
    number = next(number for number, page in enumerate(pages) if page.records)
    pages[number] = replace(pages[number], body=body(pages[number]))
    path.write_bytes(zstandard.compress(b"".join(page.line() for page in pages)))
    return pages[number]


def deliver(session: CollectionSession) -> tuple[list[dict[str, Any]], bool]:
    """Load and fill the ops tables; returns the quarantine and whether its check passes."""
    session.zone.catch_up()
    load_landed(session, *Dataset)
    write_ops_tables(session)
    (result,) = (result for result in check_warehouse(session) if result.name == CHECK)
    return ops_frames(session)["ops.quarantine"].to_dicts(), result.passed


def with_an_id_too_large(page: Envelope) -> str:
    answer = json.loads(page.body)
    answer["data"]["videos"][0]["id"] = 2**63
    return json.dumps(answer)


def failed_checks(session: CollectionSession) -> list[str]:
    """The failed ones of the two checks about quarantine, after loading."""
    deliver(session)
    return [
        result.name for result in check_warehouse(session) if result.name in {CHECK, GIVEN_UP} and not result.passed
    ]


def html(_: Envelope) -> str:
    """The answer of a gateway."""
    return "<html>"


def damage(path: Path) -> None:
    """Replace the first line of a landed file by an invalid one."""
    lines = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().splitlines(keepends=True)
    path.write_bytes(zstandard.compress(b"".join([b'{"envelope": 1}\n', *lines[1:]])))


BODIES = {
    "no JSON": lambda _: "<html>",
    "an id beyond 64 bits": with_an_id_too_large,
    "too deep": lambda _: '{"data":' + '{"a":' * 10_000 + '"\\ud83d"' + "}" * 10_001,
    "NUL": lambda page: "\x00" + page.body,
}


@pytest.mark.parametrize("body", cases(BODIES, "no JSON"))
def test_an_unreadable_page_of_a_search_is_named(lab: Lab, body: Callable[[Envelope], str]) -> None:
    """Its day is not complete and the page is named until one more look is read; that look needs --again."""
    with lab.session() as session:
        search = session.study.searches[0]
        collect_videos(session, search, [DAY])
        spoilt = spoil(largest(session, Dataset.VIDEOS), body)
        ((row,), passed) = deliver(session)

        assert (row["dataset"], row["search"], row["log_id"]) == ("videos", "climate", spoilt.log_id)
        assert (row["is_open"], row["records"] > 0, passed) == (True, True, False)
        (day,) = session.coverage().searches.days(search, [DAY])
        assert (day.status, "cannot be read" in str(day.note)) == ("partial", True)

        sent = lab.sent()
        assert [day.status for day in collect_videos(session, search, [DAY]).days] == ["partial"]
        assert lab.sent() == sent

    lab.clock.advance(seconds=60)
    with lab.session() as session:
        report = collect_videos(session, search, [DAY], again_since=lab.clock.now())
        ((row,), passed) = deliver(session)
        assert ([day.status for day in report.days], row["is_open"], passed) == (["complete"], False, True)


def test_the_support_mail_lists_unreadable_answers(lab: Lab, tmp_path: Path) -> None:
    """The mail has their reason and log_id and the failed requests; before a publication it lists none."""
    published = tmp_path / "warehouse.duckdb"
    assert unreadable_answers(published, NOON) == []
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], [DAY])
        spoilt = spoil(largest(session, Dataset.VIDEOS), lambda _: "<html>")
        deliver(session)
        publish_file(session.files.writer, published, lab.clock)
    (answer,) = unreadable_answers(published, NOON)
    assert (answer.log_id, answer.sent_at) == (spoilt.log_id, spoilt.fetched_at)
    assert "videos  HTTP 200 the page could not be read: it is not JSON" in write_support_mail([answer], lab.base_url)
    assert unreadable_answers(published, lab.clock.now() + timedelta(days=1)) == []


def test_unreadable_comments_and_profiles_are_failed(lab: Lab) -> None:
    """The video and the account are failed until they were requested again and read."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], [DAY])
        collect_users(session, [DAY])
        collect_comments(session, [DAY])
        spoilt = [spoil(largest(session, dataset), lambda _: "<html>") for dataset in (Dataset.COMMENTS, Dataset.USERS)]
        found, passed = deliver(session)

        assert [(row["dataset"], row["subject"], row["is_open"]) for row in found] == [
            ("comments", spoilt[0].subject, True),
            ("users", spoilt[1].subject, True),
        ]
        failed = [ops_frames(session)[table].filter(status="failed").height for table in COVERAGE]
        assert (failed, passed) == ([1, 1], False)
        sent = lab.sent()
        collect_users(session, [DAY])
        collect_comments(session, [DAY])
        assert lab.sent() == sent

    lab.clock.advance(seconds=60)
    with lab.session() as session:
        collect_users(session, [DAY], again_since=lab.clock.now())
        collect_comments(session, [DAY], again_since=lab.clock.now())
        found, passed = deliver(session)
        failed = [ops_frames(session)[table].filter(status="failed").height for table in COVERAGE]
        assert ([row["is_open"] for row in found], failed, passed) == ([False, False], [0, 0], True)


def test_pages_that_are_alike_are_named_each(lab: Lab) -> None:
    """Comments of two videos with the same bytes and instant are a row each, with their own records."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], [DAY])
        collect_comments(session, [DAY])
        path = largest(session, Dataset.COMMENTS)
        pages = list(envelopes(path))
        first, second, *_ = (page for page in pages if page.records)
        alike = [replace(page, body="<html>", log_id="L", fetched_at=NOON) for page in (first, second)]
        others = [page for page in pages if page.subject not in {first.subject, second.subject}]
        path.write_bytes(zstandard.compress(b"".join(page.line() for page in [*alike, *others])))
        found, _ = deliver(session)
        assert [(row["subject"], row["records"]) for row in found] == [
            (first.subject, first.records),
            (second.subject, second.records),
        ]
        assert all(result.passed for result in check_warehouse(session) if result.is_blocking)


@pytest.mark.slow
def test_a_rebuild_that_can_read_the_page_empties_the_quarantine(lab: Lab) -> None:
    """If an update can read the page, `tt rebuild` is enough: nothing stays in quarantine."""
    with lab.session() as session:
        search = session.study.searches[0]
        collect_videos(session, search, [DAY])
        path = largest(session, Dataset.VIDEOS)
        whole = path.read_bytes()
        spoil(path, lambda _: "<html>")
        assert not deliver(session)[1]

        path.write_bytes(whole)
        session.zone.catch_up()
        rebuild_warehouse(session)
        assert deliver(session) == ([], True)
        assert [day.status for day in session.coverage().searches.days(search, [DAY])] == ["complete"]


@pytest.mark.parametrize(
    "dataset", cases({name.value: name for name in (Dataset.VIDEOS, Dataset.COMMENTS, Dataset.USERS)}, "videos")
)
def test_a_damaged_line_is_in_quarantine_until_it_is_requested_again(lab: Lab, dataset: Dataset) -> None:
    """It has file, line and reason of the file set aside, until its pages were requested again."""

    def collect(session: CollectionSession) -> None:
        collect_videos(session, session.study.searches[0], [DAY])
        collect_users(session, [DAY])
        collect_comments(session, [DAY])

    with lab.session() as session:
        collect(session)
        path = largest(session, dataset)
        damage(path)
        ((row,), passed) = deliver(session)

    assert (row["file"].startswith(f"{dataset}/"), ".damaged-" in row["file"], row["line"]) == (True, True, 1)
    assert ("is not a landed page" in row["reason"], row["is_open"], passed) == (True, True, False)
    assert DAY == row["window_from_date"] == row["window_to_date"]
    with lab.session() as session:
        collect(session)
        ((row,), passed) = deliver(session)
        assert (row["is_open"], passed) == (False, True)


def a_page(path: Path) -> None:
    """Make a page unreadable."""
    spoil(path, html)


EDITS = {
    "query edited": (a_page, STUDY.replace("climate, klima", "climate")),
    "search removed": (a_page, STUDY.replace("  climate: {hashtags: [climate, klima]}\n", "")),
    "day no longer in the study": (a_page, STUDY.replace("[climate, klima]}", "[climate, klima], from: 2026-11-05}")),
    "query edited, file damaged": (damage, STUDY.replace("climate, klima", "climate")),
}


@pytest.mark.parametrize(("break_it", "edited"), cases(EDITS, "query edited"))
def test_pages_of_a_removed_query_stay_in_quarantine(lab: Lab, break_it: Callable[[Path], None], edited: str) -> None:
    """An edit of the study makes the entry a warning; with the query back it is an error until it is requested."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], [DAY])
        break_it(largest(session, Dataset.VIDEOS))
        assert failed_checks(session) == [CHECK]
    lab.study = edited
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, [DAY], again_since=lab.clock.now())
        (row,) = ops_frames(session)["ops.quarantine"].to_dicts()
        assert (row["is_open"], row["is_given_up"], failed_checks(session)) == (True, True, [GIVEN_UP])
    lab.study = STUDY
    with lab.session() as session:
        assert failed_checks(session) == [CHECK]
        lab.clock.advance(seconds=60)
        collect_videos(session, session.study.searches[0], [DAY], again_since=lab.clock.now())
        assert failed_checks(session) == []
    lab.study = edited
    with lab.session() as session:
        assert failed_checks(session) == []


UNWANTED = {
    f"{dataset}, {break_it.__name__}": (dataset, break_it)
    for dataset in (Dataset.COMMENTS, Dataset.USERS)
    for break_it in (a_page, damage)
}


@pytest.mark.parametrize(("dataset", "break_it"), cases(UNWANTED))
def test_pages_of_a_switched_off_rule_stay_in_quarantine(
    lab: Lab, dataset: Dataset, break_it: Callable[[Path], None]
) -> None:
    """The rules are those of comments and of profiles."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], [DAY])
        collect_users(session, [DAY])
        collect_comments(session, [DAY])
        break_it(largest(session, dataset))
        assert failed_checks(session) == [CHECK]
    lab.study = STUDY.replace("comments: {min_comments: 2}", "comments: false\nusers: false")
    with lab.session() as session:
        assert failed_checks(session) == [GIVEN_UP]


@pytest.mark.slow
def test_a_page_that_was_read_again_leaves_the_quarantine(lab: Lab) -> None:
    """It stays out if a later look at one of its days cannot be read, or a day waits."""
    days = days_between(date(2026, 11, 3), date(2026, 11, 6))

    def look_again(days: list[date]) -> None:
        lab.clock.advance(seconds=60)
        with lab.session() as session:
            collect_videos(session, session.study.searches[0], days, again_since=lab.clock.now())

    with lab.session() as session:
        search = session.study.searches[0]
        collect_videos(session, search, days)
        first = spoil(largest(session, Dataset.VIDEOS), html)
        deliver(session)
    look_again(days[:-1])
    with lab.session() as session:
        assert first.window_from < first.window_to
        assert [row["is_open"] for row in deliver(session)[0]] == [True]  # the last day may have been on that page
    look_again(days)
    with lab.session() as session:
        assert [row["is_open"] for row in deliver(session)[0]] == [False]
    look_again([DAY])
    with lab.session() as session:
        spoil(max((session.files.landing / "videos").rglob("*.zst"), key=lambda path: path.stat().st_mtime_ns), html)
        assert [row["is_open"] for row in deliver(session)[0]] == [False, True]
