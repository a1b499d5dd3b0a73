"""Rows of the ops tables: valid by default, override what matters."""

from datetime import date
from typing import Any

import polars as pl

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline_tests.warehouse.builders import MORNING

TODAY = MORNING.date()


def requests(*answers: tuple[str, str | None, int | None], quota_date: date = TODAY, **further: Any) -> pl.DataFrame:
    """Rows of ops.requests, one for each dataset, code and number of records."""
    row = {"bucket": "main", "quota_date": quota_date, "is_charged": True, "endpoint": "e", "study": "s"}
    request = row | {"reserved_at": MORNING, "hidden": 1} | further
    rows = [
        request | {"request_id": number, "dataset": dataset, "code": code, "records": records}
        for number, (dataset, code, records) in enumerate(answers)
    ]
    return pl.DataFrame(rows, schema=TABLES["ops.requests"].frame_schema)


def comment_coverage(video_id: int, status: str, **further: Any) -> pl.DataFrame:
    """A row of ops.comment_coverage."""
    row = {"video_id": video_id, "status": status, "comment_count_seen": 2, "comments_held": 3, "pages": 1}
    return pl.DataFrame([row | further], schema=TABLES["ops.comment_coverage"].frame_schema)


def searches(*searches: dict[str, Any]) -> pl.DataFrame:
    """Rows of ops.searches: present versions, with the fingerprint of `page` unless they have another."""
    row = {"kind": "study", "query": "{}", "is_current": True, "first_asked_at": MORNING, "last_asked_at": MORNING}
    rows = [row | {"fingerprint": "f" * 64} | search for search in searches]
    whole = [row | {"part_of": row.get("part_of", row["fingerprint"])} for row in rows]
    return pl.DataFrame(whole, schema=TABLES["ops.searches"].frame_schema)


def look_coverage(day: date, look: int, **further: Any) -> pl.DataFrame:
    """A row of ops.look_coverage: a complete look of the search climate at one day."""
    window = {"window_from_date": day, "window_to_date": day, "window_records": 3, "window_strays": 0}
    row = {
        "load_id": f"videos/climate/ffffffff/{day}_{day}.look-{look}",
        "search": "climate",
        "fingerprint": "f" * 64,
        "is_current": True,
        "day_date": day,
        "look": look,
        "ends": "complete",
        "records": 3,
        "pages": 1,
        "first_asked_at": MORNING,
        "last_asked_at": MORNING,
    }
    return pl.DataFrame([row | window | further], schema=TABLES["ops.look_coverage"].frame_schema)


def search_coverage(day: date, status: str, **further: Any) -> pl.DataFrame:
    """A row of ops.search_coverage: the search climate on one day."""
    row = {"search": "climate", "fingerprint": "f" * 64, "day_date": day, "kind": "list", "status": status}
    numbers = {"looks": 1, "looks_planned": 1, "has_last_look": True, "records": 3, "pages": 1}
    return pl.DataFrame([row | numbers | further], schema=TABLES["ops.search_coverage"].frame_schema)
