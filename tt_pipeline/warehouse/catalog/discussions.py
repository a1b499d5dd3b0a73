"""Views of comments: single comments, threads, and totals for each video."""

from tt_pipeline.codebook.fields import NOT_GIVEN
from tt_pipeline.codebook.statuses import COMMENT_STATUSES, listed
from tt_pipeline.warehouse.catalog.comments import COMMENT_SNAPSHOTS, COMMENTS
from tt_pipeline.warehouse.catalog.common import (
    ALSO_FOREIGN,
    BIGINT,
    BOOLEAN,
    DOUBLE,
    LINKABLE,
    OBSERVED_AT,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID_AS_TEXT,
    count,
)
from tt_pipeline.warehouse.catalog.coverage import COMMENT_COVERAGE
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.videos import VIDEOS

_OF_VIDEO = {column.name: column for column in COMMENT_COVERAGE.columns}
DESIGN = tuple(_OF_VIDEO[name] for name in ("is_sampled", "weight", "stratum", "inclusion_probability"))
"""How the video of a comment was drawn; without it a mean over comments is one of the drawn videos only."""
_COMMENT_AS_STORED = {column.name: column for column in COMMENTS.columns}
_VIDEO_AS_STORED = {column.name: column for column in VIDEOS.columns}
_NO_REPLY = "no reply was collected, or the time is not known"
_NO_ROOT = "its first comment was not collected"
_NO_TIME = "the time is not known"
COMMENT_LIST = Table(
    schema="marts",
    name="comments",
    grain="a comment or reply",
    meaning="Attributes as first seen, counts as last seen.",
    freshness="Comments of a video are collected once.",
    keys=("comment_id",),
    loading=Loading.VIEW,
    columns=(
        Column("comment_id", VARCHAR, "The comment, as text", source="id", privacy=LINKABLE),
        Column("video_id", VARCHAR, "The video to which it was posted, as text", source="video_id", privacy=LINKABLE),
        *DESIGN,
        Column(
            "parent_comment_id",
            VARCHAR,
            "The video for a top-level comment, else the comment to which it replies; as text",
            missing=NOT_GIVEN,
            source="parent_comment_id",
            privacy=LINKABLE,
        ),
        _COMMENT_AS_STORED["is_reply"],
        Column("is_orphan", BOOLEAN, "It is a reply whose parent was not collected"),
        _COMMENT_AS_STORED["created_at"],
        _COMMENT_AS_STORED["created_date"],
        Column(
            "hours_after_video",
            DOUBLE,
            "Hours from the video to the comment",
            missing="one of the two times is not known",
        ),
        _COMMENT_AS_STORED["text"],
        *(column for column in COMMENT_SNAPSHOTS.columns if column.name.endswith("_count")),
        OBSERVED_AT,
    ),
)
COMMENT_THREADS = Table(
    schema="marts",
    name="comment_threads",
    grain="a thread: a top-level comment with all its replies, or the replies to a comment that was not collected",
    meaning="How many replies a comment has, and in how many levels.",
    freshness="Follows core.comments.",
    keys=("thread_id",),
    loading=Loading.VIEW,
    columns=(
        Column("thread_id", VARCHAR, "Its first comment, collected or not, as text", privacy=LINKABLE),
        Column("video_id", VARCHAR, "The video to which it was posted, as text", privacy=LINKABLE),
        *DESIGN,
        Column(
            "is_orphan",
            BOOLEAN,
            "Its first comment was not collected: it is deleted or hidden, or the API did not return it",
        ),
        Column("replies", BIGINT, "Number of collected replies, including replies to replies"),
        Column("depth", BIGINT, "Largest number of steps from the first comment to a reply; 0 without replies"),
        Column("created_at", TIMESTAMPTZ, "When the first comment was posted, UTC", missing=_NO_ROOT),
        Column("first_reply_at", TIMESTAMPTZ, "When the first reply was posted, UTC", missing=_NO_REPLY),
        Column("last_reply_at", TIMESTAMPTZ, "When the last reply was posted, UTC", missing=_NO_REPLY),
        Column(
            "hours_to_reply",
            DOUBLE,
            "Hours from the first comment to the first reply",
            missing=f"{_NO_REPLY}, or {_NO_ROOT}",
        ),
        Column("like_count", BIGINT, "Likes of the first comment", missing=_NO_ROOT),
        Column("reply_count", BIGINT, "TikTok's count of its replies, including hidden ones", missing=_NO_ROOT),
    ),
)
DISCUSSIONS = Table(
    schema="marts",
    name="discussions",
    grain="a video with collected comments",
    meaning="How many comments were collected, and how soon they were posted.",
    freshness="Comments of a video are collected once.",
    keys=("video_id",),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        *DESIGN,
        _VIDEO_AS_STORED["created_at"],
        Column("comments_held", BIGINT, "Its comments in core.comments, including replies"),
        Column("replies", BIGINT, "Of these, replies to comments"),
        Column("orphans", BIGINT, "Of these, replies to a comment that was not collected"),
        Column("first_comment_at", TIMESTAMPTZ, "When the oldest of them was posted, UTC", missing=_NO_TIME),
        Column("last_comment_at", TIMESTAMPTZ, "When the newest of them was posted, UTC", missing=_NO_TIME),
        Column("hours_to_comment", DOUBLE, "Hours from the video to its oldest collected comment", missing=_NO_TIME),
        count("comment_count", "TikTok's count of its comments, as last seen", source="comment_count"),
        Column(
            "comment_status",
            VARCHAR,
            f"Whether its comments are collected: {listed(COMMENT_STATUSES)}",
            missing="no search of the study found it",
        ),
    ),
)
COMMENT_COVERAGE_AS_TEXT = Table(
    schema="marts",
    name="comment_coverage",
    grain="a video that a search found",
    meaning="Whether its comments are complete, and its weight if the study samples comments: ops.comment_coverage with"
    f" ids as text. For estimates use weight alone, which is NULL if the comments are not known. {ALSO_FOREIGN}.",
    freshness="Replaced before each publication.",
    keys=("video_id",),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        _OF_VIDEO["status"],
        *DESIGN,
        *(_OF_VIDEO[name] for name in ("comment_count_seen", "comments_held", "pages", "last_asked_at")),
    ),
)

TABLES = (COMMENT_LIST, COMMENT_THREADS, DISCUSSIONS, COMMENT_COVERAGE_AS_TEXT)
"""In the order of the data dictionary."""
