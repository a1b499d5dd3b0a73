"""Tables that say what is complete: each day of a search, the comments of each video, each account."""

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES, listed
from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FINGERPRINT,
    IDENTIFYING,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

SEARCH_COVERAGE = Table(
    schema="ops",
    name="search_coverage",
    grain="a search and a UTC day",
    meaning="Whether each day is complete. Check it before you interpret a falling curve. "
    "If a request covered several days, its counts are divided among the days in proportion to their videos, so that"
    " sums are right.",
    freshness="Replaced before each publication.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.HANDED_IN,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "The UTC day on which videos were posted"),
        Column("status", VARCHAR, f"Whether the day is complete: {listed(SEARCH_STATUSES)}"),
        Column("looks", BIGINT, "Number of complete looks at the day"),
        Column("pages", DOUBLE, "Pages of all looks; the day's share"),
        Column("slots", DOUBLE, "Positions of the result in all looks, including hidden ones; the day's share"),
        Column(
            "records",
            BIGINT,
            "Videos of the day in the latest look",
            missing="the API has not answered for this day yet",
        ),
        Column("strays", DOUBLE, "Videos posted outside the requested days, in all looks; the day's share"),
        Column("hidden", DOUBLE, "Slots without a record: deleted, private or withheld videos; the day's share"),
        Column(
            "requests",
            DOUBLE,
            "Charged requests, including failed ones; the day's share",
            missing="the ledger in use (TT_LEDGER) has no requests for the day under this title of the study",
        ),
        Column("first_asked_at", TIMESTAMPTZ, "When its first page was fetched, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When its latest page was fetched, UTC", missing="never yet"),
        Column("note", VARCHAR, "Why the day is not complete, in addition to the status", missing="nothing to add"),
    ),
)
_NOT_DRAWN = "the study does not sample comments, or the video could not be drawn"
COMMENT_COVERAGE = Table(
    schema="ops",
    name="comment_coverage",
    grain="a video that a search found",
    meaning="Whether its comments are complete.",
    freshness="Replaced before each publication.",
    keys=("video_id",),
    loading=Loading.HANDED_IN,
    columns=(
        VIDEO_ID,
        Column("status", VARCHAR, f"Whether the comments are complete: {listed(COMMENT_STATUSES)}"),
        Column(
            "comment_count_seen",
            BIGINT,
            "TikTok's count of the comments in the latest look at the video",
            missing="the API did not return it",
        ),
        Column("comments_held", BIGINT, "Comments of it in core.comments, replies too, each once"),
        Column("pages", BIGINT, "Pages of comments fetched"),
        Column("last_asked_at", TIMESTAMPTZ, "When its comments were last asked for, UTC", missing="never yet"),
        Column("stratum", VARCHAR, "Search, day and size class it was drawn from", missing=_NOT_DRAWN),
        Column(
            "inclusion_probability",
            DOUBLE,
            "Probability of being drawn; weight a drawn video by 1 / inclusion_probability",
            missing=_NOT_DRAWN,
        ),
        Column("is_sampled", BOOLEAN, "It was drawn; use only these videos for estimates", missing=_NOT_DRAWN),
    ),
)
ACCOUNT_COVERAGE = Table(
    schema="ops",
    name="account_coverage",
    grain="an account, and its profile or one of its lists",
    meaning="Whether the profiles of creators and the lists of observed accounts are complete.",
    freshness="Replaced before each publication.",
    keys=("username", "list"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("username", VARCHAR, "Handle without @", privacy=IDENTIFYING),
        Column("list", VARCHAR, "profile, or the name of the list"),
        Column("status", VARCHAR, f"Whether the latest look is complete: {listed(ACCOUNT_STATUSES)}"),
        Column("observations", BIGINT, "Number of looks, including unfinished, refused and failed ones"),
        Column("records_held", BIGINT, "Entries that the latest look returned, each once; 1 for a profile"),
        Column("last_asked_at", TIMESTAMPTZ, "When it was last requested, UTC", missing="never yet"),
    ),
)

TABLES = (SEARCH_COVERAGE, COMMENT_COVERAGE, ACCOUNT_COVERAGE)
"""In the order of the data dictionary."""
