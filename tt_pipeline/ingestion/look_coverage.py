"""Rows of ops.look_coverage (every look at a day) and of ops.search_coverage (each day with its latest look).

A page of a window does not say to which day its hidden slots belong: they are stated of the window, and of a day only
if the window has no other day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from tt_pipeline.coverage import (
    DayCoverage,
    StudyCoverage,
    days_between,
    has_last_look,
    query_includes,
    reached_end_or_present_cap,
)
from tt_pipeline.errors import CorruptLanding
from tt_pipeline.ingestion.cost_by_day import WindowKey, requests_by_window, share
from tt_pipeline.landing import WindowEntry
from tt_pipeline.studies import Search, Study, StudyQuery
from tt_pipeline.vocabulary import ConditionField, Dataset

Spent = Mapping[str, float | None]
"""Charged requests of each look, by load_id; None if the ledger has none for it."""


def requests_of_looks(coverage: StudyCoverage, requests: pl.DataFrame) -> Spent:
    """The charged requests of each look, from rows of ops.requests."""
    return requests_by_window(coverage.landed.windows, _charged(coverage.study, requests))


def _charged(study: Study, requests: pl.DataFrame) -> dict[WindowKey, int]:
    """Charged requests of this study; other studies with the same client key can have searches of the same name."""
    of_windows = requests.filter("is_charged", study=study.title, dataset=Dataset.VIDEOS.value)
    counted = of_windows.filter(pl.col("search").is_not_null()).group_by("search", "day_date").len()
    return {(search, day): count for search, day, count in counted.iter_rows()}


def look_coverage(coverage: StudyCoverage, spent: Spent) -> Iterator[dict[str, Any]]:
    """Every look at every day, of every version of a query; each once, also if two searches have the same query."""
    present = {
        (query.name, query.fingerprint): (search, query)
        for search in coverage.study.searches
        for query in search.queries
    }
    by_query = {fingerprint: found for (_, fingerprint), found in present.items()}
    last_name = {w.fingerprint: w.search for w in sorted(coverage.landed.windows, key=lambda window: window.last_at)}
    drawn: dict[str, bool] = {}
    for window in coverage.landed.windows:
        found = present.get((window.search, window.fingerprint)) or by_query.get(window.fingerprint)
        if window.fingerprint not in drawn:
            drawn[window.fingerprint] = found[1].sample is not None if found else _is_drawn(window)
        named = {
            "search": found[0].name if found else last_name[window.fingerprint],
            "fingerprint": found[0].fingerprint if found else window.fingerprint,
            "is_current": found is not None,
        }
        for day in _window_days(window):
            yield named | _look_row(window, day, spent, is_drawn=drawn[window.fingerprint])


def _is_drawn(window: WindowEntry) -> bool:
    """Whether an earlier version of a search drew a sample, from its landed pages."""
    return bool(sent_request(window).get("is_random"))


def sent_request(window: WindowEntry) -> Mapping[str, Any]:
    """The request of a look's first page that can be read; empty if none can, because a damaged file stops nothing."""
    try:
        pages = (page.request for page in window.location.readings() if not isinstance(page, CorruptLanding))
        return next((request for request in pages if "query" in request), {})
    except OSError:
        return {}


def _look_row(window: WindowEntry, day: date, spent: Spent, *, is_drawn: bool) -> dict[str, Any]:
    part, requests = share(window, day), spent[window.load_id]
    slots, hidden = (None, None) if is_drawn else (window.slots, _hidden(window))
    is_of_one_day = window.first_day == window.last_day
    return {
        "load_id": window.load_id,
        "day_date": day,
        "look": None if is_drawn else window.look,
        "draw": window.look if is_drawn else None,
        "ends": window.ends.value if window.ends else None,
        "records": window.by_day.get(day, 0),
        "pages": window.pages * part,
        "requests": None if requests is None else requests * part,
        "slots": slots if is_of_one_day else None,
        "hidden": hidden if is_of_one_day else None,
        "window_from_date": window.first_day,
        "window_to_date": window.last_day,
        "window_records": window.records,
        "window_strays": window.strays,
        "window_slots": slots,
        "window_hidden": hidden,
        "first_asked_at": window.first_at,
        "last_asked_at": window.last_at,
    }


