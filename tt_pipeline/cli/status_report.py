"""Reads what `tt status` shows: the text of `status.py` and the JSON of `--json` are made from this report."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby
from typing import Final

from tt_pipeline.cli.status_values import (
    BadDays,
    CoverageStatus,
    DueStatus,
    OneOffStatus,
    PublishedStatus,
    QuotaStatus,
    RunningStatus,
    StatusReport,
    StudyRequests,
    UnconfirmedStatus,
    UnfinishedStatus,
)
from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.codebook.statuses import SEARCH_STATUSES
from tt_pipeline.coverage import (
    AssetDay,
    DayCoverage,
    StudyCoverage,
    UnfinishedWork,
    Work,
    Workspace,
    asset_of,
    comment_days,
    days_between,
    has_last_look,
    list_days,
    profile_days,
    quota_bucket,
    running_now,
    spans_of_days,
    unfinished_work,
)
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.landing import Inventory
from tt_pipeline.planning import Repeat, confirmed_work
from tt_pipeline.quota import BucketUse
from tt_pipeline.reports import (
    ChecksDue,
    checks_due,
    published_at,
    published_counts,
    published_queries,
    videos_of_one_offs,
)
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import ONCE, AccountList, Bucket, Dataset, SearchStatus

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
        running=tuple(_running(settings)),
        quota=tuple(_quota(settings, workspace, uses)) if has_key else (),
        ledger=tuple(_studies(workspace)) if has_key else (),
        due=tuple(_due(work, uses) for work in confirmed.work),
        unconfirmed=tuple(_unconfirmed(repeat) for repeat in confirmed.unconfirmed),
        confirm_above=study.quota.confirm_above,
        unreadable=tuple(f"{each}" for each in coverage.index.unreadable),
        unfinished=tuple(_unfinished(each, uses) for each in unfinished_work(coverage)),
        coverage_from=days[0] if days else None,
        coverage_to=days[-1] if days else None,
        coverage=tuple(_rows(coverage, days)),
        bad_days=tuple(_bad_days(coverage, days)),
        one_offs=tuple(_one_offs(workspace)),
        checks=tuple(_checks(settings, study, coverage.now)),
        published=_published(settings, study),
    )


def _running(settings: Settings) -> Iterator[RunningStatus]:
    for each in running_now(settings.files):
        yield RunningStatus(pid=each.pid, since=each.since, what=each.what)


def _due(work: Work, uses: dict[Bucket, BucketUse]) -> DueStatus:
    return DueStatus(
        asset=work.asset,
        first_day=work.window.first_day,
        last_day=work.window.last_day,
        reason=work.reason,
        waits_until=_waits_until(work.asset, uses),
    )


def _unfinished(work: UnfinishedWork, uses: dict[Bucket, BucketUse]) -> UnfinishedStatus:
    return UnfinishedStatus(asset=work.asset, what=work.what, waits_until=_waits_until(work.asset, uses))


def _quota(settings: Settings, workspace: Workspace, uses: dict[Bucket, BucketUse]) -> Iterator[QuotaStatus]:
    observed = workspace.study.accounts.lists if workspace.study.accounts else ()
    charged = {Bucket.MAIN, *(quota_bucket(asset_of(account_list)) for account_list in observed)}
    counted_again = workspace.ledger.counted_again()
    has_others = not is_loopback(settings.api_base_url)  # nobody else uses the simulator
    for bucket, use in uses.items():
        if bucket in charged or use.used or use.is_dry:
            yield QuotaStatus(
                bucket=bucket,
                used=use.used,
                limit=use.limit,
                left=use.left,
                is_dry=use.is_dry,
                opens_at=use.opens_at,
                spent_by_others=max(0, DAILY_REQUESTS[bucket] - use.used) if use.is_dry and has_others else None,
                counted_again=counted_again if bucket is Bucket.MAIN else 0,
                sentence=f"{use}",
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
        covered = list(coverage.searches.days_with_damage(search, days))
        done = [day for day in covered if day.status in _DONE]
        waiting = sum(not has_last_look(day, look_ages=study.looks) for day in done)
        yield _row(f"videos/{search.name}", [day.status for day in covered], before_last_look=waiting)
    if study.comments.wanted:
        yield _row_of_subjects("comments", comment_days(coverage, days))
    if study.users.wanted:
        yield _row_of_profiles(coverage, days)
    for account_list in coverage.account_lists.lists:
        yield _row_of_subjects(asset_of(account_list), list_days(coverage, account_list, days))


def _row_of_subjects(asset: str, days: Sequence[AssetDay]) -> CoverageStatus:
    subjects, missing = sum(day.subjects for day in days), sum(day.missing for day in days)
    return _row(asset, [day.status for day in days], subjects=subjects, missing=missing)


def _row_of_profiles(coverage: StudyCoverage, days: Sequence[date]) -> CoverageStatus:
    """The row of `users`: an account that several days name is one account."""
    profiles = coverage.profiles
    accounts = {name for day in days for name in profiles.accounts_of(day)}
    missing = {n for day in days for n in (*profiles.accounts_without_current_profile(day), *profiles.failed(day))}
    known = (profiles.profiles[name] for name in accounts - missing)
    statuses = [day.status for day in profile_days(coverage, days)]
    refused = sum(profile.refusal is not None for profile in known)
    return _row("users", statuses, subjects=len(accounts), missing=len(missing), refused=refused)


def _row(
    asset: str,
    statuses: Sequence[SearchStatus],
    *,
    subjects: int | None = None,
    missing: int | None = None,
    refused: int | None = None,
    before_last_look: int | None = None,
) -> CoverageStatus:
    counts = Counter(statuses)
    return CoverageStatus(
        asset=asset,
        days=tuple(statuses),
        complete_days=sum(counts[status] for status in _DONE),
        days_before_last_look=before_last_look,
        due_days=sum(number for status, number in counts.items() if status not in _NO_WORK),
        subjects=subjects,
        missing=missing,
        refused=refused,
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


def _one_offs(workspace: Workspace) -> Iterator[OneOffStatus]:
    """What one-off collections have landed; nothing if the study has a search with their name."""
    if workspace.study.has_search(ONCE):
        return
    index = workspace.zone.index.of_once()
    if windows := index.windows():
        queries = {window.fingerprint for window in windows}
        last_at = max(window.last_at for window in windows)
        yield OneOffStatus(dataset=Dataset.VIDEOS, subjects=len(queries), last_at=last_at)
    for dataset in (Dataset.COMMENTS, Dataset.USERS, *(ACCOUNT_LISTS[each].dataset for each in AccountList)):
        if looks := index.subjects(dataset):
            last_at = max(look.last_at for look in looks.values())
            yield OneOffStatus(dataset=dataset, subjects=len(looks), last_at=last_at)


def _checks(settings: Settings, study: Study, now: datetime) -> Iterator[ChecksDue]:
    """Nothing before the first publication, and until a file of an earlier version is replaced."""
    with suppress(TtPipelineError):
        yield from (each for each in checks_due(settings.files.published, study.compliance, now) if each.stored)


def _published(settings: Settings, study: Study) -> PublishedStatus:
    file = settings.files.published
    counts, at, problem, one_offs, is_before_edit = dict[str, int](), None, None, 0, False
    if file.exists():
        try:
            counts, at = published_counts(file), published_at(file)
        except TtPipelineError as error:
            problem = f"{error}"
        with suppress(TtPipelineError):  # a file of an earlier version lacks these columns until the next publication
            is_before_edit = published_queries(file) != {(query.name, query.fingerprint) for query in study.queries}
            one_offs = videos_of_one_offs(file)
    return PublishedStatus(
        file=f"{file}",
        published_at=at,
        rows=counts,
        one_off_videos=one_offs,
        is_before_edit=is_before_edit,
        is_missing=not file.exists() and bool(Inventory(settings.files.landing).locations()),
        problem=problem,
    )
