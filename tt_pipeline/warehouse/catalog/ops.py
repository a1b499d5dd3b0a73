"""Tables about the work itself: what was asked, answered, loaded and published, and what is missing."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FINGERPRINT,
    IDENTIFYING,
    LOAD_ID,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES, listed

LOADS = Table(
    schema="ops",
    name="loads",
    grain="a landed file that was loaded",
    meaning="records_in = rows_loaded + rejected + duplicates, audited before each commit.",
    freshness="Renewed when the file has grown.",
    keys=("load_id",),
    loading=Loading.EACH_LOAD,
    columns=(
        LOAD_ID,
        Column("dataset", VARCHAR, "What its pages hold: videos, comments, users, or an account's followers, …"),
        Column("search", VARCHAR, "The search that was asked", missing="it belongs to no search"),
        Column("fingerprint", VARCHAR, "Version of its query", missing="it belongs to no search"),
        Column("look", BIGINT, "Number of the look at these days; 0 where there are no looks"),
        Column("window_from_date", DATE, "First UTC day that was asked for"),
        Column("window_to_date", DATE, "Last UTC day that was asked for, inclusive"),
        Column("is_random", BOOLEAN, "The search draws a random sample; look is the number of the draw"),
        Column(
            "ends",
            VARCHAR,
            "Why no page follows the last of a search's window; complete where the API said so",
            missing="pages are missing, or it belongs to no search",
        ),
        Column("lines", BIGINT, "Whole lines of the file that were loaded; one line is one page"),
        Column("records_in", BIGINT, "Records the pages hold, by their envelopes"),
        Column("rows_loaded", BIGINT, "Different videos, comments, accounts or places in lists among them"),
        Column("duplicates", BIGINT, "Records met again in the same file"),
        Column("rejected", BIGINT, "Records that cannot be read; the reasons stand in ops.rejections"),
        Column("strays", BIGINT, "Videos posted outside the days that were asked; kept out of core.search_hits"),
        Column("odd_values", BIGINT, "Counts given as negative or unreadable, loaded as NULL"),
        Column("refusals", BIGINT, "Pages on which the API gave nothing of an account or video"),
        Column("redacted", BIGINT, "Records cut from the pages by a purge"),
        Column("first_fetched_at", TIMESTAMPTZ, "When its first page was fetched, UTC"),
        Column("last_fetched_at", TIMESTAMPTZ, "When its last page was fetched, UTC"),
        Column("loaded_at", TIMESTAMPTZ, "When it was loaded, UTC"),
        Column("made_by", VARCHAR, "Version of tt_pipeline that loaded it"),
    ),
)
REJECTIONS = Table(
    schema="ops",
    name="rejections",
    grain="a page of which records could not be read",
    meaning="A bad page fails alone; its bytes stay in the landed file.",
    freshness="Written with its load.",
    keys=("load_id", "fetched_at", "sha256"),
    loading=Loading.EACH_LOAD,
    columns=(
        LOAD_ID,
        Column("fetched_at", TIMESTAMPTZ, "When the page was fetched, UTC"),
        Column("sha256", VARCHAR, "Of the page's body"),
        Column("log_id", VARCHAR, "What TikTok's support asks for", missing="the answer had none"),
        Column("records", BIGINT, "Records that are missing for it"),
        Column("reason", VARCHAR, "Why, in words"),
    ),
)
_DIED = "its process died first"
REQUESTS = Table(
    schema="ops",
    name="requests",
    grain="a request to the Research API, failed ones too",
    meaning="A copy of the quota ledger.",
    freshness="Replaced before each publication.",
    keys=("request_id",),
    loading=Loading.HANDED_IN,
    columns=(
        Column("request_id", BIGINT, "Its number in the ledger"),
        Column("bucket", VARCHAR, "The daily quota it is counted on: main or social"),
        Column("quota_date", DATE, "The UTC day whose quota it is counted on"),
        Column("is_charged", BOOLEAN, "It counts against the quota"),
        Column("endpoint", VARCHAR, "What was asked, for example video_query"),
        Column("study", VARCHAR, "The study it was sent for"),
        Column("dataset", VARCHAR, "What it was to bring: videos, comments, users, or an account's followers, …"),
        Column("search", VARCHAR, "The search it was sent for", missing="it belongs to no single search"),
        Column(
            "day_date", DATE, "The day that was collected, or the first of a window", missing="it belongs to no day"
        ),
        Column("run_id", VARCHAR, "The run that sent it", missing="it was sent outside a run"),
        Column("reserved_at", TIMESTAMPTZ, "When it was written down, just before it was sent, UTC"),
        Column("settled_at", TIMESTAMPTZ, "When its outcome was known, UTC", missing=_DIED),
        Column("status", BIGINT, "HTTP status", missing="no answer came"),
        Column("code", VARCHAR, "error.code of the answer", missing=_DIED),
        Column("log_id", VARCHAR, "What TikTok's support asks for", missing="the answer had none"),
        Column("records", BIGINT, "Records it brought", missing=_DIED),
        Column("slots", BIGINT, "Places of the result it scanned, hidden ones too", missing=_DIED),
        Column("hidden", BIGINT, "Slots without a record: deleted, private or withheld", missing=_DIED),
        Column("seconds", DOUBLE, "How long it took, in seconds", missing=_DIED),
    ),
)
SEARCHES = Table(
    schema="ops",
    name="searches",
    grain="a version of a search's query",
    meaning="Every version that was ever asked; the one the study has now is current.",
    freshness="Replaced before each publication.",
    keys=("search", "fingerprint"),
    loading=Loading.HANDED_IN,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("part_of", VARCHAR, "Fingerprint its coverage stands under: its own, or that of a whole list of ids"),
        Column("query", VARCHAR, "The query as JSON text, without dates"),
        Column("first_date", DATE, "First UTC day the study wants", missing="the study no longer has this version"),
        Column(
            "last_date", DATE, "Last UTC day the study wants, inclusive", missing="no end, or no longer in the study"
        ),
        Column("is_current", BOOLEAN, "The study asks it now"),
        Column("first_asked_at", TIMESTAMPTZ, "When it was first sent, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When it was last sent, UTC", missing="never yet"),
    ),
)
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
            missing="the ledger was lost, or the study had another title",
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
        Column("comments_held", BIGINT, "Comments that were fetched"),
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
PUBLISH_INFO = Table(
    schema="ops",
    name="publish_info",
    grain="the publication of this file",
    meaning="One row. Reconnect to see a later publication.",
    freshness="Written by each publication.",
    keys=("published_at",),
    loading=Loading.DERIVED,
    columns=(
        Column("published_at", TIMESTAMPTZ, "When this file was published, UTC"),
        Column("schema_version", BIGINT, "Version of the tables"),
        Column("made_by", VARCHAR, "Version of tt_pipeline"),
        Column("duckdb_version", VARCHAR, "Version of DuckDB that wrote it"),
        Column("videos", BIGINT, "Rows of core.videos"),
        Column("comments", BIGINT, "Rows of core.comments"),
        Column("users", BIGINT, "Rows of core.users"),
        Column("loads", BIGINT, "Landed files it is made of"),
        Column("last_fetched_at", TIMESTAMPTZ, "When its latest page was fetched, UTC", missing="nothing was fetched"),
    ),
)
KNOWN_BREAKS = Table(
    schema="ops",
    name="known_breaks",
    grain="a known change of the API that moves numbers",
    meaning="A curve that crosses one of these dates compares two different things.",
    freshness="Comes with tt_pipeline.",
    keys=("from_date", "what"),
    loading=Loading.DERIVED,
    columns=(
        Column("from_date", DATE, "First day it holds"),
        Column("to_date", DATE, "Last day it holds", missing="it still holds"),
        Column("concerns", VARCHAR, "Column or table whose numbers it moves"),
        Column("axis", VARCHAR, "What the days are: posted (of the video) or fetched (of the request)"),
        Column("what", VARCHAR, "What changed"),
        Column("source", VARCHAR, "Where it was reported"),
    ),
)
SCHEMA_VERSIONS = Table(
    schema="ops",
    name="schema_versions",
    grain="a version this file has had",
    meaning="The highest is the present one; a later tt_pipeline migrates forward, an earlier one refuses the file.",
    freshness="Written when the file is made or migrated.",
    keys=("version",),
    loading=Loading.DERIVED,
    columns=(
        Column("version", BIGINT, "Number of the migration"),
        Column("applied_at", TIMESTAMPTZ, "When it was applied, UTC"),
        Column("made_by", VARCHAR, "Version of tt_pipeline that applied it"),
    ),
)

TABLES = (
    LOADS,
    REJECTIONS,
    REQUESTS,
    SEARCHES,
    SEARCH_COVERAGE,
    COMMENT_COVERAGE,
    ACCOUNT_COVERAGE,
    PUBLISH_INFO,
    KNOWN_BREAKS,
    SCHEMA_VERSIONS,
)
"""In the order of the data dictionary."""
