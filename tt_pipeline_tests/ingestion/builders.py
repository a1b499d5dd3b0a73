"""For tests that collect: studies of one search, and the rows that they stored."""

import json
from datetime import date

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ids import whole_number
from tt_pipeline.ingestion.delivery import load_landed, on_writer, write_ops_tables
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.collection_lab import Lab

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 5))


def landed_comments(session: CollectionSession) -> set[int]:
    """Ids of all comments and replies that have landed."""
    kinds = {Dataset.COMMENTS, Dataset.REPLIES}
    pages = [p for f in session.zone.index.files() if f.dataset in kinds for p in f.envelopes()]
    bodies = [json.loads(page.body).get("data") or {} for page in pages]
    return {whole_number(record["id"]) or 0 for data in bodies for record in data.get("comments") or []}


def rows(lab: Lab, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query over everything that has landed."""
    with lab.session() as session:
        load_landed(session, *Dataset)
        write_ops_tables(session)
        return on_writer(session, lambda writer: writer.query(sql).rows())


def collect(session: CollectionSession, days: list[date] = DAYS) -> int:
    """Collect the study's first search; returns the number of requests."""
    return collect_videos(session, session.study.searches[0], days).receipt.requests


def with_search(lab: Lab, search: str, start: date = DAYS[0]) -> Lab:
    """The lab with a study of one search."""
    quota = "quota: {requests_per_day: 1000, requests_per_second: 10}\n"
    lab.study = f"study: One kind\nstart: {start}\nsearches:\n  one: {search}\n{quota}"
    return lab
