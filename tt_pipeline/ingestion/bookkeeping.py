"""Counts the landed records, lower bound and failures of a collection, and makes its report."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tt_pipeline.coverage import min_requests
from tt_pipeline.errors import ApiError, TtPipelineError
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.research_api import OUTAGE_CODES, Page, identities
from tt_pipeline.vocabulary import Dataset


@dataclass(slots=True)
class PageCount:
    """The pages of one window, video, creator or list; a record that comes twice is one row."""

    pages: int = 0
    slots: int = 0
    _records: set[object] = field(default_factory=set)

    def add(self, page: Page) -> None:
        """Count a page that has landed."""
        self.pages += 1
        self._records |= identities(page)
        self.slots += page.slots

    @property
    def rows(self) -> int:
        """Different records."""
        return len(self._records)

    def exclude_from_lower_bound(self) -> None:
        """Count only the rows, not the lower bound, because the same pages will be requested again."""
        self.pages = self.slots = 0


@dataclass(slots=True)
class Tally:
    """What a collection has landed so far; threads may share it.

    Attributes:
        lower_bound: The smallest number of requests that could have returned the same records.
    """

    rows: int = 0
    lower_bound: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counting(self) -> Iterator[PageCount]:
        """Count the pages of one subject; they are added also after an error."""
        count = PageCount()
        try:
            yield count
        finally:
            with self._lock:
                self.rows += count.rows
                self.lower_bound += min_requests(count.slots) if count.pages else 0


class FailureLimit:
    """How many subjects in a row may fail before a collection stops; threads may share it.

    After a failure on one video or creator the collection continues. Many failures in a row mean that the server fails
    on everything.
    """

    def __init__(self, most_in_a_row: int = 10) -> None:
        """Start the count of failures at 0."""
        self._most, self._in_a_row, self._lock = most_in_a_row, 0, threading.Lock()

    def success(self) -> None:
        """Reset the count, because the server answered for a subject."""
        with self._lock:
            self._in_a_row = 0

    def failure(self, error: ApiError) -> None:
        """Count a failure.

        Raises:
            ApiError: The error that was passed: no request reaches the server, or too many subjects failed in a row.
        """
        with self._lock:
            self._in_a_row += 1
            is_too_many = self._in_a_row > self._most
        if error.code in OUTAGE_CODES or is_too_many:
            raise error


def carry_out(
    session: CollectionSession,
    asset: str,
    dataset: Dataset,
    *,
    search: str | None = None,
    work: Callable[[Tally], None],
    state: Callable[[], Iterable[DayReport]],
) -> CollectReport:
    """Do the work and report what was collected, also if an error or a signal stopped it before the end.

    After a signal the report goes to the session's progress alone, and the signal goes on.

    Args:
        state: Returns the status of each day after the work.
    """
    before, twice_before, tally = session.ledger.last_request(), session.zone.index.bought_twice_here, Tally()

    def finished(stopped_because: TtPipelineError | None) -> CollectReport:
        receipt = Receipt(
            rows=tally.rows,
            requests=session.ledger.charged(session.run_id, dataset, Dataset.CANARY, search=search, after=before),
            lower_bound=tally.lower_bound,
            bought_twice=session.zone.index.bought_twice_here - twice_before,
        )
        report = CollectReport(asset=asset, days=tuple(state()), receipt=receipt, stopped_because=stopped_because)
        session.progress.finished(report)
        return report

    try:
        work(tally)
    except TtPipelineError as error:
        return finished(error)
    except Exception:
        raise
    except BaseException:  # a signal: KeyboardInterrupt, or what Dagster makes of it
        finished(None)
        raise
    return finished(None)
