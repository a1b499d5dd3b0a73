"""What a plan is made from: how many videos there are, how many comments they have, how many people made them.

Each number is an assumption, an override from the command line, or measured. Measuring is `calibration.py`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import polars as pl

from tt_pipeline.errors import UsageError
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.assumptions import lists_ids
from tt_pipeline.planning.comments import CommentCounts, Replies
from tt_pipeline.planning.estimate import SURE, Estimate, total
from tt_pipeline.planning.lists import Observed
from tt_pipeline.planning.people import Creators, LandedCreators
from tt_pipeline.planning.searches import days_of, horizon, most_a_day
from tt_pipeline.studies import Search, Study, find_search


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many videos a search finds a day.

    Attributes:
        videos: A day; where it has landed its range is a day's own, and `over` says that of an average.
        slots_a_video: Places in the result that one video costs, with those of hidden ones.
        days: From how many landed days; 0 where it is assumed.
        is_given: Somebody said so.
        spread: Standard deviation between days, as a share of the mean.
        most: A sample or a capped search finds no more.
    """

    videos: Estimate
    slots_a_video: Estimate = prior.SLOTS_A_VIDEO
    days: int = 0
    is_given: bool = False
    spread: float = 0.0
    most: float = math.inf

    def over(self, days: int) -> Estimate:
        """Videos a day on the average of so many days to come."""
        if not self.days:
            return self.videos
        error = SURE * self.spread * math.sqrt(1 / self.days + 1 / max(1, days))
        return Estimate.within(self.videos.likely, error).at_most(self.most)

    def slots(self, days: int) -> Estimate:
        """Places in the result that a day of them has."""
        return self.over(days) * self.slots_a_video


KNOWN_VIDEOS: Final = {
    "day": pl.Date,
    "comment_count": pl.Int64,
    "pages_landed": pl.Int64,
    "is_whole": pl.Boolean,
    "has_replies": pl.Boolean,
    "search": pl.String,
    "number": pl.Float64,
}
"""Grain: a found video. `is_whole`: its comments are held or final; `has_replies`: so are its replies. `search`: under
which it is counted where videos are drawn; `number`: the random number by which they are."""
KNOWN_CREATORS: Final = {"last_day": pl.Date, "profiled": pl.Date}
"""Grain: a creator. `last_day` of their videos; `profiled`: day of the latest profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """Windows of a search that are half bought."""

    pages: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a plan is made from, besides the study.

    Attributes:
        rates: By the fingerprint of what is sent.
        seen: Likewise: the age in days at which each day was last looked at completely.
        unfinished: Likewise.
        distinct_landed: Share of what the landed searches find that is found once.
        videos: What was found, columns of KNOWN_VIDEOS.
        people: Who was found, columns of KNOWN_CREATORS.
        creators: How new creators turn up among videos of searches that have landed; None when none has.
        named: Who made found videos or is mentioned by them, columns of KNOWN_CREATORS.
        names: Likewise how new ones turn up.
        replies: How many listings of replies go with those of comments.
        observed: Which lists of accounts are known.
    """

    rates: Mapping[str, Rate]
    counts: CommentCounts
    seen: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    distinct_landed: Estimate = field(default_factory=lambda: Estimate.exactly(1))
    videos: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN_VIDEOS))
    people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN_CREATORS))
    creators: LandedCreators | None = None
    named: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN_CREATORS))
    names: Creators | None = None
    replies: Replies = field(default_factory=Replies)
    observed: Observed = field(default_factory=Observed)

    def distinct_videos(self, found: Mapping[str, Estimate]) -> tuple[Estimate, Estimate]:
        """How many videos searches find together, each once, from what each finds: of landed ones, of assumed ones."""
        by_landed = total(videos for asked, videos in found.items() if self.rates[asked].days)
        by_assumed = total(videos for asked, videos in found.items() if not self.rates[asked].days)
        overlap = prior.DISTINCT if len(self.rates) > 1 else Estimate.exactly(1)
        return by_landed * self.distinct_landed, by_assumed * overlap


def assumed(study: Study, now: datetime, *, videos_per_day: Mapping[str, float] | None = None) -> Evidence:
    """What is taken for true before anything has landed.

    Args:
        study: What is asked.
        now: Until when a study without an end is planned.
        videos_per_day: What searches find, by their names, where somebody knows.
    """
    planned, looks, known = horizon(study, now), len(study.looks), videos_per_day or {}
    given = {search.fingerprint: known[search.name] for search in study.searches if search.name in known}
    rates = {
        asked.fingerprint: _assumed_rate(
            asked, len(days_of(asked, planned)), given.get(asked.fingerprint), most=most_a_day(asked, looks)
        )
        for search in study.searches
        for asked in search.asked
    }
    return Evidence(rates=rates, counts=assumed_counts())


def _assumed_rate(asked: Search, days: int, given: float | None, *, most: float) -> Rate:
    found = prior.videos_a_day(asked.query, days) if given is None else Estimate.within(given, prior.GIVEN_ERROR)
    return Rate(videos=found.at_most(most), is_given=given is not None, most=most)


def assumed_counts() -> CommentCounts:
    """The model of assumptions.py."""
    fewer, likely, more = prior.comment_models()
    return CommentCounts(fewer=fewer, likely=likely, more=more)


def accounts_of(study: Study) -> int | None:
    """The only accounts that the study can find; None when it can be anyone."""
    named = [prior.accounts(search.query) for search in study.searches]
    known = [names for names in named if names is not None]
    return len(frozenset[str]().union(*known)) if len(known) == len(named) else None


def read_given(written: Sequence[str], study: Study) -> dict[str, float]:
    """Videos a day by the name of a search, from texts like `40` and `climate=9`.

    A plain number is for all searches that are listed; one with a name goes before it, wherever it stands.

    Raises:
        UsageError: It is no number, the study has no such search, or the search has a list of ids.
    """
    listed = [search for search in study.searches if not search.sample and not lists_ids(search.query)]
    everywhere, named = {}, {}
    for text in written:
        name, is_named, number = text.rpartition("=")
        if is_named:
            named[_of_videos(study, name.strip()).name] = _number(number, text)
        else:
            everywhere = dict.fromkeys((search.name for search in listed), _number(number, text))
    return everywhere | named


def _of_videos(study: Study, name: str) -> Search:
    search = find_search(study, name)
    if lists_ids(search.query):
        raise UsageError(f"--videos-per-day: {name} has a list of ids, which says how many videos there are.")
    return search


def _number(written: str, text: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise UsageError(f"--videos-per-day {text}: say a number, or NAME=NUMBER for one search.")
    return number
