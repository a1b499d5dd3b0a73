"""The collections that are made for the videos that searches found: one row for each asset.

A new asset of `codebook.datasets.OF_FOUND_VIDEOS` needs a row here; a test compares both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Protocol

from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.ingestion.comments import collect_comments, comments_report
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users, users_report


class Collect(Protocol):
    """Collects some UTC days of found videos."""

    def __call__(
        self, session: CollectionSession, days: Sequence[date], *, again_since: datetime | None = None
    ) -> CollectReport:
        """Land what is missing of these days; with `again_since` also what has no look since this instant."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """How an asset is collected.

    Attributes:
        report: Returns the status of a day.
    """

    collect: Collect
    report: Callable[[StudyCoverage, date], DayReport]


COLLECTIONS: Final[Mapping[str, Collection]] = MappingProxyType(
    {
        "comments": Collection(collect=collect_comments, report=comments_report),
        "users": Collection(collect=collect_users, report=users_report),
    }
)
"""Every collection by its asset."""
