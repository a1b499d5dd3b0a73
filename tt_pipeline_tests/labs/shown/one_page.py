"""docs/one-page.md: one page from the study to the analyst, with the real bytes of each step."""

import json
import sqlite3
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any

import polars as pl
from rich.console import Console

from tt_pipeline.cli.tables import show_frame
from tt_pipeline.coverage.due_work import Work, due
from tt_pipeline.ingestion.delivery import load_landed, publish_warehouse, write_ops_tables
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Envelope
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.published import query_file
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.labs.shown.demo import tt

PAGE = Path(__file__).parents[3] / "docs" / "one-page.md"
_TEMPLATE = Path(__file__).parent / "templates" / "one-page.md"
_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_STUDY = """\
study: The life of one page
start: 2026-11-16
end: 2026-11-16
searches:
  climate: {hashtags: [climatestrike, klimastreik]}
"""
_WIDTH = 120


def one_page(folder: Path) -> str:
    """Collect, load and publish one page in an empty folder; returns the text of docs/one-page.md."""
    clock = FrozenClock(_NOON)
    world = World.until_yesterday(_NOON, seed=7, days=30, videos_per_day=600)
    simulator = Simulator(world, knobs=Knobs(rate_per_minute=0), now=clock.now)
    with running(simulator) as base_url:
        lab = Lab(simulator, base_url, folder, clock, study=_STUDY)
        with lab.session() as session:
            parts = _collected(session) | _published(session)
    parts["trace"] = _cut(tt(folder, "trace", parts["video_id"], TT_DATA_DIR=str(folder)).replace(str(folder), "data"))
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(parts)


def _collected(session: CollectionSession) -> dict[str, str]:
    (work,) = due(session.coverage())
    collect_videos(session, session.study.searches[0], work.window.days)
    (file,) = session.zone.index.files()
    (page,) = file.envelopes()
    return {
        "study": _STUDY.rstrip(),
        "now": f"{_NOON:%-d %B %Y, %H:%M} UTC",
        "due": _work(work),
        "request": json.dumps(page.request, indent=2),
        "ledger": _rows_of(session.files.root / "ledger.sqlite", "requests", without=("client_key", "seconds")),
        "slots": f"{page.slots}",
        "records": f"{page.records}",
        "status": f"{page.status}",
        "bytes": f"{len(page.body.encode()):,}",
        "body": page.body[:700] + "…",
        "path": f"{session.files.landing.relative_to(session.files.root)}/{file.name}",
        "line": _line(page),
        "index": _rows_of(session.files.landing / "index.sqlite", "pages"),
    }


def _published(session: CollectionSession) -> dict[str, str]:
    load_landed(session, *Dataset)
    write_ops_tables(session)
    report = publish_warehouse(session)

    def rows(sql: str) -> str:
        return _shown(query_file(report.published, sql))

    (video_id,) = query_file(report.published, "select min(video_id) as first from core.videos")["first"]
    of_video = f"where video_id = {video_id}"
    return {
        "video_id": f"{video_id}",
        "loads": rows("select load_id, lines, records_in, rows_loaded, duplicates, rejected, strays from ops.loads"),
        "video": rows(f"select * exclude (load_id) from core.videos {of_video}"),
        "snapshots": rows(f"select * exclude (load_id) from core.video_snapshots {of_video}"),
        "hashtags": rows(f"select hashtag_name, hashtag_id from core.video_hashtags {of_video} order by all"),
        "hits": rows(
            f"select search, left(fingerprint, 8) as query, video_id, matches from core.search_hits {of_video}"
        ),
        "checks": "\n".join(f"{check.name:24} {check.message}" for check in report.checks),
        "mart": rows(f"from marts.videos where video_id = '{video_id}'"),
        "coverage": rows("select search, day_date, status, looks, records, hidden, requests from ops.search_coverage"),
    }


def _work(work: Work) -> str:
    return f"{work.asset}  {work.window.first_day} to {work.window.last_day}  {work.reason}"


def _rows_of(file: Path, table: str, *, without: tuple[str, ...] = ()) -> str:
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    try:
        rows = [dict(row) for row in connection.execute(f"select * from {table}")]
    finally:
        connection.close()
    return _shown(pl.DataFrame([{name: row[name] for name in row if name not in without} for row in rows]))


def _line(page: Envelope) -> str:
    line: dict[str, Any] = json.loads(page.line())
    line["body"] = line["body"][:60] + "…"
    return json.dumps(line, ensure_ascii=False)


def _shown(frame: pl.DataFrame) -> str:
    screen = Console(file=StringIO(), width=_WIDTH, force_terminal=True, color_system=None)
    show_frame(frame, screen=screen)
    return _cut(screen.file.getvalue())  # type: ignore[attr-defined]  # it is the StringIO above


def _cut(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
