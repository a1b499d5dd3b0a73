"""Collect the profiles of the creators whose videos searches found on some days, each creator once."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tt_pipeline.clock import today
from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.bookkeeping import Tally, carry_out
from tt_pipeline.ingestion.collector import SubjectCollector, open_collector
from tt_pipeline.ingestion.report import CollectReport, DayReport, day_report
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.research_api import Page
from tt_pipeline.vocabulary import Dataset, Username

log = logging.getLogger(__name__)


def collect_users(
    session: CollectionSession, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land the profiles that are missing or older than the study allows; "not found" and "private" land too.

    Args:
        session: The open data dir and its client.
        days: UTC days on which the creators' videos were created.
        again_since: Request again every creator who has no complete look since this instant.
    """

    def work(tally: Tally) -> None:
        # One lease for all days, because a creator found on several days is requested once.
        with session.zone.lease(Dataset.USERS):
            looked_up: set[Username] = set()
            coverage = session.coverage(min(days), max(days))
            for day in days:
                profiles = _wanted_profiles(coverage, day, without=looked_up, again_since=again_since)
                if profiles:
                    coverage.check_readable("users")
                    _collect_profiles(session, profiles, day, tally)
                looked_up |= {profile.username for profile in profiles}

    def state() -> list[DayReport]:
        coverage = session.coverage(min(days), max(days))
        return [users_report(coverage, day) for day in days]

    return carry_out(session, "users", Dataset.USERS, work=work, state=state)


def verify_profiles(session: CollectionSession, usernames: Sequence[Username]) -> int:
    """Request profiles that are stored, to learn whether their accounts still exist.

    Returns:
        How many were answered; the others are still due.

    Raises:
        QuotaExhausted: No request is left; what came before has landed.
    """
    if not usernames:
        return 0
    answered: list[bool] = []
    with session.zone.lease(Dataset.USERS):
        known = session.coverage().profiles
        profiles = [_Profile(name, known.next_look_number(name)) for name in usernames]
        with open_collector(session, Dataset.USERS, today(session.clock), Tally()) as collector:
            try:
                collector.each(profiles, lambda profile: answered.append(_collect_profile(collector, profile)))
            except ApiError as error:
                log.warning("profiles that are stored: %s", error)
    return sum(answered)


@dataclass(frozen=True, slots=True)
class _Profile:
    """A creator to request, and the number of the look."""

    username: Username
    look: int


def _wanted_profiles(
    coverage: StudyCoverage, day: date, *, without: set[Username], again_since: datetime | None
) -> list[_Profile]:
    if not coverage.study.users.wanted:
        return []
    profiles = coverage.profiles
    names = profiles.accounts_to_request(day)
    if again_since:
        names = [name for name in profiles.accounts_of(day) if not profiles.is_looked_up_since(name, again_since)]
    return [_Profile(name, profiles.next_look_number(name)) for name in names if name not in without]


def _collect_profiles(session: CollectionSession, profiles: Sequence[_Profile], day: date, tally: Tally) -> None:
    with open_collector(session, Dataset.USERS, day, tally) as collector:
        collector.each(profiles, lambda profile: _collect_profile(collector, profile))


def _collect_profile(collector: SubjectCollector, profile: _Profile) -> bool:
    def request() -> Iterator[Page]:
        yield collector.api.user_info(profile.username)

    return collector.collect(request, lambda page: collector.land(profile.username, profile.look, page))


def users_report(coverage: StudyCoverage, day: date) -> DayReport:
    """The report on a day's profiles."""
    profiles = coverage.profiles
    missing, failed = len(profiles.accounts_without_current_profile(day)), len(profiles.failed(day))
    return day_report(
        day,
        missing=missing,
        failed=failed,
        why_videos_may_follow=coverage.searches.why_videos_may_follow(day),
        rows=len(profiles.accounts_with_profile(day)),
        is_wanted=coverage.study.users.wanted,
        facts={
            "creators": len(profiles.accounts_of(day)),
            "creators_without_profile": missing,
            "creators_failed": failed,
        },
    )
