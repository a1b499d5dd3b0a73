"""Views for reading: ids as text, latest counts, coverage beside every number. Their SQL is in `warehouse/marts/`."""

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES, listed
from tt_pipeline.warehouse.catalog import discussions, growth, networks, quality
from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    CONTENT,
    DATE,
    FINGERPRINT,
    IS_CURRENT,
    LINKABLE,
    SEARCH,
    TIMESTAMPTZ,
    USERNAME,
    VARCHAR,
    VIDEO_ID,
    VIDEO_ID_AS_TEXT,
    as_text,
    count,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.social import LIST, LIST_SNAPSHOTS, LOOK, LOOKED_AT
from tt_pipeline.warehouse.catalog.users import PROFILE
from tt_pipeline.warehouse.catalog.videos import SEARCH_HITS, VIDEO_SNAPSHOTS, VIDEOS

_AS_STORED = {column.name: column for column in VIDEOS.columns}
_COUNTS = tuple(column for column in VIDEO_SNAPSHOTS.columns if column in growth.COUNTS_AS_READ)
_FIRST_COUNTS = tuple(
    count(f"first_{column.name}", f"{counted} when it was first seen{but}", source=column.source)
    for column in growth.COUNTS_AS_READ
    for counted, *caveat in [column.meaning.partition(";")]
    for but in ["".join(caveat)]
)
_OBSERVATIONS = Column("observations", BIGINT, "UTC days on which it was seen: its rows in marts.video_growth")

VIDEO_LIST = Table(
    schema="marts",
    name="videos",
    grain="a video",
    meaning="Begin here. Attributes as first seen, counts as last seen; those of the first sighting beside them.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id",),
    loading=Loading.PUBLISHED,
    columns=(
        VIDEO_ID_AS_TEXT,
        Column("url", VARCHAR, "Page of the video on tiktok.com", privacy=LINKABLE),
        *(_AS_STORED[name] for name in ("username", "region_code", "created_at", "created_date", "description")),
        as_text(_AS_STORED["music_id"]),
        *(_AS_STORED[name] for name in ("duration_s", "voice_to_text", "is_stem_verified", "video_label", "video_tag")),
        as_text(_AS_STORED["playlist_id"]),
        *_COUNTS,
        *_FIRST_COUNTS,
        Column(
            "searches",
            VARCHAR,
            "Searches that found it, separated by commas",
            missing="none did: it is a stray, or an account's list brought it",
        ),
        Column("lists", VARCHAR, "Kinds of accounts' lists that hold it: liked, pinned, reposted", missing="none does"),
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
        _OBSERVATIONS,
        Column("first_observed_at", TIMESTAMPTZ, "When it was first seen, and the first counts fetched, UTC"),
        Column("observed_at", TIMESTAMPTZ, "When the latest counts were fetched, UTC"),
    ),
)
_HITS = {column.name: column for column in SEARCH_HITS.columns}
FOUND_VIDEOS = Table(
    schema="core",
    name="found_videos",
    grain="a search, a version of its query and a video it found",
    meaning="core.search_hits under the names that searches have now. Draws are one, a list of ids is one, and of"
    " searches that ask the same each found what one of them did. Versions of a query overlap.",
    freshness="As of the tables under it.",
    keys=("search", "fingerprint", "video_id"),
    loading=Loading.VIEW,
    columns=(SEARCH, FINGERPRINT, VIDEO_ID, _HITS["matches"], IS_CURRENT),
)
_UNANSWERED = "the day was never answered"
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
        Column("videos", BIGINT, "Different videos of the day that the search found, in any look", missing=_UNANSWERED),
        Column("creators", BIGINT, "Different handles among them", missing=_UNANSWERED),
        Column(
            "status",
            VARCHAR,
            f"What is held of the day: {listed(SEARCH_STATUSES)}",
            missing="the study no longer has this version",
        ),
        count("view_count", "Sum of the latest views", source="view_count"),
    ),
)

