"""Tables about the work itself: what was asked, answered, loaded and published, and what is missing."""

from tt_pipeline.warehouse.catalog import coverage
from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FINGERPRINT,
    IDENTIFYING,
    IS_CURRENT,
    LINKABLE,
    LOAD_ID,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

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
        Column(
            "odd_values",
            BIGINT,
            "Values not loaded as given: numbers, instants, truths and lists that are none, which are NULL, and NULs"
            " and half characters in texts, which are taken out or U+FFFD",
        ),
        Column("refusals", BIGINT, "Pages on which the API gave nothing of an account or video"),
        Column("redacted", BIGINT, "Records cut from the pages by a purge"),
        Column("first_fetched_at", TIMESTAMPTZ, "When its first page was fetched, UTC"),
        Column("last_fetched_at", TIMESTAMPTZ, "When its last page was fetched, UTC"),
        Column("loaded_at", TIMESTAMPTZ, "When it was loaded, UTC"),
        Column("made_by", VARCHAR, "Version of tt_pipeline that loaded it"),
    ),
)
_MUTE = "the line itself cannot be read"
REJECTIONS = Table(
    schema="ops",
    name="rejections",
    grain="a page of which records could not be read; those with the same bytes at the same instant count as one",
    meaning="A bad page fails alone; its bytes stay in the landed file. ops.quarantine says what is still missing.",
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
QUARANTINE = Table(
    schema="ops",
    name="quarantine",
    grain="a landed page that cannot be read whole: the warehouse rejected records of it, or its file was set aside",
    meaning="Nothing is deleted: the bytes stay in data/internal/landing. What is open is missing from all numbers.",
    freshness="Replaced before each publication.",
    keys=("file", "line"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("file", VARCHAR, "Where the bytes lie, below data/internal/landing"),
        Column("line", BIGINT, "Line of the file; 0 where the file as a whole cannot be unpacked"),
        Column("dataset", VARCHAR, "What was asked for: videos, comments, users, or an account's followers, …"),
        Column("search", VARCHAR, "The search that was asked", missing="it belongs to no search"),
        Column(
            "subject",
            VARCHAR,
            "Video id or username that was asked about",
            missing="a search was asked, or the line does not tell",
            privacy=IDENTIFYING,
        ),
        Column("window_from_date", DATE, "First UTC day that was asked for"),
        Column("window_to_date", DATE, "Last UTC day that was asked for, inclusive"),
        Column("fetched_at", TIMESTAMPTZ, "When the page was fetched, UTC", missing=_MUTE),
        Column("log_id", VARCHAR, "What TikTok's support asks for", missing="the answer had none, or its line is lost"),
        Column("records", BIGINT, "Records that are missing for it", missing=_MUTE),
        Column("reason", VARCHAR, "Why, in words"),
        Column("is_open", BOOLEAN, "It was not asked again to its end since, or could not be read again"),
        Column("is_given_up", BOOLEAN, "It is open, and the study no longer asks for it: it stays missing"),
    ),
)
FIELDS = Table(
    schema="ops",
    name="fields",
    grain="a key of the answers about a dataset",
    meaning="Which fields the API gave, and since when; what is not described yet is in the landed pages alone.",
    freshness="Replaced before each publication. Of other datasets than videos, as of the first page of each file.",
    keys=("dataset", "field"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("dataset", VARCHAR, "What was asked for: videos, comments, users, or an account's followers, …"),
        Column("field", VARCHAR, "The key, as the API writes it"),
        Column("is_known", BOOLEAN, "This tt_pipeline knows it"),
        Column("first_seen_at", TIMESTAMPTZ, "When a page had it first, UTC"),
        Column("last_seen_at", TIMESTAMPTZ, "When a page had it last, UTC"),
    ),
)
_DIED = "its process died first"
REQUESTS = Table(
    schema="ops",
    name="requests",
    grain="a request to the Research API, failed ones too",
    meaning="A copy of the quota ledger: all studies and client keys that use it.",
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
        IS_CURRENT,
        Column("first_asked_at", TIMESTAMPTZ, "When it was first sent, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When it was last sent, UTC", missing="never yet"),
    ),
)
DELETIONS = Table(
    schema="ops",
    name="deletions",
    grain="a video, comment or account that was deleted from this warehouse and from what had landed",
    meaning="What is left of it: no content, and no id that could be read. Empty while nothing was deleted.",
    freshness="Replaced before each publication.",
    keys=("subject", "subject_sha256"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("subject", VARCHAR, "What it was: video, comment or user"),
        Column("subject_sha256", VARCHAR, "sha256 of its id, or of its handle, as text", privacy=LINKABLE),
        Column("reason", VARCHAR, "Why it was deleted"),
        Column("deleted_at", TIMESTAMPTZ, "When, UTC"),
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
        Column(
            "api_base_url",
            VARCHAR,
            "The server that answered. One on 127.0.0.1 is a simulator: people and videos are invented",
            missing="no server is remembered",
        ),
        Column(
            "landing_id", VARCHAR, "The landing folder that it is made of", missing="published before folders had names"
        ),
        Column(
            "landed_files",
            BIGINT,
            "Files in that folder, also those without rows",
            missing="published before they were counted",
        ),
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
    QUARANTINE,
    FIELDS,
    REQUESTS,
    SEARCHES,
    *coverage.TABLES,
    DELETIONS,
    PUBLISH_INFO,
    KNOWN_BREAKS,
    SCHEMA_VERSIONS,
)
"""In the order of the data dictionary."""
