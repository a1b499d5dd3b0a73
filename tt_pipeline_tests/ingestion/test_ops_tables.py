"""Ops tables have the requests of the ledger and the cost of each search."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
import zstandard

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.vocabulary import Bucket, Dataset
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.warehouse.builders import later, page, video

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))


def requested(session: CollectionSession) -> float:
    """The sum of requests in the search coverage."""
    return float(ops_frames(session)["ops.search_coverage"]["requests"].sum())


def reserve(ledger: Ledger, **purpose: Any) -> int:
    """A request that is not settled."""
    return ledger.reserve(Purpose(**purpose), Bucket.MAIN, "video_query")


def test_every_table_that_is_handed_in_has_a_frame(lab: Lab) -> None:
    """A table that is added to the catalog is not forgotten here."""
    handed_in = {name for name, table in TABLES.items() if table.loading is Loading.HANDED_IN}
    with lab.session() as session:
        assert ops_frames(session).keys() == handed_in


def test_requests_are_stated_as_the_catalog_types_them(lab: Lab) -> None:
    """Each request is one row, settled or not, of any key, with days, instants and hidden slots."""
    with lab.session() as session:
        settled = reserve(session.ledger, study="s", dataset="videos", search="climate", day="2026-11-03", run_id="r")
        session.ledger.settle(settled, status=200, code="ok", further=("L1", 90, 100, 0.5))
        reserve(session.ledger, study="s", dataset="users")
        with Ledger(lab.folder / "ledger.sqlite", client_key="another", clock=lab.clock) as other:
            reserve(other, study="t", dataset="videos")

        stated = ops_frames(session)["ops.requests"]

    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    common = {"bucket": "main", "quota_date": now.date(), "is_charged": True, "endpoint": "video_query", "study": "s"}
    searched = {"dataset": "videos", "search": "climate", "day_date": date(2026, 11, 3), "run_id": "r"}
    answer = {"status": 200, "code": "ok", "log_id": "L1", "records": 90, "slots": 100, "hidden": 10, "seconds": 0.5}
    nothing = dict.fromkeys(("search", "day_date", "run_id", "settled_at", *answer))
    assert stated.schema == TABLES["ops.requests"].frame_schema
    assert stated.to_dicts() == [
        {"request_id": 1, "reserved_at": now, "settled_at": now, **common, **searched, **answer},
        {"request_id": 2, "reserved_at": now, **common, "dataset": "users", **nothing},
        {"request_id": 3, "reserved_at": now, **common, "study": "t", "dataset": "videos", **nothing},
    ]


def test_unknown_fields_have_their_first_and_last_page(lab: Lab) -> None:
    """An unknown key is one row from its first page to its last; nested keys are not listed."""
    records: list[dict[str, Any]] = [{}, {"mood": 1}, {"mood": None, "video_tag": {"strange": 2}}]
    with (
        lab.session() as session,
        session.zone.writing("videos/climate/ffffffff/2026-10-01_2026-10-03.look-1") as writer,
    ):
        for hour, further in enumerate(records):
            writer.append(page(video(1, **further), fetched_at=later(hours=hour)))

        stated = ops_frames(session)["ops.fields"]
        unknown, username = stated.filter(~pl.col("is_known")), stated.filter(field="username")
        assert unknown.rows() == [("videos", "mood", False, later(hours=1), later(hours=2))]
        assert username.rows() == [("videos", "username", True, later(), later(hours=2))]


def test_a_ledger_is_read_in_parts(lab: Lab) -> None:
    """The parts have every row once, in order."""
    with lab.session() as session:
        for _ in range(5):
            reserve(session.ledger, study="s", dataset="videos")
        _, rows = session.ledger.rows()
        parts = [session.ledger.rows(after=after, at_most=2)[1] for after in (0, 2, 4, 5)]

    assert [row for part in parts for row in part] == rows
    assert [len(part) for part in parts] == [2, 2, 1, 0]


def test_a_search_costs_what_its_own_study_sent(lab: Lab) -> None:
    """Another study on the key with a search of the same name does not raise the cost of this one."""
    with lab.session() as session:
        receipt = collect_videos(session, session.study.searches[0], DAYS).receipt
        for _ in range(50):
            reserve(session.ledger, study="Another study", dataset="videos", search="climate", day="2026-11-03")

        assert requested(session) == receipt.requests > 0
        assert ops_frames(session)["ops.requests"]["study"].value_counts().height == 2


@pytest.mark.parametrize("kept_lines", [0, 1])
def test_a_damaged_day_is_partial_until_it_is_requested_again(lab: Lab, kept_lines: int) -> None:
    """It has the reason, with or without pages before the damage; it is neither paused nor never_asked."""

    def statuses(session: CollectionSession) -> set[tuple[str, str | None]]:
        rows = ops_frames(session)["ops.search_coverage"].filter(pl.col("day_date").is_in(DAYS), search="climate")
        return set(rows.select("status", "note").rows())

    damaged = ("partial", "a landed page was damaged; `tt collect` requests it again")
    with lab.session() as session:
        search = session.study.searches[0]
        collect_videos(session, search, DAYS)
        (path,) = (session.files.landing / "videos").rglob("*.zst")
        (whole,) = envelopes(path)
        first = replace(whole, ends=None, has_more=True)
        path.write_bytes(zstandard.compress(first.line() * kept_lines + b"torn\n"))
        session.zone.catch_up()
        assert statuses(session) == {damaged}
        collect_videos(session, search, DAYS)
        assert statuses(session) == {("complete", None)}


def test_a_damaged_file_of_an_earlier_query_stops_no_publication(lab: Lab) -> None:
    """Its query is unknown; its days and requests stay in the tables, under the search's last name."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
    lab.study = lab.study.replace("climate: {hashtags: [climate, klima]}", "renamed: {hashtags: [other]}")
    (path,) = (session.files.landing / "videos").rglob("*.zst")
    stat = path.stat()
    path.write_bytes(b"x" * stat.st_size)  # a failing disk changes neither size nor time, so that nobody notices
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with lab.session() as session:
        frames = ops_frames(session)
        (earlier,) = frames["ops.searches"].filter(~pl.col("is_current")).to_dicts()
        looks = frames["ops.look_coverage"].filter(~pl.col("is_current"))
    assert (earlier["search"], earlier["query"]) == ("climate", "null")
    assert set(looks["search"]) == {"climate"}


def test_a_canary_is_not_a_request_of_a_window(make_lab: MakeLab) -> None:
    """Receipts and ledger count it as a canary, and no day of the search is charged for it."""
    silent = Fault(kind=FaultKind.EMPTY, endpoint="video_query", always=True)
    with make_lab(Knobs(rate_per_minute=0, faults=(silent,))) as lab, lab.session() as session:
        receipts = [collect_videos(session, search, DAYS).receipt for search in session.study.searches]

        of_canaries = ops_frames(session)["ops.requests"].filter(pl.col("dataset") == Dataset.CANARY)
        assert of_canaries.height >= 1
        assert set(of_canaries["search"]) <= {search.name for search in session.study.searches}
        assert sum(receipt.requests for receipt in receipts) == lab.sent() == requested(session) + of_canaries.height
