"""Views for analysis: ids as text, latest counts, and the coverage with each number. `warehouse/marts/` has the SQL."""

from dataclasses import replace

from tt_pipeline.codebook.statuses import COMMENT_STATUSES, listed
from tt_pipeline.warehouse.catalog import discussions, found, growth, networks, people, quality, volume
from tt_pipeline.warehouse.catalog.common import (
    ALSO_FOREIGN,
    AT_12_DAYS,
    BIGINT,
    BOOLEAN,
    CONTENT,
    CREATOR_ID,
    DATE,
    FINGERPRINT,
    LINKABLE,
    ONLY_MATCHING,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID_AS_TEXT,
    as_text,
    count,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.social import LIST, LIST_SNAPSHOTS, LOOK, LOOKED_AT
from tt_pipeline.warehouse.catalog.videos import VIDEO_SNAPSHOTS, VIDEOS

_AS_STORED = {column.name: column for column in VIDEOS.columns}
_COUNTS = tuple(column for column in VIDEO_SNAPSHOTS.columns if column in growth.COUNTS_AS_READ)
_FIRST_COUNTS = tuple(
    count(f"first_{column.name}", f"{counted} when it was first seen{but}", source=column.source)
    for column in growth.COUNTS_AS_READ
    for counted, *caveat in [column.meaning.partition(";")]
    for but in ["".join(caveat)]
)
_KNOWN_COUNTS = tuple(
    count(
        f"known_{column.name}",
        f"{column.meaning}; the last that is known",
        source=column.source,
    )
    for column in _COUNTS
)
VIEWS_AT_12_DAYS = replace(
    count(
        "view_count_at_12_days",
        f"Views at the first observation {AT_12_DAYS}: compare videos by these",
        source="view_count",
    ),
    missing="it was not seen in these days with a view count, for example because its second look was later",
)
_OBSERVATIONS = Column("observations", BIGINT, "UTC days on which it was seen: its rows in marts.video_growth")

VIDEO_LIST = Table(
    schema="marts",
    name="videos",
    grain="a video",
    meaning="Begin here. Attributes as first seen, counts as last seen; columns first_… have the counts as first seen.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id",),
    loading=Loading.PUBLISHED,
    recomputed_by=("video_id", "creator_id"),
    columns=(
        VIDEO_ID_AS_TEXT,
        Column("url", VARCHAR, "Page of the video on tiktok.com", privacy=LINKABLE),
        *(_AS_STORED[name] for name in ("username",)),
        CREATOR_ID,
        *(_AS_STORED[name] for name in ("region_code", "created_at", "created_date", "description")),
        replace(
            _AS_STORED["description"],
            name="latest_description",
            meaning="Text of the last state that differs from the first; the first if the video was not edited",
        ),
        as_text(_AS_STORED["music_id"]),
        *(_AS_STORED[name] for name in ("duration_s", "voice_to_text", "is_stem_verified", "video_label", "video_tag")),
        as_text(_AS_STORED["playlist_id"]),
        *_COUNTS,
        *_KNOWN_COUNTS,
        VIEWS_AT_12_DAYS,
        *_FIRST_COUNTS,
        Column(
            "searches",
            VARCHAR,
            "Searches whose present query found it, separated by commas; marts.video_searches has a row for each",
            missing="none did: an earlier query found it, it is a stray, or a list of an account returned it",
        ),
        Column(
            "past_searches",
            VARCHAR,
            "Other searches of which only an earlier query found it, or that the study no longer has",
            missing="there is none",
        ),
        Column(
            "lists", VARCHAR, "Kinds of lists of accounts that contain it: liked, pinned, reposted", missing="none does"
        ),
        Column(
            "hashtags",
            VARCHAR,
            "Hashtags as typed, one spelling of each, separated by commas; marts.video_hashtags has a row for each",
            missing="it has none",
            privacy=CONTENT,
        ),
        Column("comments_held", BIGINT, "Its comments in core.comments, including replies"),
        Column(
            "comment_status",
            VARCHAR,
            f"Whether its comments are collected: {listed(COMMENT_STATUSES)}",
            missing="no search of the study found it",
        ),
        _OBSERVATIONS,
        Column("first_observed_at", TIMESTAMPTZ, "When it was first seen and its first counts were fetched, UTC"),
        Column("observed_at", TIMESTAMPTZ, "When the latest counts were fetched, UTC"),
    ),
)
LATEST_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="latest_video_snapshots",
    grain="a video: its counts when it was last seen",
    meaning="The last row of each video in core.video_snapshots. If its last day has several rows, the last one with"
    " favorites_count, which lists of accounts do not return.",
    freshness="Archive counts, up to 10 days older than observed_at.",
    keys=("video_id",),
    loading=Loading.PUBLISHED,
    recomputed_by=("video_id",),
    columns=(*VIDEO_SNAPSHOTS.columns, _OBSERVATIONS, VIEWS_AT_12_DAYS),
)
VIDEO_VERSIONS_AS_TEXT = Table(
    schema="marts",
    name="video_versions",
    grain="a video and a version of its attributes, from 1 as first seen",
    meaning="Descriptions, their hashtags and handles before and after edits.",
    freshness="A version that returns to an earlier state has no row of its own.",
    keys=("video_id", "version"),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        Column("version", BIGINT, "1 as first seen, then 2, 3, … in the order in which they were seen"),
        Column("first_seen_at", TIMESTAMPTZ, "When the video was first seen like this, UTC"),
        _AS_STORED["username"],
        _AS_STORED["description"],
        Column(
            "hashtags",
            VARCHAR,
            "Hashtags in this description as typed, separated by commas",
            missing="it has none",
            privacy=CONTENT,
        ),
    ),
)
_HASHTAG = Column("hashtag", VARCHAR, "Name without #, in lower case", privacy=CONTENT)
VIDEO_HASHTAGS_AS_TEXT = Table(
    schema="marts",
    name="video_hashtags",
    grain="a video and a hashtag in lower case",
    meaning="core.video_hashtags with ids as text; spellings that differ only in case are one hashtag.",
    freshness="A hashtag stays if it is later removed from the video.",
    keys=("video_id", "hashtag"),
    loading=Loading.VIEW,
    columns=(
        VIDEO_ID_AS_TEXT,
        _HASHTAG,
        Column("hashtag_as_typed", VARCHAR, "Its first spelling on this video", privacy=CONTENT),
    ),
)
HASHTAG_DAYS = Table(
    schema="marts",
    name="hashtag_days",
    grain="a hashtag, in lower case, and a UTC day",
    meaning=f"Counts only videos that the searches found, not all of TikTok. {ONLY_MATCHING}",
    freshness="A day that is not complete in marts.daily_volume has too few.",
    keys=("hashtag", "day_date"),
    only_matching=True,
    loading=Loading.PUBLISHED,
    recomputed_by=("day_date",),
    columns=(
        _HASHTAG,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        Column("videos", BIGINT, "Different videos with this hashtag"),
        Column("creators", BIGINT, "Different creators among them"),
    ),
)

