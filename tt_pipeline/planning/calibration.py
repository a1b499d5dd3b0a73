"""Evidence from what has landed: what the present queries of a study have found so far.

Each search is calibrated for itself; a search that has not landed keeps its assumptions.
"""

import math
import statistics
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from tt_pipeline.coverage.sampling import random_number
from tt_pipeline.coverage.search_days import age_days, is_complete
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.landing import WindowEntry
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.comments import CommentCounts, Replies
from tt_pipeline.planning.estimate import SURE, Estimate
from tt_pipeline.planning.evidence import (
    KNOWN_CREATORS,
    KNOWN_VIDEOS,
    Evidence,
    Rate,
    Unfinished,
    accounts_of,
    assumed,
)
from tt_pipeline.planning.lists import observed
from tt_pipeline.planning.people import LandedCreators, LandedNames
from tt_pipeline.planning.searches import horizon, most_a_day
from tt_pipeline.studies import CommentSample, Search
from tt_pipeline.vocabulary import StopReason

_FEWEST_VIDEOS: Final = 30
"""With fewer, comments and creators stay assumed: one viral video would decide."""
_USUAL_SPREAD: Final = 0.4
_USUAL_DAYS: Final = 3
"""Days differ by 40 % until more is known: so many imagined days stand beside the landed ones."""


def landed(held: Holdings, *, videos_per_day: Mapping[str, float] | None = None) -> Evidence:
    """Everything that has landed of the study, completed by assumptions.

    Args:
        held: What has landed.
        videos_per_day: What searches find that have not landed, by their names, where somebody knows.
    """
    finds = {asked.fingerprint: _finds(held, asked) for search in held.study.searches for asked in search.asked}
    before = assumed(held.study, held.now, videos_per_day=videos_per_day)
    found = found_videos(held)
    videos, people, named = known_videos(held, found), known_people(held, found), named_people(held, found)
    met = LandedCreators(_frequencies(people), accounts=accounts_of(held.study))
    return Evidence(
        rates={asked: _rate(find, before.rates[asked].most) or before.rates[asked] for asked, find in finds.items()},
        counts=_counts(videos, list(finds.values())) or before.counts,
        seen={asked: find.seen_at for asked, find in finds.items()},
        unfinished={asked: find.unfinished for asked, find in finds.items()},
        distinct_landed=_distinct(list(finds.values()), videos),
        videos=videos,
        people=people.select(list(KNOWN_CREATORS)),
        creators=met if met.videos >= _FEWEST_VIDEOS else None,
        named=named.select(list(KNOWN_CREATORS)),
        names=_names(named, met.videos) if met.videos >= _FEWEST_VIDEOS else None,
        replies=landed_replies(held),
        observed=observed(held.accounts) if held.study.accounts else before.observed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finds:
    """What a query has found.

    Attributes:
        seen_at: The age in days at which each day was last looked at completely.
        videos: Of each such day.
        slots_a_video: None while there is no video.
    """

    seen_at: dict[date, int]
    videos: dict[date, float]
    slots_a_video: float | None
    unfinished: Unfinished


def _finds(held: Holdings, asked: Search) -> _Finds:
    own = [window for window in held.windows if window.fingerprint == asked.fingerprint]
    looks = sorted(filter(is_complete, own), key=lambda window: window.first_at)
    seen_at: dict[date, int] = {}
    videos: dict[date, float] = {}
    for look in looks:
        for day in days_between(look.first_day, look.last_day):
            seen_at[day] = max(age_days(day, look.first_at), seen_at.get(day, 0))
            videos[day] = look.by_day.get(day, 0)
    if asked.sample:  # several draws of a day find the same video: each counts once
        drawn = Counter(video.day for video in held.index.found_videos({asked.fingerprint}, date.min, date.max))
        # Draws that the study wanted once and no longer does tell of more than there will be.
        videos = {day: min(drawn[day], most_a_day(asked, _looks_at(day, looks, held.study.looks))) for day in videos}
    records = sum(look.records for look in looks)
    slots = sum(look.slots for look in looks)
    return _Finds(
        seen_at=seen_at,
        videos=videos,
        slots_a_video=max(1.0, slots / records) if records else None,
        unfinished=_unfinished([window for window in own if window.ends is None]),
    )


def _looks_at(day: date, looks: Sequence[WindowEntry], ages: Sequence[int]) -> int:
    """At how many of the study's ages a day was looked at; one look before the first counts as well."""
    return len({bisect(ages, age_days(day, look.first_at)) for look in looks if look.covers(day)})


def _unfinished(windows: Sequence[WindowEntry]) -> Unfinished:
    return Unfinished(pages=sum(window.pages for window in windows), records=sum(window.records for window in windows))


def _rate(find: _Finds, most: float) -> Rate | None:
    if not find.videos:
        return None
    a_day, days = list(find.videos.values()), len(find.videos)
    mean = max(statistics.fmean(a_day), 0.5 / days)  # nothing in 10 days may be one in 20
    # A day differs by chance alone (Poisson), and by what moves people.
    usual = mean + (_USUAL_SPREAD * mean) ** 2
    squares = sum((videos - mean) ** 2 for videos in a_day)
    spread = math.sqrt((squares + _USUAL_DAYS * usual) / (days - 1 + _USUAL_DAYS)) / mean
    ratio = find.slots_a_video
    slots = Estimate(1 + (ratio - 1) / 2, ratio, 1 + (ratio - 1) * 2) if ratio else prior.SLOTS_A_VIDEO
    videos = Estimate.within(mean, spread).at_most(most)
    return Rate(videos=videos, slots_a_video=slots, days=days, spread=spread, most=most)


def _frequencies(people: pl.DataFrame) -> dict[int, int]:
    """How many people were met how often."""
    counted = people.group_by("times").len()
    return dict(zip(counted["times"].to_list(), counted["len"].to_list(), strict=True))


def _names(named: pl.DataFrame, videos: int) -> LandedNames:
    """How people turn up among those whom videos name."""
    met = LandedCreators(_frequencies(named))
    mentions = met.videos - videos
    # Who mentions one account mentions others: half the mentions are as good as independent.
    each = Estimate.within(mentions / videos, SURE * math.sqrt(2 / max(1, mentions)))
    return LandedNames(met, Estimate.exactly(1) + each)


def _counts(videos: pl.DataFrame, finds: Sequence[_Finds]) -> CommentCounts | None:
    """The comment counts of videos that are old enough; of younger ones where there are no others."""
    ages = [find.seen_at.items() for find in finds]
    settled = {day for days in ages for day, age in days if age >= prior.SETTLED_AFTER_DAYS}
    old = videos.filter(pl.col("day").is_in(settled))
    growth = Estimate(0.97, 1, 1.06)  # comments are bought some days after their number was read
    if old.height < _FEWEST_VIDEOS:
        old, growth = videos, prior.YOUNG_COUNTS
    if old.height < _FEWEST_VIDEOS:
        return None
    counts = old.group_by("comment_count").agg(weight=pl.len() / old.height).sort("comment_count")
    return CommentCounts(fewer=counts, likely=counts, more=counts, videos=old.height, growth=growth)


def _distinct(finds: Sequence[_Finds], videos: pl.DataFrame) -> Estimate:
    """The share of all finds that is found once."""
    hits = sum(count for find in finds for count in find.videos.values())
    if len(finds) == 1 or not hits:
        return Estimate.exactly(1)
    return Estimate.within(min(1.0, videos.height / hits), 0.05).at_most(1)


_FOUND: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "subject": pl.String,
    "day": pl.Date,
    "username": pl.String,
    "comment_count": pl.Int64,
    "mentions": pl.List(pl.String),
    "search": pl.String,
    "number": pl.Float64,
}


