"""Tables of comments: what does not change and what was counted."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    COMMENT_ID,
    CONTENT,
    DATE,
    LINKABLE,
    LOAD_ID,
    NOT_GIVEN,
    OBSERVED_AT,
    TIMESTAMPTZ,
    VARCHAR,
    count,
    first_seen,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

COMMENTS = Table(
    schema="core",
    name="comments",
    grain="a comment or reply",
    meaning="Comments carry no author: TikTok does not give one. At most about 1,000 of a video can be reached.",
    freshness="Written when first seen; comments of a video are asked for once.",
    keys=("comment_id",),
    loading=Loading.FIRST_SEEN,
    columns=(
        COMMENT_ID,
        Column("video_id", BIGINT, "The video it stands under", source="video_id", privacy=LINKABLE),
        Column(
            "parent_comment_id",
            BIGINT,
            "What it answers: the video for a top-level comment, else a comment",
            missing=NOT_GIVEN,
            source="parent_comment_id",
            privacy=LINKABLE,
        ),
        Column(
            "is_reply",
            BOOLEAN,
            "It answers another comment",
            missing="parent_comment_id is missing",
            source="parent_comment_id",
        ),
        Column("created_at", TIMESTAMPTZ, "When it was posted, UTC", missing=NOT_GIVEN, source="create_time"),
        Column(
            "created_date",
            DATE,
            "UTC day of created_at; of the id's second where created_at is missing",
            missing="the id tells no time either",
            source="create_time",
        ),
        Column(
            "text",
            VARCHAR,
            "What was written; phone, mail and card numbers are starred by TikTok; may be empty",
            missing=NOT_GIVEN,
            source="text",
            privacy=CONTENT,
        ),
        *first_seen(),
    ),
)
COMMENT_SNAPSHOTS = Table(
    schema="core",
    name="comment_snapshots",
    grain="a comment in a load: its counts when that page was fetched",
    meaning="A comment met twice in one load keeps its last observation.",
    freshness="A row for each load that saw the comment.",
    keys=("comment_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(COMMENT_ID, OBSERVED_AT, LOAD_ID, count("like_count", "Likes"), count("reply_count", "Replies")),
)

TABLES = (COMMENTS, COMMENT_SNAPSHOTS)
"""In the order of the data dictionary."""