def _hidden(window: WindowEntry) -> int:
    return max(0, window.slots - window.records)


def search_coverage(coverage: StudyCoverage, spent: Spent) -> Iterator[dict[str, Any]]:
    """The present state of each day of each search."""
    ages = coverage.study.looks
    for search in coverage.study.searches:
        drawn, kind = _drawn_by_day(search, coverage), _kind(search)
        for day in coverage.searches.days_with_damage(search, _days(search, coverage)):
            records = day.records if drawn is None or day.records is None else drawn.get(day.day, 0)
            yield _day_row(search, day, spent) | {
                "kind": kind,
                "records": records,
                "looks_planned": len(ages),
                "has_last_look": has_last_look(day, look_ages=ages),
            }


def _kind(search: Search) -> str:
    """Which videos the search asks for: those of a list of ids, a random sample, or all."""
    if search.sample is not None:
        return "sample"
    fields = {condition.field for condition in search.query.all_of}
    return "ids" if ConditionField.VIDEO_ID in fields else "list"


def _drawn_by_day(search: Search, coverage: StudyCoverage) -> dict[date, int] | None:
    """Different videos of each day in all draws of a sample; None if the search draws none."""
    if search.sample is None:
        return None
    videos = coverage.index.found_videos({search.fingerprint}, date.min, date.max)
    return dict(pl.Series([video.day for video in videos], dtype=pl.Date).value_counts(name="videos").iter_rows())


def _days(search: Search, coverage: StudyCoverage) -> list[date]:
    """The search's days that have begun, and all days that were requested."""
    today = coverage.now.date()
    answered = [
        day
        for window in coverage.landed.windows
        if window.fingerprint == search.fingerprint
        for day in _window_days(window)
    ]
    begun = days_between(coverage.study.first_day, min(coverage.study.last_day or today, today))
    return sorted({*(day for day in begun if query_includes(search, day)), *answered})


def _window_days(window: WindowEntry) -> list[date]:
    return days_between(window.first_day, window.last_day)


def _day_row(search: Search, day: DayCoverage, spent: Spent) -> dict[str, Any]:
    latest = [window for query in search.queries for window in _latest_look(query, day)]
    shares = [(window, share(window, day.day)) for window in latest]
    requests = [None if (of_window := spent[w.load_id]) is None else of_window * part for w, part in shares]
    is_known = bool(latest) and search.sample is None and all(w.first_day == w.last_day for w in latest)
    return {
        "search": search.name,
        "fingerprint": search.fingerprint,
        "day_date": day.day,
        "status": day.status.value,
        "looks": day.complete_looks,
        "pages": sum(window.pages * part for window, part in shares),
        "slots": sum(window.slots for window in latest) if is_known else None,
        "strays": sum(window.strays for window in latest) if is_known else None,
        "hidden": sum(map(_hidden, latest)) if is_known else None,
        "requests": None if None in requests else sum(filter(None, requests)),
        "first_asked_at": day.windows[0].first_at if day.windows else None,
        "last_asked_at": day.windows[-1].last_at if day.windows else None,
        "note": day.note,
    }


def _latest_look(query: StudyQuery, day: DayCoverage) -> list[WindowEntry]:
    """The windows of a query's latest look that was answered: one, or those of a sample since its look before."""
    own = [window for window in day.windows if window.fingerprint == query.fingerprint]
    begun = [window for window in own if window.by_day.get(day.day) is not None or window.ends]
    if query.draws == 1 or not begun:
        return begun[-1:]
    done = [number for number, window in enumerate(begun) if reached_end_or_present_cap(window, query)]
    before_last = done[: done.index(len(begun) - 1)] if len(begun) - 1 in done else done
    ends_of_looks = before_last[query.draws - 1 :: query.draws]
    return begun[ends_of_looks[-1] + 1 :] if ends_of_looks else begun
