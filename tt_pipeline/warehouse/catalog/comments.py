"""Tables of comments: attributes and counts."""

from tt_pipeline.codebook.fields import COMMENT, Privacy, Stored
from tt_pipeline.warehouse.catalog.common import BOOLEAN, COMMENT_ID, CREATED_DATE, LOAD_ID, OBSERVED_AT, first_seen
from tt_pipeline.warehouse.catalog.field_columns import column_of, columns_of
from tt_pipeline.warehouse.catalog.model import Loading, Table

_IS_REPLY = column_of(
    COMMENT,
    "parent_comment_id",
    name="is_reply",
    type=BOOLEAN,
    meaning="It is a reply to another comment",
    missing="parent_comment_id is missing",
    privacy=Privacy.NONE,
)

COMMENTS = Table(
    schema="core",
    name="comments",
    grain="a comment or reply",
    meaning="The API returns no authors, and at most about 1,000 comments of a video.",
    freshness="Written when first seen; comments of a video are collected once.",
    keys=("comment_id",),
    loading=Loading.FIRST_SEEN,
    columns=(
        COMMENT_ID,
        *columns_of(
            COMMENT, Stored.ATTRIBUTE, followed_by={"parent_comment_id": _IS_REPLY, "created_at": CREATED_DATE}
        ),
        *first_seen(),
    ),
)
COMMENT_SNAPSHOTS = Table(
    schema="core",
    name="comment_snapshots",
    grain="a comment in a load: its counts when that page was fetched",
    meaning="If a load has the comment several times, the last counts are stored.",
    freshness="A row for each load that contains the comment.",
    keys=("comment_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(COMMENT_ID, OBSERVED_AT, LOAD_ID, *columns_of(COMMENT, Stored.COUNT)),
)

TABLES = (COMMENTS, COMMENT_SNAPSHOTS)
"""In the order of the data dictionary."""