_OF_LIST = {column.name: column for column in LIST_SNAPSHOTS.columns}
_NOT_COMPARED = "the look is not complete, or no complete look precedes it"
LOOKS = Table(
    schema="marts",
    name="looks",
    grain="a search, a version of its query, a UTC day and a look at it",
    meaning="How many videos of a day each look found, and how many appeared or vanished since the look before. Random"
    f" draws are left out. {ALSO_FOREIGN}.",
    freshness="New videos appeared late or were hidden before; vanished ones are deleted or hidden, or the API left"
    " them out once.",
    keys=("search", "fingerprint", "day_date", "look"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint", "day_date"),
    columns=(
        SEARCH,
        FINGERPRINT,
        Column("day_date", DATE, "UTC day on which the videos were posted"),
        Column(
            "look",
            BIGINT,
            "Number of the look, counted for all days that were requested together: the first look at a day can have"
            " number 2. In `looks` each day is counted separately",
        ),
        Column("looks", BIGINT, "Complete looks at the day so far, this one included if it is complete"),
        LOOKED_AT,
        Column("is_complete", BOOLEAN, "The API reported that no page follows, and every page could be read"),
        Column("videos", BIGINT, "Videos of the day that the look found"),
        Column("videos_new", BIGINT, "Of these, not in the complete look before", missing=_NOT_COMPARED),
        Column("videos_vanished", BIGINT, "In the complete look before, and not in this one", missing=_NOT_COMPARED),
    ),
)
ACCOUNT_LOOKS = Table(
    schema="marts",
    name="account_looks",
    grain="an account, one of its lists and a look at the list",
    meaning="How many entries each look at a list found, and how many appeared or vanished since the look before.",
    freshness="An entry that the API no longer returns because the list has grown too long counts as vanished.",
    keys=("username", "list", "look"),
    loading=Loading.VIEW,
    columns=(
        _OF_LIST["username"],
        LIST,
        LOOK,
        LOOKED_AT,
        Column("is_complete", BOOLEAN, "The API reported that no page follows, and every page could be read"),
        _OF_LIST["refusal"],
        Column("entries", BIGINT, "Different accounts or videos that the look found"),
        Column("entries_new", BIGINT, "Of these, not in the complete look before", missing=_NOT_COMPARED),
        Column("entries_vanished", BIGINT, "In the complete look before, and not in this one", missing=_NOT_COMPARED),
    ),
)

TABLES = (
    people.RENAMED_HANDLES,
    *found.BELOW,
    LATEST_VIDEO_SNAPSHOTS,
    VIDEO_LIST,
    VIDEO_VERSIONS_AS_TEXT,
    VIDEO_HASHTAGS_AS_TEXT,
    *found.TABLES,
    *growth.TABLES,
    *volume.TABLES,
    LOOKS,
    *discussions.TABLES,
    *people.TABLES,
    ACCOUNT_LOOKS,
    HASHTAG_DAYS,
    *networks.TABLES,
    *quality.TABLES,
)
"""In the order of the data dictionary. Publication stores tables in this order, so each comes after those it reads."""
