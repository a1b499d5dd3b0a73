"""The numbers from which a plan is computed: videos, comments of videos, and people whom videos name.

Each number is an assumption, an override from the command line, or calibrated by what has landed (`calibration.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from tt_pipeline.errors import UsageError
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.comments import CommentCounts, Replies
from tt_pipeline.planning.estimate import ONE, Estimate, average_to_come, total
from tt_pipeline.planning.lists import KnownLists
from tt_pipeline.planning.people import CalibratedPeople
from tt_pipeline.planning.searches import days_of_query, max_videos_a_day, planned_days
from tt_pipeline.studies import Search, Study, StudyQuery, find_search

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

_MOST_VIDEOS_A_DAY: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRate:
    """The number of videos that a query finds a day.

    Attributes:
        videos: Videos on one day; `over` returns the average of several days.
        slots_a_video: Slots of the result for each video, hidden videos included.
        days: Number of collected days; 0 for an assumption or an override.
        is_override: The number comes from `--videos-per-day`.
        earlier_days: Number of days that an earlier query of the search collected, if the number comes from it: the
            edit only leaves videos out.
        spread: Standard deviation between days, as a share of the mean.
        most: The upper limit of a sample or a cap.
    """

    videos: Estimate
    slots_a_video: Estimate = assumptions.SLOTS_A_VIDEO
    days: int = 0
    is_override: bool = False
    earlier_days: int = 0
    spread: float = 0.0
    most: float = math.inf

    def over(self, days: int) -> Estimate:
        """Average videos a day over this number of future days."""
        if not self.days:
            return self.videos
        return average_to_come(self.videos.likely, self.spread, days=self.days, ahead=days).at_most(self.most)

    def slots(self, days: int) -> Estimate:
        """Average slots a day over this number of future days."""
        return self.over(days) * self.slots_a_video


KNOWN_VIDEOS: Final = {
    "day": date,
    "comment_count": int,
    "pages_landed": int,
    "is_whole": bool,
    "has_replies": bool,
    "search": str,
    "number": float,
}
"""Grain: a found video. `is_whole`: its comments are complete or final; `has_replies`: its replies are too. `search`:
if comments are sampled, the search to whose stratum it belongs; `number`: its random number in the sample."""
KNOWN_PEOPLE: Final = {"last_day": date, "profiled": date}
"""Grain: a person. `last_day`: the day of the latest video; `profiled`: the day of the latest profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedWindows:
    """The landed part of windows that are not complete."""

    pages: int = 0
    records: int = 0


def _no_videos() -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(schema=KNOWN_VIDEOS)


