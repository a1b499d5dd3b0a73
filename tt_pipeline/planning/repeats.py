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
from tt_pipeline.planning.earlier_queries import days_of, known_days
from tt_pipeline.planning.estimate import total
from tt_pipeline.planning.new_query import MostRequests, most_requests
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
        further_pages: Requests for the search in addition, if the new query finds `most_videos`.
        of_new_videos: By asset, the requests for comments and profiles if the new query finds `most_videos`; if the
            edit only leaves videos out, for those of the earlier videos that are missing.
        most_videos: The most videos that the new query is expected to find on the days whose videos no earlier query
            found; None if the edit only leaves videos out.
        is_measured: `most_videos` follows from days that were collected with the new query.
    """

    asset: str
    reason: RepeatReason
    version: str = ""
    days: tuple[date, ...]
    requests: int
    further_pages: int = 0
    of_new_videos: Mapping[str, int] = field(default_factory=dict)
    most_videos: int | None = None
    is_measured: bool = False

    @property
    def most(self) -> int:
        """The requests if it finds the most videos, and all are new."""
        return self.requests + self.further_pages + sum(self.of_new_videos.values())

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
        unknown = (
            f" How many videos the new query finds is not known; `tt try {self.name}` tells for one request."
            if self.most_videos is not None and not self.is_measured
            else ""
        )
        return (
            f"{self.name}: {days} {was} collected with an older query, and are kept.{unknown} Requesting these days "
            f"with the new query costs {cost} for the search{self._further()}."
        )

    def _further(self) -> str:
        number = sum(self.of_new_videos.values())
        whose = {"comments": "comments", "users": "creators"}
        what = " and ".join(words for asset, words in whose.items() if asset in self.of_new_videos)
        if self.most_videos is None:
            missing = f", and up to {number:,} for missing {what} of these" if number else ""
            return f"; it finds only videos that the older query found{missing}"
        included = f" with {what}" if number else ""
        videos = counted(self.most_videos, "video")
        return f" if it finds as many videos as before, and up to {self.most:,}{included} if it finds {videos}"


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
    return [repeat for repeat in found if repeat]


def landed_days(coverage: StudyCoverage) -> list[date]:
    """All days that any query was requested for, oldest first."""
    return days_of(coverage.landed.windows)


def _edited(coverage: StudyCoverage, search: Search, days: Sequence[date] | None) -> Repeat | None:
    searches, older = coverage.searches, coverage.landed.older_looks(search)
    outdated = due_outdated_days(coverage, search) if days is None else searches.outdated_days(search, days)
    if not outdated:
        return None
    requests = total(requests_of_look(query, older, _within(query, outdated)) for query in search.queries)
    known = known_days(coverage, search, outdated).days
    unknown = [day for day in outdated if day not in known]
    found = _found(coverage, older, outdated)
    of_known, others = ([v for v in found if (v.day in known) is is_known] for is_known in (True, False))
    most = most_requests(coverage, search, unknown) if unknown else MostRequests()
    return Repeat(
        asset=f"videos/{search.name}",
        reason=RepeatReason.EDITED,
        version=search.fingerprint,
        days=tuple(outdated),
        requests=round(requests.likely),
        further_pages=max(0, most.requests.get("videos", 0) - round(requests.likely)),
        of_new_videos=_of_new_videos(coverage, of_known, others, most),
        most_videos=max(most.videos, len(others)) if unknown else None,
        is_measured=most.is_measured,
    )


def _within(query: StudyQuery, days: Sequence[date]) -> list[date]:
    return [day for day in days if query_includes(query, day)]


def _found(coverage: StudyCoverage, older: Sequence[WindowEntry], days: Sequence[date]) -> list[VideoFacts]:
    """What the earlier queries found on these days."""
    wanted = set(days)
    found = coverage.index.found_videos({look.fingerprint for look in older}, min(days), max(days))
    return [video for video in found if video.day in wanted]


def _of_new_videos(
    coverage: StudyCoverage, known: Sequence[VideoFacts], others: Sequence[VideoFacts], most: MostRequests
) -> dict[str, int]:
    """Requests for comments and profiles.

    Args:
        coverage: What has landed.
        known: Videos of the days on which the new query finds no others; what they lack is counted.
        others: What the earlier query found on the other days; the price is not below that of as many new videos.
        most: The high end for these other days.
    """
    landed = coverage.landed
    without_comments = [video for video in known if f"{video.video_id}" not in landed.listings]
    missing = {
        "comments": _comment_requests(coverage, without_comments),
        "users": len(_names(known) - landed.profiles.keys()),
    }
    as_before = {"comments": _comment_requests(coverage, others), "users": len(_names(others))}
    costs = {asset: missing[asset] + max(as_before[asset], most.requests.get(asset, 0)) for asset in missing}
    return {asset: costs[asset] for asset in coverage.study.collects if costs[asset]}


def _names(videos: Sequence[VideoFacts]) -> set[str]:
    return {video.username for video in videos if video.username}


def _comment_requests(coverage: StudyCoverage, videos: Sequence[VideoFacts]) -> int:
    import polars as pl

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
