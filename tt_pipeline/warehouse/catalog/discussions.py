"""Views of comments: one by one, as threads, and by video."""

from tt_pipeline.codebook.fields import NOT_GIVEN
from tt_pipeline.codebook.statuses import COMMENT_STATUSES, listed
from tt_pipeline.warehouse.catalog.comments import COMMENT_SNAPSHOTS, COMMENTS
from tt_pipeline.warehouse.catalog.common import (
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
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.videos import VIDEOS

_COMMENT_AS_STORED = {column.name: column for column in COMMENTS.columns}
_VIDEO_AS_STORED = {column.name: column for column in VIDEOS.columns}
_NO_REPLY = "nobody replied, or no time is known"
_NO_ROOT = "the comment that began it is not held"
_NO_TIME = "no time is known"
COMMENT_LIST = Table(
    schema="marts",
    name="comments",
    grain="a comment or reply",
    meaning="Attributes as first seen, counts as last seen.",
    freshness="Comments of a video are asked for once.",
    keys=("comment_id",),
    loading=Loading.VIEW,
    columns=(
        Column("comment_id", VARCHAR, "The comment, as text", source="id", privacy=LINKABLE),
        Column("video_id", VARCHAR, "The video it stands under, as text", source="video_id", privacy=LINKABLE),
        Column(
            "parent_comment_id",
            VARCHAR,
            "What it answers, as text: the video for a top-level comment, else a comment",
            missing=NOT_GIVEN,
            source="parent_comment_id",
            privacy=LINKABLE,
        ),
        _COMMENT_AS_STORED["is_reply"],
        Column("is_orphan", BOOLEAN, "A reply whose parent is not held"),
        _COMMENT_AS_STORED["created_at"],
        _COMMENT_AS_STORED["created_date"],
        Column(
            "hours_after_video", DOUBLE, "Hours from the video to the comment", missing="one of both times is missing"
        ),
        _COMMENT_AS_STORED["text"],
        *(column for column in COMMENT_SNAPSHOTS.columns if column.name.endswith("_count")),
        OBSERVED_AT,
    ),
)
COMMENT_THREADS = Table(
    schema="marts",
    name="comment_threads",
    grain="a thread: a top-level comment with all that answers it, or what answers a comment that is not held",
    meaning="How long and how deep people talk.",
    freshness="Follows core.comments.",
    keys=("thread_id",),
    loading=Loading.VIEW,
    columns=(
        Column("thread_id", VARCHAR, "The comment that began it, held or not, as text", privacy=LINKABLE),
        Column("video_id", VARCHAR, "The video it stands under, as text", privacy=LINKABLE),
        Column("is_orphan", BOOLEAN, "The comment that began it is not held: deleted, hidden or not reached"),
        Column("replies", BIGINT, "Replies held, replies to replies too"),
        Column("depth", BIGINT, "Steps from the beginning to the farthest reply; 0 without replies"),
        Column("created_at", TIMESTAMPTZ, "When it began, UTC", missing=_NO_ROOT),
        Column("first_reply_at", TIMESTAMPTZ, "When the first reply was posted, UTC", missing=_NO_REPLY),
        Column("last_reply_at", TIMESTAMPTZ, "When the last reply was posted, UTC", missing=_NO_REPLY),
        Column(
            "hours_to_reply",
            DOUBLE,
            "Hours from the beginning to the first reply",
            missing=f"{_NO_REPLY}, or {_NO_ROOT}",
        ),
        Column("like_count", BIGINT, "Likes of the comment that began it", missing=_NO_ROOT),
        Column("reply_count", BIGINT, "Replies it has by its own count, hidden ones too", missing=_NO_ROOT),
    ),
)
DISCUSSIONS = Table(
    schema="marts",
    name="discussions",
    grain="a video of which comments are held",
    meaning="What is held of its comments, and how soon they came.",
    freshness="Comments of a video are asked for once.",
    keys=("video_id",),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        _VIDEO_AS_STORED["created_at"],
        Column("comments_held", BIGINT, "Comments of it in core.comments, replies too"),
        Column("replies", BIGINT, "Of these, answers to comments"),
        Column("orphans", BIGINT, "Of these, answers to a comment that is not held"),
        Column("first_comment_at", TIMESTAMPTZ, "When the oldest of them was posted, UTC", missing=_NO_TIME),
        Column("last_comment_at", TIMESTAMPTZ, "When the newest of them was posted, UTC", missing=_NO_TIME),
        Column("hours_to_comment", DOUBLE, "Hours from the video to its oldest comment held", missing=_NO_TIME),
        count("comment_count", "Comments it has by its own count, as last seen", source="comment_count"),
        Column(
            "comment_status",
            VARCHAR,
            f"What is held of its comments: {listed(COMMENT_STATUSES)}",
            missing="no search of the study found it",
        ),
    ),
)

TABLES = (COMMENT_LIST, COMMENT_THREADS, DISCUSSIONS)
"""In the order of the data dictionary."""
