"""Show a live line while pages land, and print a line for each finished asset."""

import threading
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tt_pipeline.cli.console import ERR, OUT, Screen
from tt_pipeline.counted import counted
from tt_pipeline.coverage import list_of
from tt_pipeline.ingestion import CollectReport
from tt_pipeline.quota import BucketUse
from tt_pipeline.vocabulary import SearchStatus

_AROUND: Final = len("o ") + len(" 0:00:00")
_FULLY_LISTED: Final = {SearchStatus.COMPLETE, SearchStatus.EARLY}


class LiveProgress:
    """Shows landed pages and keeps the reports; thread-safe.

    Attributes:
        reports: The report of each collection of this command.
    """

    def __init__(self, screen: Screen = ERR) -> None:
        """The live line is shown within the context."""
        self._screen = screen
        self.reports: list[CollectReport] = []
        self._lock = threading.Lock()
        self._line = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
            disable=not screen.is_interactive,  # into a file it would write nothing but empty lines
            redirect_stdout=OUT.is_terminal,  # an answer for a file or pipe must not become part of the live line
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
        """Update the line after a landed page."""
        with self._lock:
            self._pages, self._rows = self._pages + 1, self._rows + records
            pages, rows = counted(self._pages, "page"), counted(self._rows, "row")
            quota = f"quota {use.used:,} of {use.limit:,}"
            so_far = f"{what} · {rows} so far"  # of the whole command, not of this day
            self.say(f"{what} · {pages}, {rows} so far · {quota}", f"{so_far} · {quota}", so_far)

    def say(self, what: str, *shorter: str) -> None:
        """Show the current step: the first of these texts that fits, or the beginning of the last."""
        # A line that is wider than the screen could not be erased.
        width = max(1, self._screen.width - _AROUND)
        texts = [Text(text) for text in (what, *shorter)]
        shown = next((text for text in texts if text.cell_len <= width), texts[-1])
        shown.truncate(width, overflow="ellipsis")
        self._line.update(self._task, description=shown.plain)

    def finished(self, report: CollectReport) -> None:
        """Print a line for a finished asset."""
        self.reports.append(report)
        self._screen.print(summary(report), hang=2)


def summary(report: CollectReport) -> str:
    """One line with the state and cost of an asset: ✓ when it is complete, otherwise … and what is missing."""
    is_whole = all(day.is_complete for day in report.days)
    mark = "✓" if is_whole and not report.stopped_because else "…"
    state = _accounts(report) if list_of(report.asset) else _days(report)
    if is_whole and report.stopped_because:  # what `--again` requests once more; an earlier look is complete
        state = f"not finished; before it, {state}"
    cost = report.receipt if report.receipt.bought_twice else report.receipt.spent
    return f"{mark} {report.asset}: {state}; {cost}{_nothing_found(report)}"


def _days(report: CollectReport) -> str:
    if len(report.days) == 1:  # a daily run has two such lines, for the days of its two looks
        return f"{report.days[0].day} {report.days[0].status.replace('_', ' ')}"
    done = sum(day.is_complete for day in report.days)
    missing = _spoken(Counter(day.status.replace("_", " ") for day in report.days if not day.is_complete))
    complete = f"{done:,} of {counted(len(report.days), 'day')} complete"
    return f"{complete} ({missing})" if missing else complete


def _accounts(report: CollectReport) -> str:
    """The state of a list in accounts; its day is only the day of observation."""
    facts = Counter[str]()
    for day in report.days:
        facts.update({name: count for name, count in day.facts.items() if isinstance(count, int)})
    if not any(facts.values()):
        return ", ".join(dict.fromkeys(day.status.replace("_", " ") for day in report.days))
    problems = {
        "not found, private or refused": facts["lists_refused"],
        "failed": facts["lists_failed"],
        "to come": facts["lists_missing"],
    }
    return ", ".join(filter(None, [counted(facts["accounts"], "account"), _spoken(problems)]))


def _spoken(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def _nothing_found(report: CollectReport) -> str:
    kind, _, search = report.asset.partition("/")
    is_whole = all(day.status in _FULLY_LISTED for day in report.days)
    if kind != "videos" or not (report.receipt.requests and is_whole) or any(day.rows for day in report.days):
        return ""
    return f". No videos were found; check the query with `tt try {search}`."
