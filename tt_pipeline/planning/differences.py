"""How an edited study differs from what has landed: changed queries with their price, new names, removed searches."""

from collections.abc import Iterator
from dataclasses import dataclass

from tt_pipeline.counted import counted
from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.planning.earlier_queries import days_of
from tt_pipeline.planning.repeats import Repeat, edited_searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A difference between the study and what has landed.

    Attributes:
        search: The present name; of a removed search the name that it had.
        repeat: The due days that were collected with an older query alone, and what they cost; None without any.
        earlier_name: The name under which the same query was collected.
        days_kept: Collected days of a removed search.
    """

    search: str
    repeat: Repeat | None = None
    earlier_name: str | None = None
    days_kept: int = 0

    def __str__(self) -> str:
        if self.repeat:
            return f"{self.repeat}"
        if self.earlier_name:
            return (
                f"{self.search}: was collected as {self.earlier_name}; the same query under a new name costs nothing."
            )
        return f"{self.search}: is no longer in the study; its {counted(self.days_kept, 'collected day', 'are')} kept."


def edits(coverage: StudyCoverage) -> tuple[Edit, ...]:
    """All differences between the study and the landed pages; empty without any."""
    return (*_changed_queries(coverage), *_renamed_searches(coverage), *_removed_searches(coverage))


def _changed_queries(coverage: StudyCoverage) -> Iterator[Edit]:
    for repeat in edited_searches(coverage):
        yield Edit(search=repeat.name, repeat=repeat)


def _renamed_searches(coverage: StudyCoverage) -> Iterator[Edit]:
    present = _present_names(coverage)
    for search in coverage.study.searches:
        names = {window.search for window in coverage.landed.looks_of(search)}
        for name in sorted(names - present):
            yield Edit(search=search.name, earlier_name=name)


def _removed_searches(coverage: StudyCoverage) -> Iterator[Edit]:
    names, fingerprints = _present_names(coverage), coverage.study.fingerprints
    removed = [w for w in coverage.landed.windows if w.search not in names and w.fingerprint not in fingerprints]
    for name in sorted({window.search for window in removed}):
        yield Edit(search=name, days_kept=len(days_of([window for window in removed if window.search == name])))


def _present_names(coverage: StudyCoverage) -> set[str]:
    return {search.name for search in coverage.study.searches}
