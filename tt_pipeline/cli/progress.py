"""One live line while pages land, and a line per finished asset."""

import threading
from types import TracebackType
from typing import Self

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tt_pipeline.cli.console import ERR
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.quota import BucketUse


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
            text = f"{what}: {self._pages:,} pages, {self._rows:,} rows · quota {use}"
            self._line.update(self._task, description=text)

    def say(self, what: str) -> None:
        """Name what is going on when no page lands."""
        self._line.update(self._task, description=what)

    def finished(self, report: CollectReport) -> None:
        """Leave a line for the asset."""
        self.reports.append(report)
        done = sum(day.is_complete for day in report.days)
        mark = "✓" if done == len(report.days) else "…"
        ERR.print(f"{mark} {report.asset}: {done} of {len(report.days)} days complete; {report.receipt}", markup=False)
