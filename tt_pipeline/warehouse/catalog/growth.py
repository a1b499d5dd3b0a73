"""Views of how counts change from one observation to the next."""

from tt_pipeline.warehouse.catalog.common import (
    ALSO_FOREIGN,
    BIGINT,
    BOOLEAN,
    CREATOR_ID,
    DOUBLE,
    FINGERPRINT,
    IS_CURRENT,
    OBSERVED_AT,
    ONLY_MATCHING,
    SEARCH,
    TIMESTAMPTZ,
    USERNAME,
    VIDEO_ID_AS_TEXT,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.users import PROFILE
from tt_pipeline.warehouse.catalog.videos import VIDEO_SNAPSHOTS, VIDEOS

_BY_NAME = {column.name: column for column in (*VIDEO_SNAPSHOTS.columns, *PROFILE)}
COUNTS_AS_READ = tuple(
    _BY_NAME[name] for name in ("view_count", "like_count", "comment_count", "share_count", "favorites_count")
)
"""The counts of a video that the marts show, views first."""
PROFILE_COUNTS = tuple(_BY_NAME[name] for name in ("follower_count", "following_count", "likes_count", "video_count"))
"""The counts of a profile that the marts show."""
_CREATED = next(column for column in VIDEOS.columns if column.name == "created_date")
_DAYS_SINCE = Column("days_since", DOUBLE, "Days since the previous observation", missing="it is the first")


_SAME_COUNT = (
    "two observations less than 10 days apart can show the same stored count, so that growth 0 does not mean that a"
    " video did not grow"
)


def _grown(name: str, counted: str) -> Column:
    missing = "it is the first observation, or one of the two counts is missing"
    return Column(name, BIGINT, f"{counted}: change since the previous observation", missing=missing)


VIDEO_GROWTH = Table(
    schema="marts",
    name="video_growth",
    grain="a video and an observation of it: a UTC day on which it was seen",
    meaning="How counts change from one observation to the next. If the video was seen several times on a day, the last"
    " counts are used, if possible with favorites_count, which lists of accounts do not return."
    f" {ALSO_FOREIGN}: join marts.video_searches.",
    freshness=f"Archive counts, up to 10 days older than observed_at: {_SAME_COUNT}.",
    keys=("video_id", "observation_number"),
    loading=Loading.PUBLISHED,
    recomputed_by=("video_id",),
    columns=(
        VIDEO_ID_AS_TEXT,
        _CREATED,
        Column(
            "observation_number",
            BIGINT,
            "1 for the first observation of the video by any search or list, then 2, 3, …",
        ),
        OBSERVED_AT,
        Column(
            "counts_from_at",
            TIMESTAMPTZ,
            "The counts are from an instant between this one and observed_at: 10 days before, or the time of posting",
        ),
        Column(
            "age_days",
            DOUBLE,
            "Days from posting to this observation; 0 if our clock was behind",
            missing="created_at is missing",
        ),
        _DAYS_SINCE,
        *COUNTS_AS_READ,
        _grown("view_growth", "Views"),
        _grown("like_growth", "Likes"),
        _grown("comment_growth", "Comments"),
        _grown("share_growth", "Shares"),
        _grown("favorites_growth", "Favourites"),
        Column(
            "has_fallen",
            BOOLEAN,
            "One of the five counts is lower than at the previous observation",
            missing="it is the first observation, or no count is known at both",
        ),
    ),
)
CREATOR_GROWTH = Table(
    schema="marts",
    name="creator_growth",
    grain="a creator and an observation of it: a UTC day on which its profile was returned",
    meaning="How the counts of a profile change from one observation to the next, also under another handle. If a day"
    " has several, the last is used; a refusal is not an observation.",
    freshness="Live counts of observed_at.",
    keys=("creator_id", "observation_number"),
    loading=Loading.VIEW,
    columns=(
        USERNAME,
        CREATOR_ID,
        Column("observation_number", BIGINT, "1 for the first observation of the creator, then 2, 3, …"),
        OBSERVED_AT,
        _DAYS_SINCE,
        *PROFILE_COUNTS,
        _grown("follower_growth", "Followers"),
        _grown("following_growth", "Followed accounts"),
        _grown("likes_growth", "Likes of all its videos"),
        _grown("video_growth", "Public videos"),
    ),
)
_FEW = "fewer than 30 videos"
PAIRED_GROWTH = Table(
    schema="marts",
    name="paired_growth",
    grain="a search, a version of its query, and the number of the first of two observations of its videos",
    meaning="How views grow between two observations by the search; each video is compared with itself."
    f" {ONLY_MATCHING}",
    freshness="Different rows are of different videos. Archive counts, up to 10 days older than the observation:"
    f" {_SAME_COUNT}.",
    keys=("search", "fingerprint", "observation_number"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint"),
    only_matching=True,
    columns=(
        SEARCH,
        FINGERPRINT,
        IS_CURRENT,
        Column(
            "observation_number",
            BIGINT,
            "1: from the first UTC day on which the search saw a video to the second; then 2, 3, …",
        ),
        Column("videos", BIGINT, "Different videos with a view count at both"),
        Column("videos_unchanged", BIGINT, "Of these, those with the same view count at both"),
        Column("from_age_days_min", DOUBLE, "Smallest number of days from posting to the first of the two"),
        Column("from_age_days_max", DOUBLE, "Largest number of days from posting to the first of the two"),
        Column("to_age_days_min", DOUBLE, "Smallest number of days from posting to the second"),
        Column("to_age_days_max", DOUBLE, "Largest number of days from posting to the second"),
        Column("days_since_median", DOUBLE, "Median of the days between the two"),
        Column("view_count_before_median", DOUBLE, "Median of the views at the first", missing=_FEW),
        Column("view_count_median", DOUBLE, "Median of the views at the second", missing=_FEW),
        Column("view_growth_q1", DOUBLE, "A quarter of them grew by this number of views or less", missing=_FEW),
        Column("view_growth_median", DOUBLE, "Half of them grew by this number of views or less", missing=_FEW),
        Column("view_growth_q3", DOUBLE, "Three quarters of them grew by this number of views or less", missing=_FEW),
    ),
)

TABLES = (VIDEO_GROWTH, PAIRED_GROWTH, CREATOR_GROWTH)
"""In the order of the data dictionary."""
