"""How a collection of `tt collect` ended, as a value that the command prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tt_pipeline.errors import RequestLimitReached
from tt_pipeline.ingestion import CollectReport, DayReport, Receipt
from tt_pipeline.planning import Repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOutcome:
    """How a collection in this process ended.

    Attributes:
        failed_steps: Messages of failed steps that produced no report.
        is_interrupted: Whether Ctrl-C or a signal ended it.
        notices: What was repaired.
        unconfirmed: What would have been requested again, and nobody agreed to its price.
        confirm_above: The study's `quota.confirm_above`.
        limit_reached: Why runs were left out that needed requests: `--limit`; None if none was.
        paused_checks: Why the checks of what is stored paused; None if they did not.
        requests_of_checks: What these have sent.
    """

    reports: Sequence[CollectReport]
    failed_steps: Sequence[str] = ()
    is_interrupted: bool = False
    notices: Sequence[str] = ()
    unconfirmed: Sequence[Repeat] = ()
    confirm_above: int = 0
    limit_reached: RequestLimitReached | None = None
    paused_checks: str | None = None
    requests_of_checks: int = 0

    @property
    def receipt(self) -> Receipt:
        """The sum of all receipts."""
        return sum((report.receipt for report in self.reports), Receipt())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was to do, and nothing prevented it."""
        said = (self.reports, self.failed_steps, self.notices, self.unconfirmed, self.limit_reached, self.paused_checks)
        return not (any(said) or self.is_interrupted or self.requests_of_checks)

    @property
    def is_complete(self) -> bool:
        """Whether nothing stopped the collection and every day has a final status."""
        reasons = [report.stopped_because for report in self.reports]
        pauses = (self.limit_reached, self.paused_checks)
        has_stopped = self.is_interrupted or self.failed_steps or any(pauses) or any(reasons)
        return not has_stopped and all(day.has_final_status for day, _ in self.latest_days().values())

    def latest_days(self) -> dict[tuple[str, date], tuple[DayReport, CollectReport]]:
        """The latest report on each day of each asset; a later round may have completed the day."""
        return {(report.asset, day.day): (day, report) for report in self.reports for day in report.days}
