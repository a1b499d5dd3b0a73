"""One live line while pages land, and a line per finished asset."""

import threading
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tt_pipeline.cli.console import ERR
from tt_pipeline.coverage import list_of
from tt_pipeline.ingestion import CollectReport, counted
from tt_pipeline.quota import BucketUse
from tt_pipeline.vocabulary import SearchStatus

_WHOLE: Final = {SearchStatus.COMPLETE, SearchStatus.EARLY}


class LiveProgress:
    """Shows what lands and keeps every report; threads may share it.

    Attributes:
        reports: What each collection of this command did.
    """

    def __init__(self) -> None:
        """Nothing is shown before it is entered."""
        self.reports: list[CollectReport] = []
        self._turn = threading.Lock()
        self._line = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=ERR, transient=True
        )
        self._pages = self._rows = 0

    def __enter__(self) -> Self:
        self._line.start()
        self._task = self._line.add_task("starting")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._line.stop()

    def landed(self, what: str, records: int, use: BucketUse) -> None:
        """Renew the line."""
        with self._turn:
            self._pages, self._rows = self._pages + 1, self._rows + records
            text = f"{what}: {counted(self._pages, 'page')}, {counted(self._rows, 'row')} · quota {use}"
            self._line.update(self._task, description=text)

    def say(self, what: str) -> None:
        """Name what is going on when no page lands."""
        self._line.update(self._task, description=what)

    def finished(self, report: CollectReport) -> None:
        """Leave a line for the asset."""
        self.reports.append(report)
        ERR.print(summary(report), markup=False)


def summary(report: CollectReport) -> str:
    """A line of what an asset has now and what it cost: ✓ when all is there, otherwise … and what is missing."""
    mark = "✓" if all(day.is_complete for day in report.days) else "…"
    held = _accounts(report) if list_of(report.asset) else _days(report)
    return f"{mark} {report.asset}: {held}; {report.receipt}{_nothing_found(report)}"


def _days(report: CollectReport) -> str:
    done = sum(day.is_complete for day in report.days)
    missing = _spoken(Counter(day.status.replace("_", " ") for day in report.days if not day.is_complete))
    held = f"{done:,} of {counted(len(report.days), 'day')} complete"
    return f"{held} ({missing})" if missing else held


def _accounts(report: CollectReport) -> str:
    """Lists are of accounts; a day only says when they were looked at."""
    facts = Counter[str]()
    for day in report.days:
        facts.update({name: count for name, count in day.facts.items() if isinstance(count, int)})
    if not any(facts.values()):
        return ", ".join(dict.fromkeys(day.status.replace("_", " ") for day in report.days))
    told = {
        "not found, private or refused": facts["lists_refused"],
        "failed": facts["lists_failed"],
        "to come": facts["lists_missing"],
    }
    return ", ".join(filter(None, [counted(facts["accounts"], "account"), _spoken(told)]))


def _spoken(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def _nothing_found(report: CollectReport) -> str:
    kind, _, search = report.asset.partition("/")
    is_whole = all(day.status in _WHOLE for day in report.days)
    if kind != "videos" or not (report.receipt.requests and is_whole) or any(day.rows for day in report.days):
        return ""
    return f". Nothing was found; look at the query with `tt try {search}`."
