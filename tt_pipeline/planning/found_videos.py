"""The videos that have landed, one row each, with what is held of their comments; and the people they name."""

from typing import Final

import polars as pl

from tt_pipeline.coverage.sampling import random_number
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.planning.comments import Replies
from tt_pipeline.planning.evidence import KNOWN_VIDEOS
from tt_pipeline.planning.searches import horizon
from tt_pipeline.studies import CommentSample
from tt_pipeline.vocabulary import StopReason

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
