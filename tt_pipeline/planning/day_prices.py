"""What it costs to collect some days of one asset now: for Dagster, where people choose assets and days.

Days that were collected before have the pages of their latest look; new days have those of the plan.
"""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from tt_pipeline.coverage import StudyCoverage, list_of, looks_to_begin, query_includes
from tt_pipeline.landing import VideoFacts
from tt_pipeline.planning.calibration import calibrated
from tt_pipeline.planning.comments import pages_needed
from tt_pipeline.planning.estimate import NOTHING, Estimate, total
from tt_pipeline.planning.evidence import Evidence
from tt_pipeline.planning.repeats import requests_of_look, slots_at_latest_look
from tt_pipeline.planning.searches import requests_at_once
from tt_pipeline.studies import CommentRules, Search, StudyQuery, find_search
from tt_pipeline.vocabulary import AccountList


def price_of_days(
    coverage: StudyCoverage, asset: str, days: Sequence[date], *, again_since: datetime | None = None
) -> Estimate:
    """Requests for collecting these days of an asset now.

    Comments and profiles are counted for the videos that were found so far.

    Args:
        coverage: What has landed.
        asset: `videos/<search>`, `comments`, `users` or `social/<list>`.
        days: UTC days; those that are complete cost nothing without `again_since`.
        again_since: Also days that have no look since this instant.
    """
    if account_list := list_of(asset):
        return Estimate.exactly(_of_list(coverage, account_list, days, again_since))
    if asset == "comments":
        return Estimate.exactly(sum(_of_comments(coverage, day, again_since) for day in days))
    if asset == "users":
        return Estimate.exactly(len(_accounts(coverage, days, again_since)))
    return _of_search(coverage, find_search(coverage.study, asset.removeprefix("videos/")), days, again_since)


def _of_list(
    coverage: StudyCoverage, account_list: AccountList, days: Sequence[date], again_since: datetime | None
) -> int:
    lists = coverage.account_lists
    pending = [each for day in days for each in lists.to_observe(account_list, day, again_since=again_since)]
    looks = [lists.looks(account_list, each.target) for each in pending]
    return sum(max(1, of_target[-1].pages) if of_target else 1 for of_target in looks)


def _of_comments(coverage: StudyCoverage, day: date, again_since: datetime | None) -> int:
    comments = coverage.comments
    videos = comments.videos_to_list_again(day, again_since) if again_since else comments.videos_to_request(day)
    return _pages(videos, coverage.study.comments)


def _pages(videos: Sequence[VideoFacts], rules: CommentRules) -> int:
    counts = pl.DataFrame({"comment_count": [v.comment_count for v in videos]}, schema={"comment_count": pl.Int64})
    return int(counts.select(pages_needed(rules).clip(1).sum()).item() or 0)


def _accounts(coverage: StudyCoverage, days: Sequence[date], again_since: datetime | None) -> set[str]:
    profiles = coverage.profiles
    if again_since is None:
        return {name for day in days for name in profiles.accounts_to_request(day)}
    names = {name for day in days for name in profiles.accounts_of(day)} if coverage.study.users.wanted else set()
    return {name for name in names if not profiles.is_looked_up_since(name, again_since)}


def _of_search(coverage: StudyCoverage, search: Search, days: Sequence[date], again_since: datetime | None) -> Estimate:
    begun = {query.fingerprint: _days_to_request(coverage, query, days, again_since) for query in search.queries}
    looks = [*coverage.landed.older_looks(search), *coverage.landed.looks_of(search)]
    known = {day for each in begun.values() for day in each if slots_at_latest_look(looks, day) is not None}
    evidence = calibrated(coverage) if any(set(each) - known for each in begun.values()) else None
    return total(
        requests_of_look(query, looks, [day for day in begun[query.fingerprint] if day in known])
        + _of_new_days(query, evidence, [day for day in begun[query.fingerprint] if day not in known])
        for query in search.queries
    ).rounded()


def _days_to_request(
    coverage: StudyCoverage, query: StudyQuery, days: Sequence[date], again_since: datetime | None
) -> list[date]:
    now, look_ages = coverage.now, coverage.study.looks
    covered = coverage.searches.days(query, [day for day in days if query_includes(query, day)])
    return [
        each.day
        for each in covered
        if any(window.ends is None for window in each.windows)
        or looks_to_begin(each, now=now, look_ages=look_ages, again_since=again_since)
    ]


def _of_new_days(query: StudyQuery, evidence: Evidence | None, days: Sequence[date]) -> Estimate:
    if not (evidence and days):
        return NOTHING
    return requests_at_once(query, evidence.rates[query.fingerprint].slots(len(days)), days)