def _no_people() -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(schema=KNOWN_PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All numbers from which a plan is computed, in addition to the study.

    Attributes:
        rates: Videos a day, by the fingerprint of the query.
        seen: By fingerprint: the age in days that each day had at its latest complete look.
        unfinished: By fingerprint: what has landed of unfinished windows.
        known: By fingerprint: days whose videos are among the found ones, because an earlier query found them.
        distinct_landed: Different videos of the calibrated searches, divided by the sum of the videos of each.
        videos: Found videos, columns of KNOWN_VIDEOS.
        creators: Creators of found videos, columns of KNOWN_PEOPLE.
        calibrated_creators: Estimates the new creators of further videos; None if too few videos have landed.
        named: Creators and the accounts that they mention, columns of KNOWN_PEOPLE.
        calibrated_named: The same for creators and mentioned accounts together.
        stored: Stored videos, comments and profiles.
    """

    rates: Mapping[str, VideoRate]
    counts: CommentCounts
    seen: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    unfinished: Mapping[str, UnfinishedWindows] = field(default_factory=dict)
    known: Mapping[str, frozenset[date]] = field(default_factory=dict)
    distinct_landed: Estimate = ONE
    videos: "pl.DataFrame" = field(default_factory=_no_videos)
    creators: "pl.DataFrame" = field(default_factory=_no_people)
    calibrated_creators: CalibratedPeople | None = None
    named: "pl.DataFrame" = field(default_factory=_no_people)
    calibrated_named: CalibratedPeople | None = None
    replies: Replies = field(default_factory=Replies)
    stored: tuple[int, int, int] = (0, 0, 0)
    lists: KnownLists = field(default_factory=KnownLists)

    def distinct_videos(self, found: Mapping[str, Estimate]) -> tuple[Estimate, Estimate]:
        """The number of different videos that queries find together, for calibrated and for assumed queries.

        Args:
            found: Videos that each query finds, by fingerprint.
        """
        calibrated = total(videos for fingerprint, videos in found.items() if self.rates[fingerprint].days)
        assumed = total(videos for fingerprint, videos in found.items() if not self.rates[fingerprint].days)
        overlap = assumptions.DISTINCT if len(self.rates) > 1 else ONE
        return calibrated * self.distinct_landed, assumed * overlap


def assumed(study: Study, now: datetime, *, videos_per_day: Mapping[str, float] | None = None) -> Evidence:
    """The evidence before anything has landed.

    Args:
        study: The study that is planned.
        now: A study without an end is planned until the day before.
        videos_per_day: Videos a day that replace the assumptions, by the name of the search.
    """
    planned, overrides, looks = planned_days(study, now), videos_per_day or {}, len(study.looks)
    by_fingerprint = {s.fingerprint: overrides[s.name] for s in study.searches if s.name in overrides}
    rates = {}
    for query in study.queries:
        days, most = len(days_of_query(query, planned)), max_videos_a_day(query, looks)
        override = by_fingerprint.get(query.fingerprint)
        rates[query.fingerprint] = _assumed_rate(query, days, override, most=most)
    return Evidence(rates=rates, counts=assumed_counts())


def _assumed_rate(query: StudyQuery, days: int, override: float | None, *, most: float) -> VideoRate:
    if override is None:
        return VideoRate(videos=assumptions.videos_a_day(query.query, days).at_most(most), most=most)
    videos = Estimate.within(override, assumptions.OVERRIDE_ERROR).at_most(most)
    return VideoRate(videos=videos, is_override=True, most=most)


def assumed_counts() -> CommentCounts:
    """The assumed distribution of comments."""
    fewer, likely, more = assumptions.comment_models()
    return CommentCounts(fewer=fewer, likely=likely, more=more)


def number_of_accounts(study: Study) -> int | None:
    """The number of accounts whose videos the study can find; None if it can find videos of any account."""
    named = [assumptions.accounts(search.query) for search in study.searches]
    known = [names for names in named if names is not None]
    return len(frozenset[str]().union(*known)) if len(known) == len(named) else None


def read_overrides(written: Sequence[str], study: Study) -> dict[str, float]:
    """Videos a day by the name of a search, from the values of `--videos-per-day`, such as `40` and `climate=9`.

    A number without a name applies to every search that is not a sample or a list of ids; a number with the name of a
    search takes precedence over it.

    Raises:
        UsageError: The number is invalid, the study has no such search, or the search is a list of ids.
    """
    listed = [s.name for s in study.searches if not s.sample and not assumptions.lists_ids(s.query)]
    everywhere, named = {}, {}
    for text in written:
        name, has_name, number = text.rpartition("=")
        if has_name:
            named[_search_with_videos(study, name.strip()).name] = _number(number, text)
        else:
            everywhere = dict.fromkeys(listed, _number(number, text))
    return everywhere | named


def _search_with_videos(study: Study, name: str) -> Search:
    search = find_search(study, name)
    if assumptions.lists_ids(search.query):
        raise UsageError(f"--videos-per-day: {name} has a list of ids, which says how many videos there are.")
    return search


def _number(written: str, text: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number <= _MOST_VIDEOS_A_DAY:
        most = f"{_MOST_VIDEOS_A_DAY:,}"
        raise UsageError(f"--videos-per-day {text}: say a number up to {most}, or NAME=NUMBER for one search.")
    return number
