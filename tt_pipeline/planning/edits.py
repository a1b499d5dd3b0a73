"""What an edit of the study costs: days that were collected with an older query, new names, searches that are gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tt_pipeline.coverage.search_days import in_range, is_complete
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.landing import WindowEntry
from tt_pipeline.planning.estimate import Estimate, total
from tt_pipeline.planning.looks import bought_together
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import SearchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A difference between the study and what has landed.

    Attributes:
        search: Its name: the present one, or for a search that is gone the one that it had.
        outdated_days: Days that were collected with an older query and not with the present one.
        requests: What one look at these days costs, by how much the older query found.
        earlier_name: Under which the same query was collected.
        days_kept: Of a search that is gone.
    """

    search: str
    outdated_days: int = 0
    requests: int = 0
    earlier_name: str | None = None
    days_kept: int = 0


def edits(held: StudyCoverage) -> tuple[Edit, ...]:
    """Every edit since something landed; empty while the study is what was collected."""
    return (*_queries(held), *_names(held), *_removals(held))


def _queries(held: StudyCoverage) -> Iterator[Edit]:
    for search in held.study.searches:
        older = [w for w in held.landed.windows if w.search == search.name and w.fingerprint not in _queries_of(search)]
        if not older:
            continue
        outdated = [(asked, _outdated(held, asked, _days_of(older))) for asked in search.asked]
        days = {day for _, days in outdated for day in days}
        if days:
            requests = total(bought_together(asked, _slots_a_day(older), days) for asked, days in outdated).likely
            yield Edit(search=search.name, outdated_days=len(days), requests=round(requests))


def _outdated(held: StudyCoverage, asked: Search, days: list[date]) -> list[date]:
    within = [day for day in days if in_range(asked, day)]
    return [each.day for each in held.searches.days(asked, within) if each.status is SearchStatus.OUTDATED]


def _slots_a_day(older: list[WindowEntry]) -> Estimate:
    """The density that the older query had."""
    done = [window for window in older if is_complete(window)] or older
    days = sum((window.last_day - window.first_day).days + 1 for window in done)
    return Estimate.exactly(sum(window.slots for window in done) / days)


def _names(held: StudyCoverage) -> Iterator[Edit]:
    for search in held.study.searches:
        names = {w.search for w in held.landed.windows if w.fingerprint in _queries_of(search)} - _present(held)
        for name in sorted(names):
            yield Edit(search=search.name, earlier_name=name)


def _removals(held: StudyCoverage) -> Iterator[Edit]:
    fingerprints = {fingerprint for search in held.study.searches for fingerprint in _queries_of(search)}
    gone = [w for w in held.landed.windows if w.search not in _present(held) and w.fingerprint not in fingerprints]
    for name in sorted({window.search for window in gone}):
        yield Edit(search=name, days_kept=len(_days_of([window for window in gone if window.search == name])))


def _queries_of(search: Search) -> set[str]:
    return {asked.fingerprint for asked in search.asked}


def _present(held: StudyCoverage) -> set[str]:
    return {search.name for search in held.study.searches}


def _days_of(windows: list[WindowEntry]) -> list[date]:
    return sorted({day for w in windows for day in days_between(w.first_day, w.last_day)})
