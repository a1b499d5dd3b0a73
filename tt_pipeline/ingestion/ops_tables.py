"""Frames for the warehouse's `ops` tables: coverage, searches, requests, quarantine, fields."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import polars as pl

from tt_pipeline.audit_log import audit_entries
from tt_pipeline.coverage import (
    Drawing,
    StudyCoverage,
    Workspace,
    list_coverage_rows,
    look_status,
)
from tt_pipeline.ingestion.fields import fields
from tt_pipeline.ingestion.look_coverage import look_coverage, requests_of_looks, search_coverage, sent_request
from tt_pipeline.ingestion.quarantine import quarantine
from tt_pipeline.ingestion.validations import judge, read_validations, verifications
from tt_pipeline.landing import WindowEntry, without_erased_values
from tt_pipeline.quota import Ledger
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import ONCE, AccountStatus, CommentStatus, Dataset, Username
from tt_pipeline.warehouse import TABLES

_ROWS_AT_ONCE = 10_000
_AS_STORED: Mapping[pl.DataType, pl.DataType] = {
    pl.Boolean(): pl.Int64(),
    pl.Date(): pl.String(),
    pl.Datetime("us", "UTC"): pl.String(),
}


def ops_frames(workspace: Workspace) -> dict[str, pl.DataFrame]:
    """Every `ops` table that is made here, by its full name.

    It is the definition: `coverage_by_day.py` brings the coverage of comments and accounts up to date for less.
    """
    coverage = workspace.coverage()
    days = coverage.landed.videos_by_day
    names = {username for day in days for username in coverage.profiles.accounts_of(day)}
    return {
        **replaced_frames(workspace),
        # A video that was found on two days, because its create_time has changed, counts on the later one.
        "ops.comment_coverage": frame_of("ops.comment_coverage", comment_rows(coverage, days)).unique(
            "video_id", keep="last", maintain_order=True
        ),
        "ops.account_coverage": frame_of("ops.account_coverage", account_rows(coverage, sorted(names))),
    }


def replaced_frames(workspace: Workspace) -> dict[str, pl.DataFrame]:
    """Every `ops` table that is replaced as a whole, by its full name."""
    coverage, requests = workspace.coverage(), _requests(workspace.ledger)
    spent = requests_of_looks(coverage, requests)
    rows: dict[str, Iterable[dict[str, Any]]] = {
        "ops.searches": _without_deleted([*_searches(coverage), *_one_offs(workspace)], workspace.tombstones),
        "ops.search_coverage": search_coverage(coverage, spent),
        "ops.look_coverage": look_coverage(coverage, spent),
        "ops.quarantine": quarantine(coverage, workspace.zone.inventory.damaged()),
        "ops.fields": fields(coverage.index),
        "ops.deletions": _deletions(workspace.tombstones),
        "ops.compliance": [_compliance(workspace)],
        "ops.audit": audit_entries(workspace.files.audit),
    }
    checks = read_validations(workspace.zone.inventory.locations_of(Dataset.VALIDATIONS))
    verified = verifications(judge(checks, workspace.study.compliance, workspace.clock.now()))
    return {
        "ops.requests": requests,
        "ops.verifications": verified,
        **{table: frame_of(table, found) for table, found in rows.items()},
    }


def frame_of(table: str, rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """A frame with the types of a table, built in batches, because one list for 3.65 million videos took 1.3 GB."""
    schema, coming = TABLES[table].frame_schema, iter(rows)
    frames = [pl.DataFrame(schema=schema)]
    while batch := list(islice(coming, _ROWS_AT_ONCE)):
        frames.append(pl.DataFrame(batch, schema=schema, strict=True))
    return pl.concat(frames)


def _requests(ledger: Ledger) -> pl.DataFrame:
    """Every request of the ledger, of any key and study, in the catalog's types."""
    batches = list(_batches(ledger))
    return pl.concat(batches) if batches else frame_of("ops.requests", [])


def _batches(ledger: Ledger) -> Iterator[pl.DataFrame]:
    """The rows of the ledger in batches, because one list for a year of full quota (365,000 rows) took 763 MB."""
    after = 0
    while True:
        names, rows = ledger.rows(after=after, at_most=_ROWS_AT_ONCE)
        if not rows:
            return
        yield _typed(dict(zip(names, zip(*rows, strict=True), strict=True)))
        after = int(rows[-1][0] or 0)


def _typed(stored: Mapping[str, Sequence[object]]) -> pl.DataFrame:
    """The ledger's columns in the types of ops.requests; the ledger has text for days and 0 or 1 for booleans."""
    schema = TABLES["ops.requests"].frame_schema
    as_stored = {name: _AS_STORED.get(schema[name], schema[name]) for name in stored if name in schema}
    found = pl.DataFrame({name: stored[name] for name in as_stored}, schema=as_stored, strict=True)
    return found.with_columns(
        pl.col("is_charged").cast(pl.Boolean),
        pl.col("quota_date", "day_date").str.to_date("%Y-%m-%d"),
        pl.col("reserved_at", "settled_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"),
        (pl.col("slots") - pl.col("records").fill_null(0)).clip(lower_bound=0).alias("hidden"),
    ).select(schema.names())


