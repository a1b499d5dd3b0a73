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

_OF_THE_WINDOW = "the window has several days, and a page does not say to which day its hidden slots belong"
_DRAWN = "a random sample skips hidden videos without counting them"
_NOT_OF_ONE_DAY = f"nothing was answered yet; or {_OF_THE_WINDOW}; or {_DRAWN}"
_NO_REQUESTS = "the ledger in use (TT_LEDGER) has no requests for the day under this title of the study"
_HIDDEN = "Slots without a record: deleted, private or withheld videos"
SEARCH_COVERAGE = Table(
    schema="ops",
    name="search_coverage",
    grain="a search and a UTC day",
    meaning="Whether each day is complete. Check it before you interpret a falling curve. All numbers are of the latest"
    " look, of a sample of its draws; ops.look_coverage has every look and every version of the query.",
    freshness="Replaced before each publication.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.HANDED_IN,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "The UTC day on which videos were posted"),
        Column("kind", VARCHAR, "What the study's search asks for: list (all videos that match), sample or ids"),
        Column("status", VARCHAR, f"Whether the day is complete: {listed(SEARCH_STATUSES)}"),
        Column("looks", BIGINT, "Number of complete looks at the day"),
        Column("looks_planned", BIGINT, "Number of looks that the study plans for each day"),
        Column(
            "has_last_look",
            BOOLEAN,
            "The last of the planned looks is complete. A day that is collected late has this look alone",
        ),
        Column("pages", DOUBLE, "Pages of the latest look; the day's share if the window has several days"),
        Column(
            "slots",
            BIGINT,
            "Positions of the result in the latest look, including hidden ones",
            missing=_NOT_OF_ONE_DAY,
        ),
        Column(
            "records",
            BIGINT,
            "Videos of the day in the latest look; of a sample, different videos in all draws",
            missing="the API has not answered for this day yet",
        ),
        Column(
            "strays",
            BIGINT,
            "Videos posted outside the requested day, in the latest look",
            missing=_NOT_OF_ONE_DAY,
        ),
        Column("hidden", BIGINT, f"{_HIDDEN}, in the latest look", missing=_NOT_OF_ONE_DAY),
        Column(
            "requests",
            DOUBLE,
            "Charged requests of the latest look, including failed ones; the day's share",
            missing=_NO_REQUESTS,
        ),
        Column("first_asked_at", TIMESTAMPTZ, "When its first page was fetched, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When its latest page was fetched, UTC", missing="never yet"),
        Column("note", VARCHAR, "Why the day is not complete, in addition to the status", missing="nothing to add"),
    ),
)
LOOK_COVERAGE = Table(
    schema="ops",
    name="look_coverage",
    grain="a look or draw of a version of a search, and a UTC day that it requested",
    meaning="What every look returned, also of earlier versions of a query. Pages and requests are divided among the"
    " days of a window in proportion to their videos, so their sums are those of the ledger. What only the window knows"
    " is in columns window_…, the same in each of its rows: take each load_id once.",
    freshness="Replaced before each publication.",
    keys=("load_id", "day_date"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("load_id", VARCHAR, "The landed file of the look, as in ops.loads"),
        SEARCH,
        FINGERPRINT,
        Column("is_current", BOOLEAN, "The study has this version of the query now"),
        Column("day_date", DATE, "The UTC day on which videos were posted"),
        Column("look", BIGINT, "Number of the look at the day", missing="it is a draw of a sample"),
        Column("draw", BIGINT, "Number of the random draw", missing="it is no sample"),
        Column(
            "ends",
            VARCHAR,
            "Why no page follows; complete if the API reported that none follows, split if smaller windows replaced it",
            missing="pages are missing",
        ),
        Column("records", BIGINT, "Videos of the day that it returned"),
        Column("pages", DOUBLE, "Pages; the day's share if the window has several days"),
        Column("requests", DOUBLE, "Charged requests, including failed ones; the day's share", missing=_NO_REQUESTS),
        Column(
            "slots",
            BIGINT,
            "Positions of the result, including hidden ones",
            missing=f"{_OF_THE_WINDOW}; or {_DRAWN}",
        ),
        Column("hidden", BIGINT, _HIDDEN, missing=f"{_OF_THE_WINDOW}; or {_DRAWN}"),
        Column("window_from_date", DATE, "First requested UTC day"),
        Column("window_to_date", DATE, "Last requested UTC day, inclusive"),
        Column("window_records", BIGINT, "Records of all days of the window, strays too"),
        Column("window_strays", BIGINT, "Of these, videos posted outside the window"),
        Column("window_slots", BIGINT, "Positions of the result in the window, including hidden ones", missing=_DRAWN),
        Column("window_hidden", BIGINT, f"{_HIDDEN}, in the window", missing=_DRAWN),
        Column("first_asked_at", TIMESTAMPTZ, "When its first page was fetched, UTC"),
        Column("last_asked_at", TIMESTAMPTZ, "When its latest page was fetched, UTC"),
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
        Column(
            "stratum",
            VARCHAR,
            "Search, day and size class it was drawn from; of several searches, the first in the study",
            missing=_NOT_DRAWN,
        ),
        Column(
            "inclusion_probability",
            DOUBLE,
            "Probability of being drawn; weight a drawn video by 1 / inclusion_probability",
            missing=_NOT_DRAWN,
        ),
        Column("is_sampled", BOOLEAN, "It was drawn; use only these videos for estimates", missing=_NOT_DRAWN),
        Column(
            "weight",
            DOUBLE,
            "1 / inclusion_probability of a drawn video; 1 if the study does not sample comments. It does not make up"
            " for drawn videos without an answer, so totals are too small while there are some",
            missing="it was not drawn (its comments, if any, are of an earlier draw), or its comments are not known",
        ),
        Column(
            "day_date",
            DATE,
            "UTC day of its create_time, or where that is unusable of the second of upload, which its id contains",
            missing="an earlier version made the row; the next publication fills it",
        ),
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

TABLES = (SEARCH_COVERAGE, LOOK_COVERAGE, COMMENT_COVERAGE, ACCOUNT_COVERAGE)
"""In the order of the data dictionary."""