LATEST_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="latest_video_snapshots",
    grain="a video: its counts when it was last seen",
    meaning="The last row of each video in core.video_snapshots; of its last day, the last that tells its favourites,"
    " which an account's list does not.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id",),
    loading=Loading.PUBLISHED,
    columns=(*VIDEO_SNAPSHOTS.columns, _OBSERVATIONS),
)
_NO_VIDEO = "no video of it is held"
CREATORS = Table(
    schema="marts",
    name="creators",
    grain="a creator: a handle that posted a video that is held, or that was asked for",
    meaning="What is held of an account, beside what its profile says.",
    freshness="Profile as of observed_at; sums over the latest counts of the videos that are held.",
    keys=("username",),
    loading=Loading.VIEW,
    columns=(
        USERNAME,
        Column("videos_held", BIGINT, "Its videos in core.videos"),
        Column("views_held", BIGINT, "Sum of their latest views", missing=_NO_VIDEO),
        Column("likes_held", BIGINT, "Sum of their latest likes", missing=_NO_VIDEO),
        Column("first_video_at", TIMESTAMPTZ, "When the oldest of them was posted, UTC", missing=_NO_VIDEO),
        Column("last_video_at", TIMESTAMPTZ, "When the newest of them was posted, UTC", missing=_NO_VIDEO),
        *(column for column in PROFILE if column.name in {"display_name", "bio_description", "bio_url", "is_verified"}),
        *growth.PROFILE_COUNTS,
        Column(
            "profile_status",
            VARCHAR,
            f"What is held of the profile: {listed(ACCOUNT_STATUSES)}",
            missing="no search of the study found the account",
        ),
        Column(
            "observed_at", TIMESTAMPTZ, "When this profile was fetched, UTC", missing="the API never gave a profile"
        ),
    ),
)
HASHTAG_DAYS = Table(
    schema="marts",
    name="hashtag_days",
    grain="a hashtag, in lower case, and a UTC day",
    meaning="Among the videos that the searches found, not all of TikTok.",
    freshness="A day that is not complete in marts.daily_volume holds fewer.",
    keys=("hashtag", "day_date"),
    loading=Loading.PUBLISHED,
    columns=(
        Column("hashtag", VARCHAR, "Name without #, in lower case", privacy=CONTENT),
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        Column("videos", BIGINT, "Different videos that carry it"),
        Column("creators", BIGINT, "Different handles among them"),
    ),
)

_OF_LIST = {column.name: column for column in LIST_SNAPSHOTS.columns}
_NOT_COMPARED = "the look was not read to its end, or it is the first that was"
LOOKS = Table(
    schema="marts",
    name="looks",
    grain="a search, a version of its query, a UTC day and a look at it",
    meaning="What each look found of a day, and what came and went since the look before. Random draws are left out.",
    freshness="New videos came late or were hidden before; vanished ones were deleted, hidden, or left out once.",
    keys=("search", "fingerprint", "day_date", "look"),
    loading=Loading.PUBLISHED,
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        Column("look", BIGINT, "The n-th time the day was asked for; numbers are missing where a window was split"),
        LOOKED_AT,
        Column("is_complete", BOOLEAN, "The API said that nothing follows, and every page could be read"),
        Column("videos", BIGINT, "Videos of the day that the look found"),
        Column("videos_new", BIGINT, "Of these, not in the last complete look before", missing=_NOT_COMPARED),
        Column("videos_vanished", BIGINT, "In the last complete look before, and not in this", missing=_NOT_COMPARED),
    ),
)
ASKED_IDS = Table(
    schema="marts",
    name="asked_ids",
    grain="a search of ids and an id it asks for",
    meaning="Which ids are still shown, and which are lost; count by month of uploaded_at.",
    freshness="Follows the looks of the search.",
    keys=("search", "video_id"),
    loading=Loading.VIEW,
    columns=(
        SEARCH,
        Column("video_id", VARCHAR, "Id as text, so that no program rounds it", privacy=LINKABLE),
        Column("url", VARCHAR, "Page of the video", privacy=LINKABLE),
        Column("uploaded_at", TIMESTAMPTZ, "When the id was given out, by its high 32 bits, UTC"),
        Column("is_asked", BOOLEAN, "The API was asked for it"),
        Column("is_found", BOOLEAN, "A search found it; false where it was deleted, hidden, or never was"),
    ),
)
ACCOUNT_LOOKS = Table(
    schema="marts",
    name="account_looks",
    grain="an account, a list of it and a look at it",
    meaning="What each look at a list found, and what came and went since the look before.",
    freshness="An entry beyond the API's reach looks as if it had vanished.",
    keys=("username", "list", "look"),
    loading=Loading.VIEW,
    columns=(
        _OF_LIST["username"],
        LIST,
        LOOK,
        LOOKED_AT,
        Column("is_complete", BOOLEAN, "The API said that nothing follows, and every page could be read"),
        _OF_LIST["refusal"],
        Column("entries", BIGINT, "Different accounts or videos that the look found"),
        Column("entries_new", BIGINT, "Of these, not in the last complete look before", missing=_NOT_COMPARED),
        Column("entries_vanished", BIGINT, "In the last complete look before, and not in this", missing=_NOT_COMPARED),
    ),
)

TABLES = (
    LATEST_VIDEO_SNAPSHOTS,
    VIDEO_LIST,
    *growth.TABLES,
    FOUND_VIDEOS,
    DAILY_VOLUME,
    LOOKS,
    ASKED_IDS,
    *discussions.TABLES,
    CREATORS,
    ACCOUNT_LOOKS,
    HASHTAG_DAYS,
    *networks.TABLES,
    *quality.TABLES,
)
"""In the order of the data dictionary."""
