"""What the searches of a study find and cost, whatever its rules for comments, creators and lists are.

`tt plan` compares some forty settings of one study. They share these values, which cost the most to compute.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final

from tt_pipeline.coverage import Window
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.estimate import NOTHING, CostLine, CostPart, Estimate, total
from tt_pipeline.planning.evidence import Evidence, UnfinishedWindows
from tt_pipeline.planning.people import Videos
from tt_pipeline.planning.searches import (
    DAYS_A_MONTH,
    RemainingLooks,
    planned_days,
    remaining_looks,
    requests_a_day,
    requests_at_once,
)
from tt_pipeline.studies import Search, Study, StudyQuery
from tt_pipeline.vocabulary import Dataset

_FURTHER_PAGES: Final = Estimate(0, 0, 2)
"""Pages of each query for runs of hidden videos, and for a first window that turns out too wide."""


@dataclass(frozen=True)
class SearchCosts:
    """The videos and requests of all searches.

    Attributes:
        study: Only its days, searches and looks are read.
    """

    study: Study
    evidence: Evidence
    now: datetime

    @cached_property
    def planned(self) -> Window:
        """The days that are planned."""
        return planned_days(self.study, self.now)

    @cached_property
    def queries(self) -> dict[str, StudyQuery]:
        """The queries of all searches by fingerprint; two searches with the same query share it."""
        return {query.fingerprint: query for query in self.study.queries}

    @cached_property
    def remaining(self) -> dict[str, RemainingLooks]:
        """The looks that are still to be requested, by the fingerprint of the query."""
        seen, looks = self.evidence.seen, self.study.looks
        return {
            fingerprint: remaining_looks(query, self.planned, seen.get(fingerprint, {}), now=self.now, looks=looks)
            for fingerprint, query in self.queries.items()
        }

    @cached_property
    def lines(self) -> tuple[CostLine, ...]:
        """Two lines a search: its first looks, and the later ones; without failed requests."""
        return tuple(line for search in self.study.searches for line in self._lines_of(search))

    def _lines_of(self, search: Search) -> Iterator[CostLine]:
        costs = [self._look_costs(query) for query in search.queries if query == self.queries[query.fingerprint]]
        first, again, a_day = (total(each[column] for each in costs) for column in range(3))
        of_search = CostLine(
            part=CostPart.SEARCHES, dataset=Dataset.VIDEOS, search=search.name, per_day=a_day, total=first
        )
        yield of_search
        later_looks = len(self.study.looks) - 1
        yield replace(of_search, part=CostPart.AGAIN, per_day=a_day.times(later_looks), total=again)

    def _look_costs(self, query: StudyQuery) -> tuple[Estimate, Estimate, Estimate]:
        """Requests for the first looks, for the later ones, and for one look at a usual day."""
        remaining, rate = self.remaining[query.fingerprint], self.evidence.rates[query.fingerprint]
        slots = rate.slots(len(remaining.unseen) or DAYS_A_MONTH)
        first, again = (
            requests_at_once(query, slots, due) + requests_a_day(query, slots).times(ahead)
            for due, ahead in (
                (remaining.due_first, remaining.ahead_first),
                (remaining.due_again, remaining.ahead_again),
            )
        )
        has_first = remaining.due_first or remaining.ahead_first
        first = first.minus(self._unfinished(query.fingerprint).pages) + (_FURTHER_PAGES if has_first else NOTHING)
        # A list of ids has no usual day: its videos are of given days.
        is_list = assumptions.lists_ids(query.query)
        return first, again, NOTHING if is_list else requests_a_day(query, rate.slots(DAYS_A_MONTH))

    def _unfinished(self, fingerprint: str) -> UnfinishedWindows:
        return self.evidence.unfinished.get(fingerprint, UnfinishedWindows())

    def found_a_day(self, search: Search, days: int = DAYS_A_MONTH) -> Estimate:
        """Videos a day of a search that are counted under no other search."""
        known = self._found_a_day.get((search.name, days))
        if known is None:
            known = self._found_a_day[search.name, days] = self._compute_found_a_day(search, days)
        return known

    @cached_property
    def _found_a_day(self) -> dict[tuple[str, int], Estimate]:
        """Results of `found_a_day`, by search and number of days."""
        return {}

    def _compute_found_a_day(self, search: Search, days: int) -> Estimate:
        days_of = {query.fingerprint: self.remaining[query.fingerprint].days for query in search.queries}
        all_days = {day for days in days_of.values() for day in days}
        # The parts of a search cover different days: each contributes to a usual day by its share of the days.
        found = {
            fingerprint: self.evidence.rates[fingerprint].over(days).times(len(own) / max(1, len(all_days)))
            for fingerprint, own in days_of.items()
        }
        return total(self.evidence.distinct_videos(found))

    @cached_property
    def new_videos(self) -> Estimate:
        """Different videos that are not found yet."""
        return total(self.new_until(self.planned.last_day))

    def new_until(self, last_day: date) -> Videos:
        """Different videos until a day that are not found yet."""
        known = self._new_until.get(last_day)
        if known is None:
            to_find = {fingerprint: self._to_find(fingerprint, last_day) for fingerprint in self.queries}
            known = self._new_until[last_day] = self.evidence.distinct_videos(to_find)
        return known

    @cached_property
    def _new_until(self) -> dict[date, Videos]:
        """Results of `new_until`, by day."""
        return {}

    def _to_find(self, fingerprint: str, last_day: date) -> Estimate:
        known = self.evidence.known.get(fingerprint, frozenset())
        days = sum(day <= last_day and day not in known for day in self.remaining[fingerprint].unseen)
        found = self.evidence.rates[fingerprint].over(days).times(days)
        return found.minus(self._unfinished(fingerprint).records)

    @cached_property
    def videos_a_day(self) -> Videos:
        """Different videos that all queries find together on a usual day."""
        listed = [each for each, query in self.queries.items() if not assumptions.lists_ids(query.query)]
        return self.evidence.distinct_videos({each: self.evidence.rates[each].over(DAYS_A_MONTH) for each in listed})
