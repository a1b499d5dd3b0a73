"""What looks at days cost: the one arithmetic for the plan, for a trial and for an edited query."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tt_pipeline.coverage.landed import pages_for
from tt_pipeline.coverage.windows import PAGE_SLOTS, cut, days_between, widest_window
from tt_pipeline.planning.estimate import Estimate, total
from tt_pipeline.studies import Search

A_MONTH: Final = 30
"""What a day costs is said of the average over so many days."""


def bought_together(asked: Search, slots: Estimate, days: Sequence[date]) -> Estimate:
    """Requests for one look at days that are due at once: in wide windows, or each on its own.

    Args:
        slots: Places that a day of the result has.
    """
    if asked.is_part:  # whatever days of it are due: one request brings all its ids
        return Estimate.exactly(min(1, len(days)))
    is_day_by_day = asked.sample or asked.max_videos_per_day
    windows = cut(days, max_days=1 if is_day_by_day else widest_window(slots.likely))
    return total(_of_window(asked, slots, len(window.days)) for window in windows)


def bought_a_day(asked: Search, slots: Estimate) -> Estimate:
    """Requests for one look at one day, as the daily schedule asks for it: one at least, and those of each draw."""
    return _of_window(asked, slots, 1)


def bought_a_month(asked: Search, slots: Estimate, looks: int) -> Estimate:
    """Requests for all looks at the days of a month, as the daily schedule asks for them."""
    return bought_a_day(asked, slots).times(A_MONTH * looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPrice:
    """What collecting a search costs at a density that one page showed.

    Attributes:
        requests_a_month: For all looks at 30 days, as the daily schedule sends them.
        requests_at_once: For one look at 30 days that have ended; of a list of ids for one look at all of them.
    """

    requests_a_month: int
    requests_at_once: int


def search_price(search: Search, *, slots_per_day: float, looks: int) -> SearchPrice:
    """Price a search by the number of slots that a day of its result has."""
    slots = Estimate.exactly(slots_per_day)
    return SearchPrice(
        requests_a_month=round(bought_a_month(search, slots, looks).likely),
        requests_at_once=len(search.parts) or round(bought_together(search, slots, _THIRTY_DAYS).likely),
    )


_THIRTY_DAYS: Final = days_between(date(2026, 1, 1), date(2026, 1, 30))
"""Any 30 days."""


def most_a_day(asked: Search, looks: int) -> float:
    """Videos of a day that so many looks can find; without a limit where a day is listed to its end."""
    if asked.sample:
        return asked.sample.random * asked.draws * looks  # each look draws anew
    return _slots_of_cap(asked.max_videos_per_day) if asked.max_videos_per_day else math.inf


def _of_window(asked: Search, slots: Estimate, days: int) -> Estimate:
    if asked.sample:
        return Estimate.exactly(asked.draws * days)
    if asked.max_videos_per_day:
        slots = slots.at_most(_slots_of_cap(asked.max_videos_per_day))
    few, likely, many = slots.low * days, slots.likely * days, slots.high * days
    return Estimate(pages_for(math.floor(few)), pages_for(round(likely)), pages_for(math.ceil(many)))


def _slots_of_cap(cap: int) -> int:
    """Pages are left at the first that reaches it."""
    return PAGE_SLOTS * math.ceil(cap / PAGE_SLOTS)