def _searches(coverage: StudyCoverage) -> Iterator[dict[str, Any]]:
    requested: dict[tuple[str, str], list[WindowEntry]] = defaultdict(list)
    by_query: dict[str, list[WindowEntry]] = defaultdict(list)
    for window in coverage.landed.windows:
        requested[window.search, window.fingerprint].append(window)
        by_query[window.fingerprint].append(window)
    sent = [(search, part) for search in coverage.study.searches for part in search.queries]
    current = {(part.name, part.fingerprint): part for _, part in sent}
    part_of = {(part.name, part.fingerprint): search.fingerprint for search, part in sent}
    for name, fingerprint in sorted(requested.keys() | current.keys()):
        search = current.get((name, fingerprint))
        # Windows that were requested under an earlier name of the query count for its present name.
        windows = by_query[fingerprint] if search else requested[name, fingerprint]
        yield {
            "search": name,
            "fingerprint": fingerprint,
            "part_of": part_of.get((name, fingerprint), fingerprint),
            "kind": "study",
            "query": json.dumps(search.query.body() if search else _query_of(windows[0]), ensure_ascii=False),
            "first_date": search.first_day if search else None,
            "last_date": search.last_day if search else None,
            "is_current": search is not None,
            "first_asked_at": min((window.first_at for window in windows), default=None),
            "last_asked_at": max((window.last_at for window in windows), default=None),
        }


def _without_deleted(searches: Iterable[dict[str, Any]], tombstones: Tombstones) -> Iterator[dict[str, Any]]:
    """The queries without ids and usernames that were deleted; their fingerprints stay."""
    for search in searches:
        query = without_erased_values(json.loads(search["query"]), tombstones.deleted) if tombstones else None
        yield search | {"query": json.dumps(query, ensure_ascii=False)} if query else search


def _compliance(workspace: Workspace) -> dict[str, Any]:
    rules = workspace.study.compliance
    return {
        "stated_at": workspace.clock.now(),
        "refresh_days": rules.refresh_days,
        "hide_after_days": rules.hide_after_days,
        "verifies_profiles": workspace.study.users.is_strict,
    }


def _deletions(tombstones: Tombstones) -> Iterator[dict[str, Any]]:
    for stone in tombstones:
        yield {
            "subject": stone.kind.value,
            "subject_hmac": stone.hashed,
            "reason": stone.reason.value,
            "deleted_at": stone.deleted_at,
        }


def _one_offs(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """The queries of one-off searches: never current, so that no number of the study counts what they found."""
    if workspace.study.has_search(ONCE):
        return
    by_query: dict[str, list[WindowEntry]] = defaultdict(list)
    for window in workspace.zone.index.of_once().windows():
        by_query[window.fingerprint].append(window)
    for fingerprint, windows in sorted(by_query.items()):
        yield {
            "search": ONCE,
            "fingerprint": fingerprint,
            "part_of": fingerprint,
            "kind": ONCE,
            "query": json.dumps(_query_of(windows[0]), ensure_ascii=False),
            "first_date": None,
            "last_date": None,
            "is_current": False,
            "first_asked_at": min(window.first_at for window in windows),
            "last_asked_at": max(window.last_at for window in windows),
        }


def _query_of(window: WindowEntry) -> object:
    """The query of an earlier version of a search, from its landed pages; None if none of them can be read."""
    return sent_request(window).get("query")


def comment_rows(coverage: StudyCoverage, days: Iterable[date]) -> Iterator[dict[str, Any]]:
    """Rows of `ops.comment_coverage` for the videos of these days; comments_held counts records, some come twice."""
    samples = coverage.study.comments.sample is not None
    for day in days:
        drawings = coverage.comments.drawn_on(day)
        for video in coverage.landed.videos_by_day.get(day, []):
            listing = coverage.landed.listings.get(str(video.video_id))
            drawing = drawings.get(video.video_id)
            status = coverage.comments.status(video)
            yield {
                "video_id": video.video_id,
                "status": status.value,
                "comment_count_seen": video.comment_count,
                "comments_held": listing.records if listing else 0,
                "pages": listing.pages if listing else 0,
                "last_asked_at": listing.last_at if listing else None,
                "stratum": drawing.stratum if drawing else None,
                "inclusion_probability": drawing.probability if drawing else None,
                "is_sampled": drawing.is_drawn if drawing else None,
                "weight": _weight(drawing, samples=samples) if status in _ANSWERED else None,
                "day_date": day,
            }


_ANSWERED = frozenset(
    {CommentStatus.NO_COMMENTS, CommentStatus.COMPLETE, CommentStatus.CAPPED_AT_1000, CommentStatus.CAPPED}
)
"""The comments of these videos are known, so that they can stand for others."""


def _weight(drawing: Drawing | None, *, samples: bool) -> float | None:
    if not samples:
        return 1.0
    return 1 / drawing.probability if drawing and drawing.is_drawn else None


def account_rows(coverage: StudyCoverage, usernames: Iterable[Username]) -> Iterator[dict[str, Any]]:
    """Rows of `ops.account_coverage`: the profiles of these accounts, and every observed list."""
    profiles = dict(coverage.landed.profiles)
    for username in usernames:
        profile = profiles.get(username)
        status = look_status(profile)
        yield {
            "username": username,
            "list": "profile",
            "status": status.value,
            "observations": profile.look if profile else 0,
            "records_held": int(status is AccountStatus.COMPLETE),
            "last_asked_at": profile.last_at if profile else None,
        }
    yield from list_coverage_rows(coverage.account_lists)
