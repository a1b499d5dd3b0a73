"""Views of which search found which video: the base of everything that counts by search."""

from typing import Final

from tt_pipeline.warehouse.catalog.common import (
    ALSO_FOREIGN,
    BIGINT,
    BOOLEAN,
    CREATED_DATE,
    DOUBLE,
    FINGERPRINT,
    IS_CURRENT,
    LINKABLE,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID,
    VIDEO_ID_AS_TEXT,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.videos import SEARCH_HITS

_HITS = {column.name: column for column in SEARCH_HITS.columns}
KIND: Final = Column(
    "kind",
    VARCHAR,
    "list (all videos that match), sample (random draws), ids (a list of ids), capped (days were cut off at"
    " max_videos_per_day), once (a one-off search, which no study counts). Only the numbers of a list are volumes",
)
_IS_DRAWN = "the search draws a random sample, or the video's day is not known"
_IS_LISTED = "the search draws no sample"
_FOUND = (
    Column("first_look", BIGINT, "Number of the first look that found it", missing=_IS_DRAWN),
    Column("last_look", BIGINT, "Number of the last look that found it", missing=_IS_DRAWN),
    Column("first_draw", BIGINT, "Number of the first random draw that returned it", missing=_IS_LISTED),
    Column("last_draw", BIGINT, "Number of the last random draw that returned it", missing=_IS_LISTED),
)
_SEEN = (
    Column("first_seen_at", TIMESTAMPTZ, "When this query first returned it, UTC"),
    Column("last_seen_at", TIMESTAMPTZ, "When this query last returned it, UTC"),
)

SEARCH_VERSIONS = Table(
    schema="ops",
    name="search_versions",
    grain="a version of a search's query that was sent, under each present name of it",
    meaning="Names and kinds of the queries that found videos. All parts of a list of ids have the version of the whole"
    " list.",
    freshness="Follows ops.loads and ops.searches.",
    keys=("search", "sent_fingerprint"),
    loading=Loading.VIEW,
    columns=(
        Column("search", VARCHAR, "Its present name in the study; otherwise the last name under which it was sent"),
        FINGERPRINT,
        Column("sent_fingerprint", VARCHAR, "Identity of the query that was sent: of a list of ids, of one part"),
        KIND,
        IS_CURRENT,
    ),
)
FOUND_VIDEOS = Table(
    schema="core",
    name="found_videos",
    grain="a search, a version of its query and a video it found",
    meaning="core.search_hits under the present names of the searches. All draws of a sample count as one query, and so"
    " do all parts of a list of ids. If two searches have the same query, both found what one of them found. A video"
    " that several versions of a query found has a row for each.",
    freshness="Follows core.search_hits and core.video_snapshots.",
    keys=("video_id", "search", "fingerprint"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint", "video_id"),
    columns=(SEARCH, FINGERPRINT, VIDEO_ID, _HITS["matches"], IS_CURRENT, KIND, *_FOUND, *_SEEN),
)
VIDEO_SEARCHES = Table(
    schema="marts",
    name="video_searches",
    grain="a search, a version of its query and a video it found",
    meaning="Begin here to count by search. Count within one search: a video that two searches found has two rows."
    f" {ALSO_FOREIGN}: select `matches is not false`.",
    freshness="core.found_videos with ids as text.",
    keys=("video_id", "search", "fingerprint"),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        SEARCH,
        FINGERPRINT,
        IS_CURRENT,
        KIND,
        _HITS["matches"],
        *_FOUND,
        Column(
            "inclusion_probability",
            DOUBLE,
            "Probability that the search returns a video that matches: 1 for lists",
            missing="it was drawn or its day was cut off, and the API does not say from how many videos",
        ),
        *_SEEN,
    ),
)
_NOT_MISSED = "the last complete look found it"
VIDEO_SURVIVAL = Table(
    schema="marts",
    name="video_survival",
    grain="a search, a version of its query and a video that a complete look of it found",
    meaning="Between which complete looks each video vanished, and for how long it could have been missed. Random draws"
    f" and days that were cut off are left out. {ALSO_FOREIGN}: select `matches is not false`.",
    freshness="A gone video is deleted, hidden or private, no longer matches the query, or was left out once.",
    keys=("video_id", "search", "fingerprint"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint", "created_date"),
    columns=(
        VIDEO_ID_AS_TEXT,
        SEARCH,
        FINGERPRINT,
        IS_CURRENT,
        _HITS["matches"],
        CREATED_DATE,
        Column("first_look", BIGINT, "Number of the first complete look that found it"),
        Column("last_look", BIGINT, "Number of the last complete look that found it"),
        Column("first_seen_at", TIMESTAMPTZ, "When the first of them began, UTC"),
        Column("last_seen_at", TIMESTAMPTZ, "When the last of them began, UTC"),
        Column("missed_look", BIGINT, "Number of the complete look after the last one", missing=_NOT_MISSED),
        Column(
            "missed_at",
            TIMESTAMPTZ,
            "When that look began, UTC: the video vanished between last_seen_at and this instant",
            missing=_NOT_MISSED,
        ),
        Column("is_gone", BOOLEAN, "The last complete look at its day did not find it"),
        Column("is_looked_for", BOOLEAN, "A complete look at its day followed the one that first found it"),
        Column(
            "exposure_days",
            DOUBLE,
            "Days from first_seen_at to last_seen_at, and if it is gone half of the days from there to missed_at",
        ),
    ),
)
ASKED_IDS = Table(
    schema="marts",
    name="asked_ids",
    grain="a search of ids and an id of its list",
    meaning="Which ids the API still returns, and which are lost; count by month of uploaded_at.",
    freshness="Follows the looks of the search.",
    keys=("search", "video_id"),
    loading=Loading.VIEW,
    columns=(
        SEARCH,
        Column("video_id", VARCHAR, "Id as text, so that no program rounds it", privacy=LINKABLE),
        Column("url", VARCHAR, "Page of the video", privacy=LINKABLE),
        Column("uploaded_at", TIMESTAMPTZ, "When the id was created, from its high 32 bits, UTC"),
        Column("is_asked", BOOLEAN, "It has been requested"),
        Column(
            "is_found",
            BOOLEAN,
            "The same as is_found_ever, not whether it is still there; the next release leaves this column out",
        ),
        Column(
            "is_found_ever",
            BOOLEAN,
            "A search found it at least once; false if it was deleted or hidden before, or never existed",
        ),
        Column(
            "is_shown",
            BOOLEAN,
            "The last complete look at its day, or a later answer, returned it",
            missing="its day has no complete look yet",
        ),
        Column(
            "last_seen_at", TIMESTAMPTZ, "When a search or list last returned it, UTC", missing="it was never returned"
        ),
    ),
)

BELOW = (SEARCH_VERSIONS, FOUND_VIDEOS)
"""What the marts of searches and videos are built on."""
TABLES = (VIDEO_SEARCHES, VIDEO_SURVIVAL, ASKED_IDS)
"""In the order of the data dictionary."""
