"""Writes a mail to TikTok's support with failed requests, their times and log_ids. It contains no secret.

Source: https://developers.tiktok.com/doc/research-api-faq/ (2026): support asks for log_ids.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.codebook.endpoints import ENDPOINTS
from tt_pipeline.counted import counted
from tt_pipeline.quota import COUNTED_AGAIN, Ledger
from tt_pipeline.warehouse import query_file

_GOOD: Final = frozenset({"ok", COUNTED_AGAIN})
"""A request was counted again because its page has landed."""
_OUR_OWN_LIMIT: Final = frozenset({"daily_quota_limit_exceeded", "rate_limit_exceeded"})
"""Error codes of refusals that follow from the quota or rate limit; they are not failures."""
_ABOUT_SOMEONE: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""HTTP statuses with which the API reports that an account or video is gone, private or closed; not failures."""
_MOST: Final = 100
_UNREADABLE: Final = """
select fetched_at, dataset, reason, log_id from ops.quarantine where is_open and fetched_at >= $since order by all
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that returned no page.

    Attributes:
        status: The HTTP status; None without an answer.
    """

    sent_at: datetime
    endpoint: str
    status: int | None
    code: str
    log_id: str | None


def failed_requests(ledger: Ledger, since: datetime, *, client_key: str | None = None) -> list[Failure]:
    """The requests of the ledger that failed since an instant, in the order of the ledger.

    Without requests that are not settled, refusals because of the quota, and refusals of accounts or videos.

    Args:
        ledger: The ledger's file; it can have requests of several client keys.
        since: An aware instant.
        client_key: The fingerprint of a client key; None for the requests of all keys.
    """
    columns, rows = ledger.rows()
    requests = (dict(zip(columns, row, strict=True)) for row in rows)
    of_key = (row for row in requests if client_key in {None, row["client_key"]})
    return [found for row in of_key if _is_failure(row) and (found := _failure(row)).sent_at >= since]


def unreadable_answers(published: Path, since: datetime) -> list[Failure]:
    """Successful answers since an instant that cannot be read, as of the latest publication."""
    try:
        found = query_file(published, _UNREADABLE, since=since)
    except duckdb.Error:  # none was published yet, or by an earlier version
        return []
    return [
        Failure(sent_at=at, endpoint=dataset, status=HTTPStatus.OK, code=reason, log_id=log_id)
        for at, dataset, reason, log_id in found.iter_rows()
    ]


def _is_failure(row: Mapping[str, Any]) -> bool:
    endpoint = ENDPOINTS.get(row["endpoint"])
    is_result = endpoint is not None and endpoint.is_about_someone and row["status"] in _ABOUT_SOMEONE
    return row["settled_at"] is not None and row["code"] not in _GOOD | _OUR_OWN_LIMIT and not is_result


def _failure(row: Mapping[str, Any]) -> Failure:
    return Failure(
        sent_at=datetime.fromisoformat(row["reserved_at"]),
        endpoint=row["endpoint"],
        status=row["status"],
        code=row["code"] or "",
        log_id=row["log_id"],
    )


def write_support_mail(found: Sequence[Failure], base_url: str) -> str:
    """The text of the mail: the number of failures of each kind, then the latest hundred failures, oldest first.

    Args:
        found: At least one failure, in any order.
        base_url: The server that received the requests.
    """
    found = sorted(found, key=lambda failure: failure.sent_at)
    kinds = Counter((failure.endpoint, failure.status, failure.code) for failure in found)
    first, last = found[0].sent_at, found[-1].sent_at
    lines = [
        f"Subject: Research API: {counted(len(found), 'failed request')}, {first:%Y-%m-%d} to {last:%Y-%m-%d}",
        "",
        "Dear Research API support,",
        "",
        f"between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC, {counted(len(found), 'request')} of ours to",
        f"{base_url} failed:",
        "",
        *(
            f"  {count:>5} x {endpoint}: {_answer(status, code)}"
            for (endpoint, status, code), count in kinds.most_common()
        ),
        "",
        "Could you tell us what went wrong, and whether we can request the days concerned again?",
        "Time (UTC), endpoint, answer and log_id of each" + (f" of the latest {_MOST}:" if len(found) > _MOST else ":"),
        "",
        *list_failures(found),
        "",
        "With kind regards",
    ]
    return "\n".join(lines)


def list_failures(found: Sequence[Failure]) -> list[str]:
    """The latest hundred failures, one a line: time, endpoint, answer and log_id."""
    return [_line(failure) for failure in sorted(found, key=lambda failure: failure.sent_at)[-_MOST:]]


def _line(failure: Failure) -> str:
    answer = _answer(failure.status, failure.code)
    return f"  {failure.sent_at:%Y-%m-%d %H:%M:%S}  {failure.endpoint}  {answer}  {failure.log_id or 'no log_id'}"


def _answer(status: int | None, code: str) -> str:
    return " ".join(part for part in (f"HTTP {status}" if status else "no answer", code) if part != "no_answer")
