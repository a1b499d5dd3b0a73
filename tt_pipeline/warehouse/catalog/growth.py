"""Views of how counts change from one observation to the next."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    CREATOR_ID,
    DOUBLE,
    FINGERPRINT,
    OBSERVED_AT,
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


def _grown(name: str, counted: str) -> Column:
    missing = "it is the first observation, or one of the two counts is missing"
    return Column(name, BIGINT, f"{counted}: change since the previous observation", missing=missing)


VIDEO_GROWTH = Table(
    schema="marts",
    name="video_growth",
    grain="a video and an observation of it: a UTC day on which it was seen",
    meaning="How counts change from one observation to the next. If the video was seen several times on a day, the last"
    " counts are used, if possible with favorites_count, which lists of accounts do not return.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id", "observation_number"),
    loading=Loading.PUBLISHED,
    recomputed_by=("video_id",),
    columns=(
        VIDEO_ID_AS_TEXT,
        _CREATED,
        Column("observation_number", BIGINT, "1 for the first observation of the video, then 2, 3, …"),
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
PAIRED_GROWTH = Table(
    schema="marts",
    name="paired_growth",
    grain="a search, a version of its query, an age in whole days at one observation of a video and at its next",
    meaning="How views grow between two ages; each video is compared with itself. Pairs of ages with fewer than 30"
    " videos are left out.",
    freshness="Follows marts.video_growth. Different pairs of ages are of different videos.",
    keys=("search", "fingerprint", "from_age_days", "to_age_days"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint"),
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("from_age_days", BIGINT, "Whole days from posting to an observation"),
        Column("to_age_days", BIGINT, "Whole days from posting to the next observation of the same video"),
        Column("videos", BIGINT, "Different videos that were seen at both ages, with a view count"),
        Column("view_count_before_median", DOUBLE, "Median of their views at the first of the two"),
        Column("view_count_median", DOUBLE, "Median of their views at the second"),
        Column("view_growth_q1", DOUBLE, "A quarter of them grew by this number of views or less"),
        Column("view_growth_median", DOUBLE, "Half of them grew by this number of views or less"),
        Column("view_growth_q3", DOUBLE, "Three quarters of them grew by this number of views or less"),
    ),
)

TABLES = (VIDEO_GROWTH, PAIRED_GROWTH, CREATOR_GROWTH)
"""In the order of the data dictionary."""
