"""Views for reading: ids as text, latest counts, coverage beside every number. Their SQL is in `warehouse/marts/`."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    DATE,
    FINGERPRINT,
    LINKABLE,
    NOT_GIVEN,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    count,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.statuses import COMMENT_STATUSES, SEARCH_STATUSES, listed
from tt_pipeline.warehouse.catalog.videos import VIDEO_SNAPSHOTS, VIDEOS

_AS_STORED = {column.name: column for column in VIDEOS.columns}
_COUNTS = tuple(column for column in VIDEO_SNAPSHOTS.columns if column.name.endswith("_count"))

VIDEO_LIST = Table(
    schema="marts",
    name="videos",
    grain="a video",
    meaning="Attributes as first seen, counts as last seen.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id",),
    loading=Loading.VIEW,
    columns=(
        Column(
            "video_id",
            VARCHAR,
            "The video, as text: spreadsheets, R and JavaScript round such numbers",
            source="id",
            privacy=LINKABLE,
        ),
        Column("url", VARCHAR, "Page of the video on tiktok.com", privacy=LINKABLE),
        *(_AS_STORED[name] for name in ("username", "region_code", "created_at", "created_date", "description")),
        Column("music_id", VARCHAR, "The sound used, as text", missing=NOT_GIVEN, source="music_id"),
        *(_AS_STORED[name] for name in ("duration_s", "voice_to_text", "is_stem_verified", "video_label", "video_tag")),
        Column("playlist_id", VARCHAR, "Playlist it belongs to, as text", missing="none given", source="playlist_id"),
        *_COUNTS,
        Column("searches", VARCHAR, "Searches that found it, separated by commas", missing="only strays brought it"),
        Column(
            "hashtags",
            VARCHAR,
            "Hashtags as typed, separated by commas, in alphabetical order",
            missing="it carries none",
        ),
        Column("comments_held", BIGINT, "Comments of it in core.comments, replies too"),
        Column(
            "comment_status",
            VARCHAR,
            f"What is held of its comments: {listed(COMMENT_STATUSES)}",
            missing="no search of the study found it",
        ),
        Column("looks", BIGINT, "Loads that saw it"),
        Column("first_observed_at", TIMESTAMPTZ, "When it was first seen, UTC"),
        Column("observed_at", TIMESTAMPTZ, "When the counts were fetched, UTC"),
    ),
)
DAILY_VOLUME = Table(
    schema="marts",
    name="daily_volume",
    grain="a search, a version of its query and a UTC day",
    meaning="How many videos of each day are held, with the status that says whether that is all.",
    freshness="A day with videos and no status was collected by a query the study no longer has.",
    keys=("search", "fingerprint", "day_date"),
    loading=Loading.VIEW,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        Column("videos", BIGINT, "Different videos of the day that the search found, in any look"),
        Column("creators", BIGINT, "Different handles among them"),
        Column(
            "status",
            VARCHAR,
            f"What is held of the day: {listed(SEARCH_STATUSES)}",
            missing="the study no longer has this version",
        ),
        Column(
            "hidden", BIGINT, "Slots without a record in the windows that cover the day", missing="no coverage stated"
        ),
        count("view_count", "Sum of the latest views", source="view_count"),
    ),
)

TABLES = (VIDEO_LIST, DAILY_VOLUME)
"""In the order of the data dictionary."""
