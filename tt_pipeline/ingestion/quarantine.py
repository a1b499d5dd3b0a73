"""What has landed and cannot be read: pages that the warehouse rejected, and lines of files that were set aside.

Their bytes stay where they are. A row is open while what it held is still missing: asked again and read, or read by a
later version, it is history.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from tt_pipeline.ingestion.accounts import asset_of
from tt_pipeline.ingestion.due import is_missing
from tt_pipeline.ingestion.holdings import Holdings
from tt_pipeline.ingestion.windows import Window, days_between
from tt_pipeline.landing import UnreadPage, load_id_of_aside, problems_set_aside
from tt_pipeline.vocabulary import AccountList, Dataset, SearchStatus

_NOTHING_MISSING: Final = frozenset(
    {SearchStatus.COMPLETE, SearchStatus.CAPPED, SearchStatus.EARLY, SearchStatus.NOT_DUE, SearchStatus.OUTSIDE}
)


def quarantine(held: Holdings, root: Path) -> Iterator[dict[str, Any]]:
    """Rows of `ops.quarantine`.

    Args:
        held: Says what is still missing.
        root: The landing folder.
    """
    for page in held.index.unread():
        yield _page_row(held, root, page)
    for problem in problems_set_aside(root):
        load_id = load_id_of_aside(root, problem.file)
        yield {
            "file": problem.file.relative_to(root).as_posix(),
            "line": problem.line or 0,
            **_of_load(load_id),
            "reason": problem.problem,
            "is_open": _is_missing(held, load_id),
        }


def _page_row(held: Holdings, root: Path, page: UnreadPage) -> dict[str, Any]:
    return {
        "file": page.path.relative_to(root).as_posix(),
        "line": page.line,
        "dataset": page.dataset.value,
        "search": page.search,
        "subject": page.subject,
        "window_from_date": page.first_day,
        "window_to_date": page.last_day,
        "fetched_at": page.fetched_at,
        "log_id": page.log_id,
        "records": page.records,
        "reason": page.reason,
        "is_open": _is_unread(held, page),
    }


def _is_unread(held: Holdings, page: UnreadPage) -> bool:
    """Whether the latest look at the same could not be read either."""
    if page.dataset is Dataset.VIDEOS:
        return _has_gap(held, str(page.fingerprint), Window(first_day=page.first_day, last_day=page.last_day))
    latest = held.index.subjects(page.dataset).get(str(page.subject))
    return bool(latest and latest.unread)


def _has_gap(held: Holdings, fingerprint: str, window: Window) -> bool:
    """Whether a search that the study has misses something of these days."""
    asked = (part for search in held.study.searches for part in search.asked)
    days = [
        day
        for part in asked
        if part.fingerprint.startswith(fingerprint)
        for day in held.coverage(part, days_between(window.first_day, window.last_day))
    ]
    return any(day.status not in _NOTHING_MISSING for day in days)


def _of_load(load_id: str) -> dict[str, Any]:
    """What the name of a load tells: not even its envelopes may be readable."""
    window = _window(load_id)
    dataset, search, *_ = load_id.split("/")
    return {
        "dataset": dataset,
        "search": search if dataset == Dataset.VIDEOS else None,
        "subject": None,
        "window_from_date": window.first_day,
        "window_to_date": window.last_day,
        **dict.fromkeys(("fetched_at", "log_id", "records")),
    }


def _is_missing(held: Holdings, load_id: str) -> bool:
    """Whether something of what the load was about would be asked for again."""
    dataset = Dataset(load_id.split("/", maxsplit=1)[0])
    if dataset is Dataset.VIDEOS:
        return _has_gap(held, load_id.split("/")[2], _window(load_id))
    assets = {
        Dataset.COMMENTS: "comments",
        Dataset.REPLIES: "comments",
        Dataset.USERS: "users",
        **{Dataset(each.value): asset_of(each) for each in AccountList},
    }
    return dataset in assets and is_missing(held, [assets[dataset]], _window(load_id))


def _window(load_id: str) -> Window:
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d{2}-\d{2}", load_id)]
    return Window(first_day=days[0], last_day=days[-1])
