"""What would be requested again although it was collected before, why, and for how many requests.

After an edit the days of the earlier query are outdated, and `--again` requests complete days once more. `tt check`,
`tt collect`, `tt status` and Dagster's runs all take the price from here; `confirmed.py` says which of them needs
somebody's agreement.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import polars as pl

from tt_pipeline.counted import counted
from tt_pipeline.coverage import (
    StudyCoverage,
    due_outdated_days,
    query_includes,
    random_number,
    spans_of_days,
)
from tt_pipeline.landing import VideoFacts, WindowEntry
from tt_pipeline.planning.comments import drawn_videos, pages_needed
from tt_pipeline.planning.day_prices import price_of_days, requests_of_look
from tt_pipeline.planning.earlier_queries import KnownDays, days_of, known_days
from tt_pipeline.planning.estimate import total
from tt_pipeline.studies import CommentSample, Search, StudyQuery

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
        are_videos_known: The edit only leaves videos out; then `of_new_videos` has those comments and profiles of the
            earlier videos that are missing.
    """

    asset: str
    reason: RepeatReason
    version: str = ""
    days: tuple[date, ...]
    requests: int
    of_new_videos: Mapping[str, int] = field(default_factory=dict)
    are_videos_known: bool = False

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
        number = sum(self.of_new_videos.values())
        whose = {"comments": "comments", "users": "creators"}
        what = " and ".join(words for asset, words in whose.items() if asset in self.of_new_videos)
        if self.are_videos_known:
            missing = f", and up to {number:,} for missing {what} of these" if number else ""
            return f"; it finds only videos that the older query found{missing}"
        return (
            f", and up to {number:,} for {what} if it finds as many videos as before and all are new" if number else ""
        )


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


def _edited(coverage: StudyCoverage, search: Search, days: Sequence[date] | None) -> Repeat:
    searches, older = coverage.searches, coverage.landed.older_looks(search)
    outdated = due_outdated_days(coverage, search) if days is None else searches.outdated_days(search, days)
    requests = total(requests_of_look(query, older, _within(query, outdated)) for query in search.queries)
    known = known_days(coverage, search, outdated)
    return Repeat(
        asset=f"videos/{search.name}",
        reason=RepeatReason.EDITED,
        version=search.fingerprint,
        days=tuple(outdated),
        requests=round(requests.likely),
        of_new_videos=_of_further_videos(coverage, older, outdated, known) if outdated else {},
        are_videos_known=bool(outdated) and known.days.issuperset(outdated),
    )


def _within(query: StudyQuery, days: Sequence[date]) -> list[date]:
    return [day for day in days if query_includes(query, day)]


def _of_further_videos(
    coverage: StudyCoverage, older: Sequence[WindowEntry], days: Sequence[date], known: KnownDays
) -> dict[str, int]:
    """Requests for comments and profiles: what is missing on days whose videos are known, and elsewhere everything."""
    fingerprints, wanted, landed = {look.fingerprint for look in older}, set(days), coverage.landed
    found = coverage.index.found_videos(fingerprints, min(days), max(days))
    videos = [video for video in found if video.day in wanted]
    without_comments = [v for v in videos if v.day not in known.days or f"{v.video_id}" not in landed.listings]
    names = {
        v.username for v in videos if v.username and (v.day not in known.days or v.username not in landed.profiles)
    }
    costs = {"comments": _comment_requests(coverage, without_comments), "users": len(names)}
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
    prices = {asset: price_of_days(coverage, asset, days, again_since=since) for asset in assets}
    return [
        Repeat(asset=asset, reason=RepeatReason.AGAIN, days=price.days_again, requests=requests)
        for asset, price in prices.items()
        if (requests := round(price.again.likely))
    ]
