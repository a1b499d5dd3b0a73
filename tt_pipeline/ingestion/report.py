"""The report of a collection: a status for each day, and a receipt."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

from tt_pipeline.counted import counted
from tt_pipeline.errors import DailyRunWaiting, QuotaExhausted, TtPipelineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The landed records of a collection and its requests; receipts can be added.

    Attributes:
        rows: Landed records; a record that came twice for one window, video, account or list counts once.
        requests: Requests charged to the quota.
        lower_bound: The smallest number of requests that could have returned the same records.
        bought_twice: Pages that were requested more than once.
    """

    rows: int = 0
    requests: int = 0
    lower_bound: int = 0
    bought_twice: int = 0

    def __add__(self, other: Self) -> "Receipt":
        return Receipt(
            rows=self.rows + other.rows,
            requests=self.requests + other.requests,
            lower_bound=self.lower_bound + other.lower_bound,
            bought_twice=self.bought_twice + other.bought_twice,
        )

    def __str__(self) -> str:
        return f"{self.spent}, {counted(self.bought_twice, 'page')} requested twice"

    @property
    def spent(self) -> str:
        """The rows and requests, as text."""
        return f"{counted(self.rows, 'row')} for {counted(self.requests, 'request')}{self._bound()}"

    def _bound(self) -> str:
        """The lower bound, where the requests differ from it by half a percent or more."""
        ratio = f"{self.requests / self.lower_bound:.2f}" if self.lower_bound else "1.00"
        return "" if ratio == "1.00" else f" (lower bound {self.lower_bound:,}, {ratio} ×)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """The state of an asset on a day after a collection.

    Attributes:
        status: A value of SearchStatus; for comments, users and lists "complete", "failed", "paused", "not_wanted",
            "not_due" or "not_observed".
        has_final_status: Whether only another collection can change the status, so that Dagster may show the day as
            materialised.
        is_complete: Whether nothing is missing.
        rows: Landed videos, comments or profiles of the day.
        facts: Further numbers to show; never personal data.
    """

    day: date
    status: str
    has_final_status: bool
    is_complete: bool
    rows: int
    facts: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """The result of collecting one asset.

    Attributes:
        asset: The asset's key, for example `videos/climate`.
        stopped_because: The error that stopped the collection; None if it did all its work.
    """

    asset: str
    days: tuple[DayReport, ...]
    receipt: Receipt
    stopped_because: TtPipelineError | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it can continue later without help: the quota is used up, or it let a daily run go first."""
        return isinstance(self.stopped_because, QuotaExhausted | DailyRunWaiting)

    @property
    def paused(self) -> QuotaExhausted | None:
        """The error about the used-up quota; None if the collection did not stop, or for another reason."""
        return self.stopped_because if isinstance(self.stopped_because, QuotaExhausted) else None


def day_report(
    day: date,
    *,
    missing: int,
    failed: int,
    why_videos_may_follow: str | None,
    rows: int,
    facts: dict[str, int | str],
    is_wanted: bool = True,
) -> DayReport:
    """Report a day of comments, profiles or lists.

    The day is complete if nothing is missing and every search has a final status on the day. It has failed if the
    server failed on all subjects that are missing; then the status is final.
    """
    has_final_status = not missing and not why_videos_may_follow
    ended = ("failed" if failed else "complete") if is_wanted else "not_wanted"
    return DayReport(
        day=day,
        status=ended if has_final_status else "paused",
        has_final_status=has_final_status,
        is_complete=has_final_status and not failed,
        rows=rows,
        facts=facts | ({"why": why_videos_may_follow} if why_videos_may_follow else {}),
    )
