"""Reads what `tt status` shows: the text of `status.py` and the JSON of `--json` are made from this report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

from tt_pipeline.cli.status_values import (
    BadDays,
    CoverageStatus,
    DueStatus,
    PublishedStatus,
    QuotaStatus,
    RunningStatus,
    StatusReport,
    StudyRequests,
    UnconfirmedStatus,
    UnfinishedStatus,
)
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.codebook.statuses import SEARCH_STATUSES
from tt_pipeline.coverage import (
    AssetDay,
    DayCoverage,
    StudyCoverage,
    Workspace,
    asset_of,
    comment_days,
    days_between,
    list_days,
    profile_days,
    quota_bucket,
    running_now,
    spans_of_days,
    unfinished_work,
)
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.planning import Repeat, confirmed_work
from tt_pipeline.quota import BucketUse
from tt_pipeline.reports import published_at, published_counts
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket, SearchStatus

DAYS_SHOWN: Final = 30
_DONE: Final = frozenset({SearchStatus.COMPLETE, SearchStatus.CAPPED})
_BAD: Final = frozenset({SearchStatus.SUSPICIOUS, SearchStatus.UNAVAILABLE, SearchStatus.PARTIAL})
_NO_WORK: Final = frozenset({SearchStatus.OUTSIDE, SearchStatus.NOT_DUE})


def status_report(settings: Settings, workspace: Workspace) -> StatusReport:
    """The state of a data dir now; nothing is sent.

    Raises:
        ConfigurationError: The study or a setting is invalid.
    """
    study, coverage, has_key = workspace.study, workspace.coverage(), bool(settings.client_key.get_secret_value())
    uses = {bucket: workspace.use(bucket) for bucket in Bucket}  # read once: all numbers of a report agree
    confirmed, days = confirmed_work(workspace, coverage), _days_shown(coverage)
    return StatusReport(
        study=study.title,
        study_file=f"{study.file}",
        data_dir=f"{settings.data_dir.absolute()}",
        made_at=coverage.now,
        has_client_key=has_key,
        running=tuple(
            RunningStatus(pid=each.pid, since=each.since, what=each.what) for each in running_now(settings.files)
        ),
        quota=tuple(_quota(workspace, uses)) if has_key else (),
        ledger=tuple(_studies(workspace)) if has_key else (),
        due=tuple(
            DueStatus(
                asset=work.asset,
                first_day=work.window.first_day,
                last_day=work.window.last_day,
                reason=work.reason,
                waits_until=_waits_until(work.asset, uses),
            )
            for work in confirmed.work
        ),
        unconfirmed=tuple(_unconfirmed(repeat) for repeat in confirmed.unconfirmed),
        confirm_above=study.quota.confirm_above,
        unreadable=tuple(f"{each}" for each in coverage.index.unreadable),
        unfinished=tuple(
            UnfinishedStatus(asset=each.asset, what=each.what, waits_until=_waits_until(each.asset, uses))
            for each in unfinished_work(coverage)
        ),
        coverage_from=days[0] if days else None,
        coverage_to=days[-1] if days else None,
        coverage=tuple(_rows(coverage, days)),
        bad_days=tuple(_bad_days(coverage, days)),
        published=_published(settings),
    )


def _quota(workspace: Workspace, uses: dict[Bucket, BucketUse]) -> Iterator[QuotaStatus]:
    observed = workspace.study.accounts.lists if workspace.study.accounts else ()
    charged = {Bucket.MAIN, *(quota_bucket(asset_of(account_list)) for account_list in observed)}
    counted_again = workspace.ledger.counted_again()
    for bucket, use in uses.items():
        if bucket in charged or use.used or use.is_dry:
            yield QuotaStatus(
                bucket=bucket,
                used=use.used,
                limit=use.limit,
                left=use.left,
                is_dry=use.is_dry,
                opens_at=use.opens_at,
                spent_by_others=max(0, DAILY_REQUESTS[bucket] - use.used) if use.is_dry else None,
                counted_again=counted_again if bucket is Bucket.MAIN else 0,
            )


def _studies(workspace: Workspace) -> Iterator[StudyRequests]:
    for use in workspace.ledger.use_by_study():
        yield StudyRequests(study=use.study, bucket=use.bucket, requests=use.requests, last_at=use.last_at)


def _waits_until(asset: str, uses: dict[Bucket, BucketUse]) -> datetime | None:
    use = uses[quota_bucket(asset)]
    return None if use else use.opens_at


def _unconfirmed(repeat: Repeat) -> UnconfirmedStatus:
    return UnconfirmedStatus(
        search=repeat.name,
        days=repeat.days,
        requests=repeat.requests,
        most_requests=repeat.most,
        sentence=f"{repeat}",
    )


def _days_shown(coverage: StudyCoverage) -> list[date]:
    """The last days of the study, today included; empty before its first day."""
    study, today = coverage.study, coverage.now.date()
    last = min(study.last_day or today, today)
    first = max(study.first_day, last.fromordinal(last.toordinal() - DAYS_SHOWN + 1))
    return days_between(first, last) if first <= last else []


def _rows(coverage: StudyCoverage, days: Sequence[date]) -> Iterator[CoverageStatus]:
    study = coverage.study
    for search in study.searches:
        statuses = [day.status for day in coverage.searches.days_with_damage(search, days)]
        yield _row(f"videos/{search.name}", statuses)
    if study.comments.wanted:
        yield _row_of_subjects("comments", comment_days(coverage, days))
    if study.users.wanted:
        yield _row_of_subjects("users", profile_days(coverage, days))
    for account_list in coverage.account_lists.lists:
        yield _row_of_subjects(asset_of(account_list), list_days(coverage, account_list, days))


def _row_of_subjects(asset: str, days: Sequence[AssetDay]) -> CoverageStatus:
    subjects, missing = sum(day.subjects for day in days), sum(day.missing for day in days)
    return _row(asset, [day.status for day in days], subjects=subjects, missing=missing)


def _row(
    asset: str, statuses: Sequence[SearchStatus], *, subjects: int | None = None, missing: int | None = None
) -> CoverageStatus:
    counts = Counter(statuses)
    return CoverageStatus(
        asset=asset,
        days=tuple(statuses),
        complete_days=sum(counts[status] for status in _DONE),
        due_days=sum(number for status, number in counts.items() if status not in _NO_WORK),
        subjects=subjects,
        missing=missing,
    )


def _bad_days(coverage: StudyCoverage, days: Sequence[date]) -> Iterator[BadDays]:
    for search in coverage.study.searches:
        bad = [day for day in coverage.searches.days_with_damage(search, days) if day.status in _BAD]
        for (status, reason), alike in groupby(bad, key=lambda day: (day.status, _reason(day))):
            for span in spans_of_days(day.day for day in alike):
                yield BadDays(
                    search=search.name, first_day=span.first_day, last_day=span.last_day, status=status, reason=reason
                )


def _reason(day: DayCoverage) -> str:
    note = (day.note or "").replace("_", " ")
    return note if note and note != day.status.value else SEARCH_STATUSES[day.status]


def _published(settings: Settings) -> PublishedStatus:
    file = settings.files.published
    counts, at, problem = dict[str, int](), None, None
    if file.exists():
        try:
            counts, at = published_counts(file), published_at(file)
        except TtPipelineError as error:
            problem = f"{error}"
    return PublishedStatus(file=f"{file}", published_at=at, rows=counts, problem=problem)
