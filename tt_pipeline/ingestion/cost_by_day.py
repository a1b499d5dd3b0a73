"""Divides the cost of a window among its days.

A window covers several days, and a page does not say to which day its hidden slots belong. Therefore pages, slots and
requests are divided in proportion to the videos found on each day. The sum over all days is then correct.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from tt_pipeline.coverage import days_between
from tt_pipeline.landing import WindowEntry

WindowKey = tuple[str, date]
"""A search's name and the first day of a window: what the ledger stores with a request."""


def share(window: WindowEntry, day: date) -> float:
    """The share of a day in its window, from 0 to 1; without any video all days have the same share."""
    days = days_between(window.first_day, window.last_day)
    found = sum(window.by_day.get(each, 0) for each in days)
    return window.by_day.get(day, 0) / found if found else 1 / len(days)


def requests_by_window(windows: Iterable[WindowEntry], charged: Mapping[WindowKey, int]) -> dict[str, float | None]:
    """Charged requests of each window, by load_id, including failed ones; None if the ledger has none for the window.

    Args:
        windows: Every look at every window.
        charged: Requests by search and first day; windows that begin on the same day share them by their pages.
    """
    alike: dict[WindowKey, list[WindowEntry]] = defaultdict(list)
    for window in windows:
        alike[window.search, window.first_day].append(window)
    pages = {key: sum(window.pages for window in group) for key, group in alike.items()}
    return {
        window.load_id: charged[key] * window.pages / pages[key] if key in charged else None
        for key, group in alike.items()
        for window in group
    }
