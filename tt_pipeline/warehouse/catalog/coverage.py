"""Tables of what is held: of each search and day, of each video's comments, of each account."""

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
    meaning="What is held of each day; silence is never completeness. Look here before reading a falling curve. "
    "What was asked for several days at once is shared out by the videos found on each, so that sums are right.",
    freshness="Replaced before each publication.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.HANDED_IN,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "The UTC day on which videos were posted"),
        Column("status", VARCHAR, f"What is held of the day: {listed(SEARCH_STATUSES)}"),
        Column("looks", BIGINT, "Complete looks at the day"),
        Column("pages", DOUBLE, "Pages of all looks; its share of windows of several days"),
        Column("slots", DOUBLE, "Places of the result scanned in all looks, hidden ones too; its share"),
        Column("records", BIGINT, "Videos of the day in the latest look", missing="the day was never answered"),
        Column("strays", DOUBLE, "Videos posted outside the days asked, in all looks; its share"),
        Column("hidden", DOUBLE, "Slots without a record: deleted, private or withheld videos; its share"),
        Column(
            "requests",
            DOUBLE,
            "Requests charged for it, failed ones too; its share, so sums are right",
            missing="the ledger in use (TT_LEDGER) does not know of it, or the study had another title",
        ),
        Column("first_asked_at", TIMESTAMPTZ, "When its first page was fetched, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When its latest page was fetched, UTC", missing="never yet"),
        Column("note", VARCHAR, "Why it is not complete, in a word", missing="nothing to add"),
    ),
)
_NOT_DRAWN = "the study draws no sample, or the video was no candidate"
COMMENT_COVERAGE = Table(
    schema="ops",
    name="comment_coverage",
    grain="a video that a search found",
    meaning="What is held of its comments.",
    freshness="Replaced before each publication.",
    keys=("video_id",),
    loading=Loading.HANDED_IN,
    columns=(
        VIDEO_ID,
        Column("status", VARCHAR, f"What is held: {listed(COMMENT_STATUSES)}"),
        Column(
            "comment_count_seen", BIGINT, "Comments the video had by its latest look", missing="the API did not say"
        ),
        Column("comments_held", BIGINT, "Comments of it in core.comments, replies too, each once"),
        Column("pages", BIGINT, "Pages of comments fetched"),
        Column("last_asked_at", TIMESTAMPTZ, "When its comments were last asked for, UTC", missing="never yet"),
        Column("stratum", VARCHAR, "Search, day and size class it was drawn from", missing=_NOT_DRAWN),
        Column(
            "inclusion_probability",
            DOUBLE,
            "Chance of being drawn; weigh a drawn video by 1 / this",
            missing=_NOT_DRAWN,
        ),
        Column("is_sampled", BOOLEAN, "It was drawn; estimates take these alone", missing=_NOT_DRAWN),
    ),
)
ACCOUNT_COVERAGE = Table(
    schema="ops",
    name="account_coverage",
    grain="an account and what was asked of it",
    meaning="What is held of the profile of each creator that a search found, and of the lists of observed accounts.",
    freshness="Replaced before each publication.",
    keys=("username", "list"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("username", VARCHAR, "Handle without @", privacy=IDENTIFYING),
        Column("list", VARCHAR, "What was asked: profile, or one of its lists"),
        Column("status", VARCHAR, f"What is held of the latest look: {listed(ACCOUNT_STATUSES)}"),
        Column("observations", BIGINT, "Looks that were begun, refused and failed ones too"),
        Column("records_held", BIGINT, "Entries that the latest look brought; of a profile 1"),
        Column("last_asked_at", TIMESTAMPTZ, "When it was last asked for, UTC", missing="never yet"),
    ),
)

TABLES = (SEARCH_COVERAGE, COMMENT_COVERAGE, ACCOUNT_COVERAGE)
"""In the order of the data dictionary."""
