"""Tables about the collection: what was requested, returned, loaded and published, and what is missing."""

from typing import Final

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

OLDEST_DUCKDB: Final = "1.4"
"""The oldest version of DuckDB that can open the warehouse: analysts' tools may be older than ours."""

LOADS = Table(
    schema="ops",
    name="loads",
    grain="a landed file that was loaded",
    meaning="records_in = rows_loaded + rejected + duplicates, audited before each commit.",
    freshness="Replaced when the file has grown.",
    keys=("load_id",),
    loading=Loading.EACH_LOAD,
    columns=(
        LOAD_ID,
        Column(
            "dataset",
            VARCHAR,
            "The kind of its records: videos, comments, users, or a list of accounts such as followers",
        ),
        Column("search", VARCHAR, "The search that requested it", missing="it belongs to no search"),
        Column("fingerprint", VARCHAR, "Version of its query", missing="it belongs to no search"),
        Column("look", BIGINT, "Number of the look at these days; 0 if the dataset has no looks"),
        Column("window_from_date", DATE, "First requested UTC day"),
        Column("window_to_date", DATE, "Last requested UTC day, inclusive"),
        Column("is_random", BOOLEAN, "The search draws a random sample; then look is the number of the draw"),
        Column(
            "ends",
            VARCHAR,
            "Why no page of a search's window follows; complete if the API reported that none follows",
            missing="pages are missing, or it belongs to no search",
        ),
        Column("lines", BIGINT, "Whole lines of the file that were loaded; one line is one page"),
        Column("records_in", BIGINT, "Records of the pages, as counted when they landed"),
        Column("rows_loaded", BIGINT, "Different videos, comments, accounts or list entries among them"),
        Column("duplicates", BIGINT, "Records that repeat an earlier record of the file"),
        Column("rejected", BIGINT, "Records that cannot be read; ops.rejections has the reasons"),
        Column(
            "strays",
            BIGINT,
            "Videos posted outside the requested days, which are not in core.search_hits; comments of another video"
            " than the requested one",
        ),
        Column(
            "odd_values",
            BIGINT,
            "Values that were not loaded as received: a value of the wrong type is NULL; in texts a null byte is"
            " removed, and half a surrogate pair is replaced by U+FFFD",
        ),
        Column("refusals", BIGINT, "Pages on which the API refused an account or video"),
        Column("redacted", BIGINT, "Records that a purge has deleted from the pages"),
        Column("first_fetched_at", TIMESTAMPTZ, "When its first page was fetched, UTC"),
        Column("last_fetched_at", TIMESTAMPTZ, "When its last page was fetched, UTC"),
        Column("loaded_at", TIMESTAMPTZ, "When it was loaded, UTC"),
        Column("made_by", VARCHAR, "Version of tt_pipeline that loaded it"),
    ),
)
_MUTE = "the line cannot be read"
REJECTIONS = Table(
    schema="ops",
    name="rejections",
    grain="a page with records that could not be read; pages with the same bytes and instant count as one",
    meaning="Only these records are missing; the page stays in the landed file. ops.quarantine lists what is still"
    " missing.",
    freshness="Written with its load.",
    keys=("load_id", "fetched_at", "sha256"),
    loading=Loading.EACH_LOAD,
    columns=(
        LOAD_ID,
        Column("fetched_at", TIMESTAMPTZ, "When the page was fetched, UTC"),
        Column("sha256", VARCHAR, "sha256 of the page's body"),
        Column("log_id", VARCHAR, "Number of the request in TikTok's logs", missing="the answer had none"),
        Column("records", BIGINT, "Records that could not be read"),
        Column("reason", VARCHAR, "Why they could not be read"),
    ),
)
QUARANTINE = Table(
    schema="ops",
    name="quarantine",
    grain="a landed page that cannot be read completely: some of its records were rejected, or its file is damaged",
    meaning="Nothing is deleted: the bytes stay in data/internal/landing. The records of open rows are missing from all"
    " numbers.",
    freshness="Replaced before each publication.",
    keys=("file", "line"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("file", VARCHAR, "The file with the bytes, below data/internal/landing"),
        Column("line", BIGINT, "Line of the file; 0 if the whole file cannot be unpacked"),
        Column("dataset", VARCHAR, "What was requested: videos, comments, users, or a list such as followers"),
        Column("search", VARCHAR, "The search that requested it", missing="it belongs to no search"),
        Column(
            "subject",
            VARCHAR,
            "Video id or username that was requested",
            missing="it belongs to a search, or the line cannot be read",
            privacy=IDENTIFYING,
        ),
        Column("window_from_date", DATE, "First requested UTC day"),
        Column("window_to_date", DATE, "Last requested UTC day, inclusive"),
        Column("fetched_at", TIMESTAMPTZ, "When the page was fetched, UTC", missing=_MUTE),
        Column(
            "log_id",
            VARCHAR,
            "Number of the request in TikTok's logs",
            missing="the answer had none, or the line cannot be read",
        ),
        Column("records", BIGINT, "Records that could not be read", missing=_MUTE),
        Column("reason", VARCHAR, "Why it cannot be read"),
        Column("is_open", BOOLEAN, "No later complete look that can be read has replaced it"),
        Column("is_given_up", BOOLEAN, "It is open, and the study no longer requests it: its records stay missing"),
    ),
)
FIELDS = Table(
    schema="ops",
    name="fields",
    grain="a key of the answers about a dataset",
    meaning="Which fields the API returned, and since when. Fields that are not known are only in the landed pages.",
    freshness="Replaced before each publication. For datasets other than videos, only the first page of each file"
    " counts.",
    keys=("dataset", "field"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("dataset", VARCHAR, "What was requested: videos, comments, users, or a list such as followers"),
        Column("field", VARCHAR, "The key, as the API writes it"),
        Column("is_known", BOOLEAN, "This version of tt_pipeline knows the field"),
        Column("first_seen_at", TIMESTAMPTZ, "When the first page with it was fetched, UTC"),
        Column("last_seen_at", TIMESTAMPTZ, "When the last page with it was fetched, UTC"),
    ),
)
_DIED = "the process died before the answer came"
_DIED_OR_LOST = "the process died before the answer came, or the request was counted again"
REQUESTS = Table(
    schema="ops",
    name="requests",
    grain="a request to the Research API, failed ones too",
    meaning="A copy of the quota ledger, with all studies and client keys that use it. A request that the ledger"
    " lost is counted again from its landed page: then code and endpoint are counted_again, and the result is missing.",
    freshness="Replaced before each publication.",
    keys=("request_id",),
    loading=Loading.HANDED_IN,
    columns=(
        Column("request_id", BIGINT, "Its number in the ledger"),
        Column("bucket", VARCHAR, "The daily quota that it uses: main or social"),
        Column("quota_date", DATE, "The UTC day whose quota it uses"),
        Column("is_charged", BOOLEAN, "It counts against the quota"),
        Column("endpoint", VARCHAR, "The endpoint, for example video_query; or counted_again"),
        Column("study", VARCHAR, "Title of the study that sent it"),
        Column("dataset", VARCHAR, "What was requested: videos, comments, users, or a list such as followers"),
        Column("search", VARCHAR, "The search that sent it", missing="it belongs to no single search"),
        Column("day_date", DATE, "The requested day, or the first of several", missing="it belongs to no day"),
        Column("run_id", VARCHAR, "The run that sent it", missing="it was sent outside a run"),
        Column("reserved_at", TIMESTAMPTZ, "When it was recorded, just before it was sent, UTC"),
        Column("settled_at", TIMESTAMPTZ, "When its result was recorded, UTC", missing=_DIED),
        Column("status", BIGINT, "HTTP status", missing="no answer came, or the request was counted again"),
        Column(
            "code", VARCHAR, "error.code of the answer; counted_again if the ledger had lost the request", missing=_DIED
        ),
        Column("log_id", VARCHAR, "Number of the request in TikTok's logs", missing="the answer had none"),
        Column("records", BIGINT, "Records that it returned", missing=_DIED_OR_LOST),
        Column(
            "slots", BIGINT, "Positions of the result that it covered, including hidden ones", missing=_DIED_OR_LOST
        ),
        Column("hidden", BIGINT, "Slots without a record: deleted, private or withheld", missing=_DIED_OR_LOST),
        Column("seconds", DOUBLE, "How long it took, in seconds", missing=_DIED_OR_LOST),
    ),
)
SEARCHES = Table(
    schema="ops",
    name="searches",
    grain="a version of a search's query",
    meaning="Every version that was ever requested; the version that the study has now is current.",
    freshness="Replaced before each publication.",
    keys=("search", "fingerprint"),
    loading=Loading.HANDED_IN,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("part_of", VARCHAR, "Fingerprint in ops.search_coverage: its own, or that of the whole list of ids"),
        Column("kind", VARCHAR, "study, or once for a one-off search (`tt search`), which no study counts"),
        Column("query", VARCHAR, "The query as JSON text, without dates"),
        Column("first_date", DATE, "First UTC day of the search", missing="the study no longer has this version"),
        Column("last_date", DATE, "Last UTC day of the search, inclusive", missing="no end, or no longer in the study"),
        IS_CURRENT,
        Column("first_asked_at", TIMESTAMPTZ, "When it was first sent, UTC", missing="never yet"),
        Column("last_asked_at", TIMESTAMPTZ, "When it was last sent, UTC", missing="never yet"),
    ),
)
DELETIONS = Table(
    schema="ops",
    name="deletions",
    grain="a video, comment or account that was deleted from this warehouse and from the landed files",
    meaning="A record of the deletion without content; ids are hashed. Empty until something is deleted.",
    freshness="Replaced before each publication.",
    keys=("subject", "subject_hmac"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("subject", VARCHAR, "video, comment or user"),
        Column(
            "subject_hmac",
            VARCHAR,
            "Keyed hash (HMAC-SHA256) of kind and id or handle; nobody can tell whose it is without the data dir's key",
        ),
        Column(
            "reason",
            VARCHAR,
            "Why it was deleted: gone (the API no longer returns it), takedown (somebody asked for it; it is never"
            " stored again), forgotten (a takedown that was taken back), below (it stood below or belonged to something"
            " that was deleted), search or days",
        ),
        Column("deleted_at", TIMESTAMPTZ, "When it was deleted, UTC"),
    ),
)
VERIFICATIONS = Table(
    schema="ops",
    name="verifications",
    grain="a video or comment that was ever checked by batch compliance or by a query of ids",
    meaning="When it existed last, and since when it is missing. What came in any other answer was verified by that"
    " answer too: see observed_at in the snapshots. What is missing is left out of this file until it is deleted or"
    " comes back.",
    freshness="Replaced before each publication.",
    keys=("kind", "item_id"),
    loading=Loading.HANDED_IN,
    columns=(
        Column("kind", VARCHAR, "video or comment"),
        Column("item_id", BIGINT, "The video or comment", privacy=LINKABLE),
        Column("last_verified_at", TIMESTAMPTZ, "When a check last found it, UTC", missing="no check has found it"),
        Column("first_missing_at", TIMESTAMPTZ, "When a check first missed it, UTC", missing="it is not missing"),
        Column("last_missing_at", TIMESTAMPTZ, "When a check last missed it, UTC", missing="it is not missing"),
        Column("missing_answers", BIGINT, "How many checks missed it since", missing="it is not missing"),
        Column("ways", BIGINT, "In how many ways it was missed: by task, by query", missing="it is not missing"),
    ),
)
COMPLIANCE = Table(
    schema="ops",
    name="compliance",
    grain="how often the study checks what is stored",
    meaning="One row; the study's compliance rules when the file was published.",
    freshness="Replaced before each publication.",
    keys=("stated_at",),
    loading=Loading.HANDED_IN,
    columns=(
        Column("stated_at", TIMESTAMPTZ, "When this was written, UTC"),
        Column("refresh_days", BIGINT, "Days until everything stored has to be checked again"),
        Column("hide_after_days", BIGINT, "Days without a check after which something is left out"),
        Column(
            "verifies_profiles",
            BOOLEAN,
            "Whether profiles are requested again for it; otherwise any video of theirs verifies them",
        ),
    ),
)
CHECKS_DUE = Table(
    schema="ops",
    name="checks_due",
    grain="a kind and the UTC day on which items of it were last seen or checked",
    meaning="How many stored videos, comments and, if the study verifies them themselves, profiles have to be checked"
    " when: everything within refresh_days of"
    " ops.compliance after that day. Also counts what is left out of this file.",
    freshness="Written by each publication.",
    keys=("kind", "verified_date"),
    loading=Loading.DERIVED,
    columns=(
        Column("kind", VARCHAR, "video, comment or profile"),
        Column("verified_date", DATE, "The UTC day on which they are known to have existed last"),
        Column(
            "hidden_date",
            DATE,
            "The UTC day from which they are left out of this file, unless they are checked before",
            missing="never: the data is invented",
        ),
        Column("items", BIGINT, "Items that were last seen or checked on that day and are not missing"),
        Column("missing", BIGINT, "Items that a check has missed since, or whose video it has missed"),
    ),
)
AUDIT = Table(
    schema="ops",
    name="audit",
    grain="an export, a deletion, a confirmation or a restore",
    meaning="Who made which copy or deletion, when, and of how much; never of whom.",
    freshness="Replaced before each publication.",
    keys=("line",),
    loading=Loading.HANDED_IN,
    columns=(
        Column("line", BIGINT, "Its number in the audit log, from 1"),
        Column("done_at", TIMESTAMPTZ, "When it was done, UTC"),
        Column("done_by", VARCHAR, "Who: the name of the user on that machine", privacy=IDENTIFYING),
        Column("what", VARCHAR, "What was done: export, purge, forget, refresh_confirmed, backup or restore"),
        Column("counts", VARCHAR, "How many of each kind, as a JSON object"),
        Column("note", VARCHAR, "More about it, for example the folder of an export", missing="nothing more to say"),
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
        Column(
            "duckdb_version",
            VARCHAR,
            f"Version of DuckDB that wrote it; every version from {OLDEST_DUCKDB} on can read it",
        ),
        Column("videos", BIGINT, "Rows of core.videos"),
        Column("comments", BIGINT, "Rows of core.comments"),
        Column("users", BIGINT, "Rows of core.users"),
        Column("loads", BIGINT, "Landed files that it was loaded from"),
        Column("last_fetched_at", TIMESTAMPTZ, "When its latest page was fetched, UTC", missing="nothing was fetched"),
        Column(
            "api_base_url",
            VARCHAR,
            "The server that answered. A server on 127.0.0.1 is a simulator: people and videos are invented",
            missing="the server is not recorded",
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
CHECK_RESULTS = Table(
    schema="ops",
    name="check_results",
    grain="a check and a search in which it failed; one row for a check that passed or that names no search",
    meaning="Read the rows where has_passed is false before you use the tables that they concern. The comments of these"
    " marts name them too.",
    freshness="Replaced by each publication; empty if nothing is loaded.",
    keys=("check_name", "search"),
    loading=Loading.DERIVED,
    columns=(
        Column("check_name", VARCHAR, "The check, as in Dagster and `tt doctor`"),
        Column("search", VARCHAR, "The search", missing="it passed, or it is not about single searches"),
        Column("has_passed", BOOLEAN, "No row breaks its rule"),
        Column("severity", VARCHAR, "How serious a broken rule is: error or warning"),
        Column("message", VARCHAR, "What was found, as a sentence; Holds. if it passed"),
        Column("counted", BIGINT, "How many break the rule: videos, days, pages or others, as the message says"),
        Column("out_of", BIGINT, "Of how many", missing="it passed, or the check does not count them"),
        Column("concerns", VARCHAR, "Tables with affected numbers, separated by a comma", missing="none in particular"),
        Column("remedy", VARCHAR, "What can be done", missing="it passed"),
        Column("checked_at", TIMESTAMPTZ, "When the check ran, UTC"),
    ),
)
KNOWN_BREAKS = Table(
    schema="ops",
    name="known_breaks",
    grain="a known change of the API that affects numbers",
    meaning="Numbers before and after one of these dates are not comparable.",
    freshness="Part of tt_pipeline.",
    keys=("from_date", "what"),
    loading=Loading.DERIVED,
    columns=(
        Column("from_date", DATE, "First affected day"),
        Column("to_date", DATE, "Last affected day", missing="it continues"),
        Column("concerns", VARCHAR, "Column or table with affected numbers"),
        Column("axis", VARCHAR, "Which days are meant: posted (the video's) or fetched (the request's)"),
        Column("what", VARCHAR, "What changed"),
        Column("source", VARCHAR, "Where it was reported"),
    ),
)
SCHEMA_VERSIONS = Table(
    schema="ops",
    name="schema_versions",
    grain="a version that the tables of this file have had",
    meaning="The highest is the present one. A later tt_pipeline updates the tables; an earlier one refuses the file.",
    freshness="Written when the file is created or updated.",
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
    VERIFICATIONS,
    COMPLIANCE,
    CHECKS_DUE,
    AUDIT,
    PUBLISH_INFO,
    CHECK_RESULTS,
    KNOWN_BREAKS,
    SCHEMA_VERSIONS,
)
"""In the order of the data dictionary."""
