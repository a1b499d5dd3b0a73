"""The coverage of a study's searches: applies the rules of `search_days.py` and `suspicion.py` to what has landed.

A search that is sent as several queries gets its one status for each day here and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from tt_pipeline.coverage.landed import LandedStudy
from tt_pipeline.coverage.search_days import (
    DayCoverage,
    combine_parts,
    day_coverage,
    looks_of_query,
    query_includes,
    reached_end_or_cap,
)
from tt_pipeline.coverage.suspicion import OTHER, TEXT, canary_kind_of, has_no_slots, is_near, reason_to_doubt
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.landing import WindowEntry
from tt_pipeline.studies import Search, StudyQuery
from tt_pipeline.vocabulary import Dataset, SearchStatus

_UNKNOWN = frozenset({SearchStatus.PAUSED, SearchStatus.NEVER_ASKED, SearchStatus.NOT_DUE, SearchStatus.OUTDATED})
_MAY_BE_DAMAGED = frozenset({SearchStatus.PAUSED, SearchStatus.NEVER_ASKED})
_ANSWERED = frozenset({SearchStatus.COMPLETE, SearchStatus.CAPPED, SearchStatus.SUSPICIOUS})
_DAMAGED = "a landed page was damaged; `tt collect` requests it again"


@dataclass(frozen=True)
class SearchCoverage:
    """The days of a study's searches."""

    landed: LandedStudy
    now: datetime

    def days(self, query: StudyQuery, days: Sequence[date]) -> list[DayCoverage]:
        """The coverage of a query, or of a whole search, on each of these days.

        If a search is sent as several queries, the worst status counts.
        """
        if not isinstance(query, Search) or not query.parts:
            return self._query_days(query, days)
        by_part = [
            {
                covered.day: covered
                for covered in self._query_days(part, [day for day in days if query_includes(part, day)])
            }
            for part in query.parts
        ]
        return [combine_parts(query, day, [covered[day] for covered in by_part if day in covered]) for day in days]

    def _query_days(self, query: StudyQuery, days: Sequence[date]) -> list[DayCoverage]:
        look_ages, windows = self.landed.study.looks, self.landed.looks_of_all_versions(query)
        covered = (day_coverage(query, day, windows, now=self.now, look_ages=look_ages) for day in days)
        return [self._with_unreadable(query, self._with_doubt(query, day)) for day in covered]

    def _with_unreadable(self, query: StudyQuery, covered: DayCoverage) -> DayCoverage:
        """Nobody knows whether a day is complete while a file that may have its pages cannot be read."""
        unreadable = self.landed.unreadable(Dataset.VIDEOS, covered.day, query.fingerprint)
        if unreadable is None or covered.status is SearchStatus.OUTSIDE:
            return covered
        if covered.status in _ANSWERED:
            return replace(covered, is_unreadable=True)
        return replace(covered, status=SearchStatus.PARTIAL, doubt=f"{unreadable}", is_unreadable=True)

    def outdated_days(self, search: Search, days: Sequence[date]) -> list[date]:
        """Those of these days that were collected with an earlier query of the search and not with each present one."""
        if not self.landed.older_looks(search):
            return []
        outdated = {
            covered.day
            for query in search.queries
            for covered in self._query_days(query, [day for day in days if query_includes(query, day)])
            if covered.status is SearchStatus.OUTDATED
        }
        return sorted(outdated)

    def days_with_damage(self, query: StudyQuery, days: Sequence[date]) -> list[DayCoverage]:
        """The coverage as shown to users: a day whose pages are in a damaged file is partial instead of paused."""
        return [self._with_damage(query, day) for day in self.days(query, days)]

    def _with_damage(self, query: StudyQuery, covered: DayCoverage) -> DayCoverage:
        if covered.status in _MAY_BE_DAMAGED and self.landed.has_damaged_window(query, covered.day):
            return replace(covered, status=SearchStatus.PARTIAL, doubt=_DAMAGED)
        return covered

    def old_enough(self, query: StudyQuery) -> list[DayCoverage]:
        """The coverage of all days that have reached the age of the first look, as shown to users."""
        youngest = self.now.date() - timedelta(days=self.landed.study.looks[0])
        last_day = min(query.last_day or youngest, youngest)
        days = days_between(query.first_day, last_day) if query.first_day <= last_day else []
        return self.days_with_damage(query, days)

    def why_videos_may_follow(self, day: date) -> str | None:
        """The first search that can still find videos of the day, as in "videos/climate is paused"; else None."""
        for search in self.landed.study.searches:
            (covered,) = self.days(search, [day])
            if covered.is_unreadable:
                return f"landed pages of videos/{search.name} cannot be read"
            if covered.status in _UNKNOWN:
                return f"videos/{search.name} is {covered.status.value}"
        return None

    def slots_per_day(self, query: StudyQuery) -> float | None:
        """Average number of slots a day over all complete looks; None before the first."""
        queries = query.queries if isinstance(query, Search) else (query,)
        windows = [
            window for query in queries for window in looks_of_query(query, self.landed.looks_of_all_versions(query))
        ]
        complete = [window for window in windows if reached_end_or_cap(window)]
        days = sum((window.last_day - window.first_day).days + 1 for window in complete)
        return sum(window.slots for window in complete) / days if days else None

    def _with_doubt(self, query: StudyQuery, covered: DayCoverage) -> DayCoverage:
        """Set the status to suspicious if the day has no videos and `reason_to_doubt` returns a reason."""
        if covered.status is not SearchStatus.COMPLETE or covered.records:
            return covered
        *earlier, last = [window for window in covered.windows if reached_end_or_cap(window)]
        why = reason_to_doubt(
            covered.day,
            self._found_by_day[query.fingerprint],
            [window.by_day.get(covered.day, 0) for window in earlier],
            is_answering=not has_no_slots(last)
            or is_near(last.first_at, self._full_answers[canary_kind_of(query.query)]),
        )
        return replace(covered, status=SearchStatus.SUSPICIOUS, doubt=why) if why else covered

    def window_without_canary(self, query: StudyQuery, days: Sequence[date]) -> WindowEntry | None:
        """The first doubtful look of the last day that returned no slots and has no canary near it; else None.

        A canary that is sent now proves nothing about an earlier look; its days are requested again first.
        """
        kind = canary_kind_of(query.query)
        canaries = sorted(canary.first_at for canary in self.landed.canaries if canary.subject.startswith(kind))
        doubtful = [day.windows[-1] for day in self.days(query, days) if day.doubt and not day.is_unreadable]
        silent = (window for window in doubtful if has_no_slots(window) and is_near(window.first_at, [self.now]))
        return next((window for window in silent if not is_near(window.first_at, canaries)), None)

    @cached_property
    def _full_answers(self) -> dict[str, list[datetime]]:
        """The instants at which the server returned results, by kind of query, oldest first."""
        full: dict[str, list[datetime]] = {TEXT: [], OTHER: []}
        for query in self.landed.study.queries:
            windows = self.landed.looks_of_all_versions(query)
            full[canary_kind_of(query.query)] += [at for w in windows if w.slots for at in (w.first_at, w.last_at)]
        for canary in self.landed.canaries:
            if canary.slots:
                full[canary.subject.split()[0]].append(canary.first_at)
        return {kind: sorted(instants) for kind, instants in full.items()}

    @cached_property
    def _found_by_day(self) -> dict[str, dict[date, int]]:
        """Videos of each day in the latest complete look at it, by query."""
        found: dict[str, dict[date, int]] = {query.fingerprint: {} for query in self.landed.study.queries}
        for query in self.landed.study.queries:
            for window in filter(reached_end_or_cap, looks_of_query(query, self.landed.looks_of_all_versions(query))):
                days = days_between(window.first_day, window.last_day)
                found[query.fingerprint] |= {day: window.by_day.get(day, 0) for day in days}
        return found
