"""What every collection does around its work: count what it brought, and stop as a value instead of an error."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tt_pipeline.coverage.study_coverage import pages_for
from tt_pipeline.errors import ApiError, TtPipelineError
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.research_api import OUTAGE_CODES, Page
from tt_pipeline.vocabulary import Dataset


@dataclass(slots=True)
class Tally:
    """What a collection has landed so far; threads may share it.

    Attributes:
        lower_bound: Requests the same pages cost at least.
    """

    rows: int = 0
    lower_bound: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def walk(self) -> Iterator["Walk"]:
        """Count one walk over pages (of a window, a video, a creator), also when it is cut short."""
        walk = Walk()
        try:
            yield walk
        finally:
            with self._turn:
                self.rows += walk.rows
                self.lower_bound += pages_for(walk.slots) if walk.pages else 0


@dataclass(slots=True)
class Walk:
    """The pages of one walk, counted and not kept."""

    pages: int = 0
    rows: int = 0
    slots: int = 0

    def count(self, page: Page) -> None:
        """One more page has landed."""
        self.pages += 1
        self.rows += len(page.records)
        self.slots += page.slots

    def forget(self) -> None:
        """These pages are bought once more, so they are no part of what is needed; their rows have landed."""
        self.pages = self.slots = 0


class FailureLimit:
    """How long to go on when the server fails on subject after subject; threads may share it.

    A failure on one video or creator is remembered and passed over. Many in a row are no matter of the subjects.
    """

    def __init__(self, most_in_a_row: int = 10) -> None:
        """Nothing has failed yet."""
        self._most, self._in_a_row = most_in_a_row, 0

    def success(self) -> None:
        """A subject was answered."""
        self._in_a_row = 0

    def failure(self, error: ApiError) -> None:
        """Pass over this subject.

        Raises:
            ApiError: The server as a whole is gone, or too many failed in a row: the same error.
        """
        self._in_a_row += 1
        if error.code in OUTAGE_CODES or self._in_a_row > self._most:
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
    """Do the work and report, also when it was stopped half way.

    Args:
        state: What is held of each day, asked when the work has ended.
    """
    mark, twice_before, tally = session.ledger.last_request(), session.zone.index.pages_bought_twice(), Tally()
    stopped_because = None
    try:
        work(tally)
    except TtPipelineError as error:
        stopped_because = error
    receipt = Receipt(
        rows=tally.rows,
        requests=session.ledger.charged(session.run_id, dataset, Dataset.CANARY, search=search, after=mark),
        lower_bound=tally.lower_bound,
        bought_twice=session.zone.index.pages_bought_twice() - twice_before,
    )
    report = CollectReport(asset=asset, days=tuple(state()), receipt=receipt, stopped_because=stopped_because)
    session.progress.finished(report)
    return report
