"""The study passport: one page for the principal investigator and the ethics board, whose numbers can be recomputed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.json_text import one_line
from tt_pipeline.reports.study_report.facts import Facts, read_facts
from tt_pipeline.reports.study_report.html import isolated, page, sql, table, text
from tt_pipeline.reports.study_report.limitations import as_published, limitations
from tt_pipeline.reports.study_report.page import UNTITLED
from tt_pipeline.reports.study_report.queries import SentQuery, sent_queries
from tt_pipeline.reports.study_report.rows import PublishedStudy, Rows

_FACTS: Final = (
    *("first_day", "last_day", "first_request", "last_request", "published"),
    *("searches", "earlier_versions", "search_days", "complete_search_days", "capped_days", "looks_planned"),
    *("sampled_searches", "drawn_videos", "requests", "wasted_requests", "pages"),
    *("videos", "fitting_videos", "earlier_videos", "once_videos", "creators", "comments", "replies"),
    *("profiles", "refused_profiles", "observed_accounts", "list_entries", "hidden_share"),
    *("deletions", "overdue_checks", "failed_checks", "unread_pages", "software", "tables", "duckdb"),
)
_INTRODUCTION: Final = (
    "<p>What this study asked TikTok’s Research API for, what it got, what is missing, and what was deleted. Every "
    "number has the SQL that recomputes it from the published file: <code>tt sql</code> runs it. Days are UTC.</p>\n"
)
_API_DOCUMENTS: Final = "2026-11-20"
"""When TikTok's documents were read for this version; docs/research-api.md lists them."""


def passport_page(study: PublishedStudy, *, with_names: bool) -> str:
    """The passport as an HTML page.

    Args:
        study: The published file.
        with_names: Whether queries show accounts and ids.
    """
    title = study.title or UNTITLED
    facts = read_facts(study)
    queries = sent_queries(study, with_names=with_names)
    body = [
        f'<header>\n<p class="quiet">Study passport</p>\n<h1>{isolated(title)}</h1>\n',
        '<p class="notice" role="note"><strong>Simulated data.</strong> A simulator answered in place of TikTok.</p>\n'
        if study.is_simulated
        else "",
        _INTRODUCTION,
        "</header>\n<main>\n<h2>Queries</h2>\n",
        *(_query(each) for each in queries),
        "<h2>Searches</h2>\n",
        _rows(study.rows_of("searches"), "Days, requests and records of each search"),
        "<h2>Numbers</h2>\n",
        _numbers(facts),
        "<h2>Days that are not complete</h2>\n",
        *_gaps(study),
        "<h2>Deletions</h2>\n",
        *_deletions(study),
        f"<h2>Limitations</h2>\n<p>{text(as_published(study))}</p>\n<ul>",
        *(f"<li>{text(each)}</li>\n" for each in limitations(study, facts)),
        "</ul>\n<h2>Versions and checksum</h2>\n",
        f"<p>TikTok’s documents as read on {_API_DOCUMENTS}. SHA-256 of {text(study.file.name)}:</p>\n",
        f'<p><code id="checksum">{checksum(study.file)}</code></p>\n',
        f"<p>Recompute it with <code>sha256sum {text(study.file.name)}</code>.</p>\n</main>\n",
    ]
    return page(title=f"Passport: {title}", body=body)


def checksum(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _query(query: SentQuery) -> str:
    state = "present version" if query.is_current else "earlier version"
    days = f"days of posting from {query.first_date} to {query.last_date or 'now on'}" if query.first_date else ""
    sent = (
        f"sent from {query.first_asked_at:%Y-%m-%d} to {query.last_asked_at:%Y-%m-%d}"
        if query.first_asked_at and query.last_asked_at
        else "not sent yet"
    )
    said = f"<p>{text(query.english[:1].upper() + query.english[1:])}.</p>\n" if query.english else ""
    return (
        f"<h3>{isolated(one_line(query.search, longest=100))}, {state}</h3>\n"
        f'{said}<p class="quiet">{text("; ".join(filter(None, [days, sent])))} (UTC). Fingerprint '
        f"<code>{text(query.fingerprint[:16])}</code></p>\n"
        f"<details><summary>The query as JSON</summary>{sql(query.json_text)}</details>\n"
    )


def _rows(rows: Rows, caption: str) -> str:
    values = [[row[column] for column in rows.columns] for row in rows.rows]
    return table(rows.columns, values, caption=caption) + f"<details><summary>SQL</summary>{sql(rows.sql)}</details>\n"


def _numbers(facts: Facts) -> str:
    lines = "".join(
        f'<tr data-fact="{name}"><td>{text(facts[name].label)}<details><summary>SQL</summary>'
        f"{sql(facts[name].sql)}</details></td>"
        f'<td class="number">{text(facts[name].shown)}</td></tr>\n'
        for name in _FACTS
        if facts[name].value is not None
    )
    head = '<thead><tr><th scope="col">What</th><th scope="col">Value</th></tr></thead>'
    return f'<table class="facts">{head}<tbody>\n{lines}</tbody></table>\n'


def _gaps(study: PublishedStudy) -> Iterator[str]:
    rows = study.rows_of("gaps")
    days = rows.total("days")
    yield (
        f"<p>{counted(days, 'day')} of searches.</p>\n"
        if days
        else "<p>None: every due day of every search is complete.</p>\n"
    )
    if rows.rows:
        yield _rows(rows, "Days that are not complete, by search and status")


def _deletions(study: PublishedStudy) -> Iterator[str]:
    rows = study.rows_of("deletions")
    yield f"<p>{counted(rows.total('deletions'), 'item', 'were')} deleted.</p>\n"
    if rows.rows:
        yield _rows(rows, "Deleted items, by kind and reason")
