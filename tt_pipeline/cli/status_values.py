"""What `tt status` knows, as values: the keys of its JSON, which docs/status.md explains.

Add keys; do not rename or remove them.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from tt_pipeline.reports import ChecksDue
from tt_pipeline.vocabulary import Bucket, Dataset, SearchStatus


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuotaStatus(_Part):
    """The use of a quota on the present UTC day; every number of the report about this quota is from here."""

    bucket: Bucket
    used: int
    limit: int
    left: int
    is_dry: bool
    opens_at: datetime
    spent_by_others: int | None
    counted_again: int
    sentence: str


class StudyRequests(_Part):
    """The requests of one study on the present UTC day, of all that use the same ledger and client key."""

    study: str
    bucket: Bucket
    requests: int
    last_at: datetime


class RunningStatus(_Part):
    """A process that collects or publishes now."""

    pid: int
    since: datetime
    what: str


class DueStatus(_Part):
    """Days of an asset that are due."""

    asset: str
    first_day: date
    last_day: date
    reason: str
    waits_until: datetime | None


class UnconfirmedStatus(_Part):
    """Collected days that would be requested again, and nobody has agreed to the price."""

    search: str
    days: tuple[date, ...]
    requests: int
    most_requests: int
    sentence: str


class UnfinishedStatus(_Part):
    """Work that has begun and continues with its next page."""

    asset: str
    what: str
    waits_until: datetime | None


class CoverageStatus(_Part):
    """The days of an asset within the days that are shown, oldest first."""

    asset: str
    days: tuple[SearchStatus, ...]
    complete_days: int
    days_before_last_look: int | None
    due_days: int
    subjects: int | None
    missing: int | None
    refused: int | None


class BadDays(_Part):
    """Consecutive days of a search that lack something for the same reason."""

    search: str
    first_day: date
    last_day: date
    status: SearchStatus
    reason: str


class OneOffStatus(_Part):
    """What one-off collections of a dataset have landed, which no study counts: searches, accounts or videos."""

    dataset: Dataset
    subjects: int
    last_at: datetime


class PublishedStatus(_Part):
    """The published file; `problem` says why it cannot be read."""

    file: str
    published_at: datetime | None
    rows: dict[str, int]
    one_off_videos: int
    is_before_edit: bool
    is_missing: bool
    problem: str | None


class StatusReport(_Part):
    """Everything that `tt status` shows."""

    study: str
    study_file: str
    data_dir: str
    made_at: datetime
    has_client_key: bool
    running: tuple[RunningStatus, ...]
    quota: tuple[QuotaStatus, ...]
    ledger: tuple[StudyRequests, ...]
    due: tuple[DueStatus, ...]
    unconfirmed: tuple[UnconfirmedStatus, ...]
    confirm_above: int
    unreadable: tuple[str, ...]
    unfinished: tuple[UnfinishedStatus, ...]
    coverage_from: date | None
    coverage_to: date | None
    coverage: tuple[CoverageStatus, ...]
    bad_days: tuple[BadDays, ...]
    one_offs: tuple[OneOffStatus, ...]
    checks: tuple[ChecksDue, ...]
    published: PublishedStatus
