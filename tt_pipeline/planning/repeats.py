"""What would be requested again although it was collected before, why, and for how many requests.

After an edit the days of the earlier query are outdated, and `--again` requests complete days once more. `tt check`,
`tt collect`, `tt status` and Dagster's runs all take the price from here; `confirmed.py` says which of them needs
somebody's agreement.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import polars as pl

from tt_pipeline.counted import counted
from tt_pipeline.coverage import (
    StudyCoverage,
    days_between,
    due_outdated_days,
    list_of,
    looks_to_begin,
    query_includes,
    random_number,
    reached_end_or_cap,
    spans_of_days,
)
from tt_pipeline.landing import VideoFacts, WindowEntry
from tt_pipeline.planning.comments import drawn_videos, pages_needed
from tt_pipeline.planning.estimate import Estimate, total
from tt_pipeline.planning.searches import requests_at_once
from tt_pipeline.studies import CommentSample, Search, StudyQuery, find_search
from tt_pipeline.vocabulary import AccountList

_MOST_SPANS: Final = 3


class RepeatReason(StrEnum):
    """Why collected days are requested again."""

    EDITED = "edited"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Collected days of an asset that would be requested again.

    Attributes:
        asset: `videos/<search>`, `comments`, `users` or `social/<list>`.
        version: The fingerprint of the present query of an edited search; "" for `--again`.
        days: Oldest first.
        requests: For the asset, by the pages of the latest look at these days.
        of_new_videos: By asset, the requests for comments and profiles if the edited search finds as many videos as
            before and all of them are new.
    """

    asset: str
    reason: RepeatReason
    version: str = ""
    days: tuple[date, ...]
    requests: int
    of_new_videos: Mapping[str, int] = field(default_factory=dict)

    @property
    def most(self) -> int:
        """The requests if every video that it finds is new."""
        return self.requests + sum(self.of_new_videos.values())

    @property
    def name(self) -> str:
        """The search or asset as the study names it."""
        return self.asset.removeprefix("videos/")

    def followed_by(self, assets: Collection[str]) -> "Repeat":
        """The same, without requests for new videos whose assets are not among these."""
        return replace(self, of_new_videos={name: cost for name, cost in self.of_new_videos.items() if name in assets})

    def __str__(self) -> str:
        days = f"{counted(len(self.days), 'day')} ({_listed(self.days)})"
        cost = f"about {counted(self.requests, 'request')}"
        if self.reason is RepeatReason.AGAIN:
            return f"{self.name}: requesting {days} again costs {cost}, as the last time."
        was = "was" if len(self.days) == 1 else "were"
        return (
            f"{self.name}: {days} {was} collected with an older query, and are kept. Requesting them with this one "
            f"costs {cost} for the search{self._further()}."
        )

    def _further(self) -> str:
        if not (number := sum(self.of_new_videos.values())):
            return ""
        whose = {"comments": "comments", "users": "creators"}
        what = " and ".join(words for asset, words in whose.items() if asset in self.of_new_videos)
        return f", and up to {number:,} for {what} if it finds as many videos as before and all are new"


def _listed(days: Sequence[date]) -> str:
    """The first spans of days, as in `2026-10-01..2026-10-05, 2026-10-09 and more`."""
    spans = spans_of_days(days)
    more = " and more" if spans[_MOST_SPANS:] else ""
    return ", ".join(str(span) for span in spans[:_MOST_SPANS]) + more


def edited_searches(coverage: StudyCoverage, days: Sequence[date] | None = None) -> list[Repeat]:
    """What the edits of the study's searches cost.

    Args:
        coverage: What has landed.
        days: The days to request; None for the outdated days that are due.
    """
    found = [_edited(coverage, search, days) for search in coverage.study.searches]
    return [repeat for repeat in found if repeat.days]


def landed_days(coverage: StudyCoverage) -> list[date]:
    """All days that any query was requested for, oldest first."""
    return days_of(coverage.landed.windows)


def days_of(windows: Iterable[WindowEntry]) -> list[date]:
    """All days of these windows, oldest first."""
    return sorted({day for window in windows for day in days_between(window.first_day, window.last_day)})


def _edited(coverage: StudyCoverage, search: Search, days: Sequence[date] | None) -> Repeat:
    searches, older = coverage.searches, coverage.landed.older_looks(search)
    outdated = due_outdated_days(coverage, search) if days is None else searches.outdated_days(search, days)
    return Repeat(
        asset=f"videos/{search.name}",
        reason=RepeatReason.EDITED,
        version=search.fingerprint,
        days=tuple(outdated),
        requests=round(
            total(requests_of_look(query, older, _within(query, outdated)) for query in search.queries).likely
        ),
        of_new_videos=_of_new_videos(coverage, older, outdated) if outdated else {},
    )


def _within(query: StudyQuery, days: Sequence[date]) -> list[date]:
    return [day for day in days if query_includes(query, day)]


def requests_of_look(query: StudyQuery, looks: Sequence[WindowEntry], days: Sequence[date]) -> Estimate:
    """Requests for one look at these days, which have as many slots as at their latest look."""
    by_day = [slots for day in days if (slots := slots_at_latest_look(looks, day)) is not None]
    return requests_at_once(query, Estimate.exactly(sum(by_day) / len(by_day) if by_day else 0), days)


