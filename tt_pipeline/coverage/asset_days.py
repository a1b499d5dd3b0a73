"""One status for each asset and day, for screens: of comments, profiles and lists too, in the words of searches.

`search_days.py` has the statuses of searches; here a day of comments or profiles is complete only if every video of the
day, or every account, is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tt_pipeline.coverage.comments import MISSING, NOT_REQUESTED
from tt_pipeline.coverage.profiles import ACCOUNTS
from tt_pipeline.coverage.profiles import FAILED as FAILED_PROFILES
from tt_pipeline.coverage.profiles import MISSING as MISSING_PROFILES
from tt_pipeline.coverage.search_days import age_days
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.vocabulary import AccountList, CommentStatus, SearchStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDay:
    """The status of an asset on a day.

    Attributes:
        subjects: Videos, accounts or lists that the study collects on this day.
        missing: Those that are not collected.
    """

    day: date
    status: SearchStatus
    subjects: int
    missing: int


def comment_days(coverage: StudyCoverage, days: Sequence[date]) -> list[AssetDay]:
    """Each of these days by the comments of its videos."""
    return [_comments(coverage, day) for day in days]


def profile_days(coverage: StudyCoverage, days: Sequence[date]) -> list[AssetDay]:
    """Each of these days by the profiles of its videos' accounts."""
    return [_profiles(coverage, day) for day in days]


def list_days(coverage: StudyCoverage, account_list: AccountList, days: Sequence[date]) -> list[AssetDay]:
    """Each of these days of observation by the lists that were observed on it, or are due today."""
    return [_lists(coverage, account_list, day) for day in days]


def _comments(coverage: StudyCoverage, day: date) -> AssetDay:
    comments, rules = coverage.comments, coverage.study.comments
    numbers = comments.note(day).counts if rules.wanted else {}
    subjects = sum(number for status, number in numbers.items() if status not in NOT_REQUESTED)
    missing = sum(number for status, number in numbers.items() if status in MISSING)
    failed = numbers.get(CommentStatus.FAILED, 0)
    is_young = age_days(day, coverage.now) < rules.after_days
    return _day(coverage, day, subjects=subjects, missing=missing, failed=failed, is_young=is_young)


def _profiles(coverage: StudyCoverage, day: date) -> AssetDay:
    numbers = coverage.profiles.note(day).counts
    return _day(
        coverage,
        day,
        subjects=numbers[ACCOUNTS],
        missing=numbers[MISSING_PROFILES],
        failed=numbers[FAILED_PROFILES],
        is_young=False,
    )


def _day(coverage: StudyCoverage, day: date, *, subjects: int, missing: int, failed: int, is_young: bool) -> AssetDay:
    lacks = missing + failed
    if lacks == subjects and missing:
        status = SearchStatus.NOT_DUE if is_young else SearchStatus.NEVER_ASKED
    elif lacks:
        status = SearchStatus.PARTIAL
    elif coverage.searches.why_videos_may_follow(day):
        status = SearchStatus.PARTIAL if subjects else SearchStatus.NOT_DUE
    else:
        status = SearchStatus.COMPLETE
    return AssetDay(day=day, status=status, subjects=subjects, missing=lacks)


def _lists(coverage: StudyCoverage, account_list: AccountList, day: date) -> AssetDay:
    lists = coverage.account_lists
    looks = lists.observed_on(account_list, day)
    missing = len(lists.to_observe(account_list, day))
    begun = sum(look.ends is None for look in looks)
    if missing > begun:
        status = SearchStatus.PARTIAL if looks else SearchStatus.NEVER_ASKED
    elif begun:
        status = SearchStatus.PAUSED
    else:
        status = SearchStatus.COMPLETE if looks else SearchStatus.NOT_DUE
    return AssetDay(day=day, status=status, subjects=len(looks) + missing - begun, missing=missing)