def found_videos(held: Holdings) -> pl.DataFrame:
    """Each planned video that was found, once."""
    planned = horizon(held.study, held.now)
    fingerprints = {asked.fingerprint for search in held.study.searches for asked in search.asked}
    found = held.index.found_videos(fingerprints, planned.first_day, planned.last_day)
    seed = (held.study.comments.sample or CommentSample(per_stratum=1)).seed
    search_of = held.search_of
    return pl.DataFrame(
        {
            "subject": [str(video.video_id) for video in found],
            "day": [video.day for video in found],
            "username": [video.username for video in found],
            "comment_count": [video.comment_count for video in found],
            "mentions": [list(video.mentions) for video in found],
            "search": [search_of[video.video_id] for video in found],
            "number": [random_number(video.video_id, seed) for video in found],
        },
        schema=_FOUND,
    )


def known_videos(held: Holdings, found: pl.DataFrame) -> pl.DataFrame:
    """The found videos with what is held of their comments: columns of KNOWN_VIDEOS."""
    listings = held.listings.values()
    replied = {subject: look.look for subject, look in held.comments.replies.items()}
    is_open = [listing.ends is None for listing in listings]
    states = pl.DataFrame(
        {
            "subject": [listing.subject for listing in listings],
            "pages_landed": [listing.pages * half for listing, half in zip(listings, is_open, strict=True)],
            # What the server failed on is tried again; everything else that has an end is final.
            "is_whole": [listing.ends not in {None, StopReason.UNAVAILABLE} for listing in listings],
            "has_replies": [
                listing.refusal is not None or replied.get(listing.subject, 0) >= listing.look for listing in listings
            ],
        },
        schema={"subject": pl.String, "pages_landed": pl.Int64, "is_whole": pl.Boolean, "has_replies": pl.Boolean},
    )
    return (
        found.join(states, on="subject", how="left")
        .select(
            "day",
            "comment_count",
            pl.col("pages_landed").fill_null(0),
            pl.col("is_whole").fill_null(value=False),
            pl.col("has_replies").fill_null(value=False),
            "search",
            "number",
        )
        .match_to_schema(KNOWN_VIDEOS)
    )


def known_people(held: Holdings, found: pl.DataFrame) -> pl.DataFrame:
    """The creators of the found videos: `times` they were met, `last_day`, and day of their profile (`profiled`)."""
    return _with_profiles(held, found.select("username", "day"))


def named_people(held: Holdings, found: pl.DataFrame) -> pl.DataFrame:
    """Likewise everybody whom found videos name: creators, and those whom they mention."""
    mentions = found.explode("mentions").select(pl.col("mentions").alias("username"), "day")
    return _with_profiles(held, pl.concat([found.select("username", "day"), mentions]))


def _with_profiles(held: Holdings, named: pl.DataFrame) -> pl.DataFrame:
    profiles = [profile for profile in held.profiles.values() if profile.ends]
    profiled = pl.DataFrame(
        {
            "username": [profile.subject for profile in profiles],
            "profiled": [profile.last_at.date() for profile in profiles],
        },
        schema={"username": pl.String, "profiled": pl.Date},
    )
    met = named.drop_nulls("username").group_by("username").agg(pl.len().alias("times"), last_day=pl.col("day").max())
    return met.join(profiled, on="username", how="left").select("times", "last_day", "profiled").sort("last_day")


def landed_replies(held: Holdings) -> Replies:
    """What listings of replies have cost beside those of comments, of the videos whose replies are held."""
    looks = held.comments.replies  # by comment id, and by video id that all of its replies are there
    stated = looks.keys() & held.listings.keys()
    return Replies(
        listed=sum(held.listings[subject].pages for subject in stated),
        requests=sum(look.pages for subject, look in looks.items() if subject not in stated),
    )