def slots_at_latest_look(looks: Sequence[WindowEntry], day: date) -> float | None:
    """Slots of a day at its latest look, by the average over its window; an unfinished look counts without another."""
    covering = [look for look in looks if look.covers(day)]
    ended = [look for look in covering if reached_end_or_cap(look)] or covering
    return ended[-1].slots / ((ended[-1].last_day - ended[-1].first_day).days + 1) if ended else None


def _of_new_videos(coverage: StudyCoverage, older: Sequence[WindowEntry], days: Sequence[date]) -> dict[str, int]:
    """Requests for comments and profiles of as many new videos as the earlier queries found on these days."""
    fingerprints, wanted = {look.fingerprint for look in older}, set(days)
    found = coverage.index.found_videos(fingerprints, min(days), max(days))
    videos = [video for video in found if video.day in wanted]
    costs = {
        "comments": _comment_requests(coverage, videos),
        "users": len({video.username for video in videos if video.username}),
    }
    return {asset: costs[asset] for asset in coverage.study.collects if costs[asset]}


def _comment_requests(coverage: StudyCoverage, videos: Sequence[VideoFacts]) -> int:
    rules = coverage.study.comments
    seed = (rules.sample or CommentSample(per_stratum=1)).seed
    frame = pl.DataFrame(
        {
            "day": [video.day for video in videos],
            "comment_count": [video.comment_count for video in videos],
            "search": [""] * len(videos),
            "number": [random_number(video.video_id, seed) for video in videos],
        },
        schema={"day": pl.Date, "comment_count": pl.Int64, "search": pl.String, "number": pl.Float64},
    )
    return int(drawn_videos(frame, rules).select(pages_needed(rules).sum()).item() or 0)


def repeats_again(
    coverage: StudyCoverage, assets: Collection[str], days: Sequence[date], since: datetime
) -> list[Repeat]:
    """What it costs to request these days again, as far as they were collected before and not since an instant.

    Outdated days are not included: `edited_searches` has them.
    """
    found = [_again(coverage, asset, days, since) for asset in assets]
    return [repeat for repeat in found if repeat.requests]


def _again(coverage: StudyCoverage, asset: str, days: Sequence[date], since: datetime) -> Repeat:
    if account_list := list_of(asset):
        costs = {coverage.account_lists.today: _list_again(coverage, account_list, since)}
    elif asset == "comments":
        costs = {day: _comments_again(coverage, day, since) for day in days}
    elif asset == "users":
        costs = _profiles_again(coverage, days, since)
    else:
        return _search_again(coverage, find_search(coverage.study, asset.removeprefix("videos/")), days, since)
    paid = {day: cost for day, cost in costs.items() if cost}
    return Repeat(asset=asset, reason=RepeatReason.AGAIN, days=tuple(paid), requests=sum(paid.values()))


def _search_again(coverage: StudyCoverage, search: Search, days: Sequence[date], since: datetime) -> Repeat:
    repeated, requests = set[date](), 0.0
    for query in search.queries:
        covered = coverage.searches.days(query, _within(query, days))
        begins = [
            each
            for each in covered
            if each.windows
            and each.windows[-1].ends  # an unfinished look continues instead
            and looks_to_begin(each, now=coverage.now, look_ages=coverage.study.looks, again_since=since)
        ]
        looks = sorted({look.load_id: look for each in begins for look in each.windows}.values(), key=_first_at)
        requests += requests_of_look(query, looks, [each.day for each in begins]).likely
        repeated |= {each.day for each in begins}
    return Repeat(
        asset=f"videos/{search.name}",
        reason=RepeatReason.AGAIN,
        days=tuple(sorted(repeated)),
        requests=round(requests),
    )


def _first_at(look: WindowEntry) -> datetime:
    return look.first_at


def _comments_again(coverage: StudyCoverage, day: date, since: datetime) -> int:
    """Pages that the latest listings of a day's videos had, with those of their replies."""
    again = {f"{video.video_id}" for video in coverage.comments.videos_to_list_again(day, since)}
    listings = [listing for subject in again if (listing := coverage.landed.listings.get(subject))]
    replies = coverage.comments.replies.values() if listings else ()
    threads = (look for look in replies if look.day == day and look.subject not in coverage.landed.listings)
    return sum(max(1, listing.pages) for listing in listings) + sum(look.pages for look in threads)


def _profiles_again(coverage: StudyCoverage, days: Sequence[date], since: datetime) -> dict[date, int]:
    """Accounts with a profile, each on the first of the days that names it."""
    profiles, seen, costs = coverage.profiles, set[str](), dict[date, int]()
    for day in days if coverage.study.users.wanted else ():
        again = {name for name in profiles.accounts_of(day) if name in profiles.profiles} - seen
        costs[day] = sum(not profiles.is_looked_up_since(name, since) for name in again)
        seen |= again
    return costs


def _list_again(coverage: StudyCoverage, account_list: AccountList, since: datetime) -> int:
    """Pages of the latest observations of those targets that are not due without `--again`."""
    lists = coverage.account_lists
    due = {pending.target for pending in lists.to_observe(account_list, lists.today)}
    again = (pending.target for pending in lists.to_observe(account_list, lists.today, again_since=since))
    looks = (lists.looks(account_list, target) for target in again if target not in due)
    return sum(max(1, of_target[-1].pages) for of_target in looks if of_target)
