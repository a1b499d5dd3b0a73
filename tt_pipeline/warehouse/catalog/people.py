"""Views of creators and of the handles that they have had."""

from dataclasses import replace
from typing import Final

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, listed
from tt_pipeline.warehouse.catalog import growth
from tt_pipeline.warehouse.catalog.common import BIGINT, CREATOR_ID, IDENTIFYING, TIMESTAMPTZ, USERNAME, VARCHAR
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.users import PROFILE

_NO_VIDEO: Final = "none of its videos was collected"
_CURRENT: Final = "it has no later handle that is known"
_STATUS: Final = Column(
    "profile_status",
    VARCHAR,
    f"Whether the profile is collected: {listed(ACCOUNT_STATUSES)}",
    missing="no search of the study found the account",
)

RENAMED_HANDLES = Table(
    schema="core",
    name="renamed_handles",
    grain="a handle that a rename connects with another one",
    meaning="A video was seen under both handles. If another person takes over a handle, both count as one.",
    freshness="Follows core.video_versions; a later rename can join two groups, which changes creator_id.",
    keys=("username",),
    loading=Loading.PUBLISHED,
    recomputed_by=("creator_id",),
    columns=(
        USERNAME,
        CREATOR_ID,
        Column("first_seen_at", TIMESTAMPTZ, "When a video was first seen under this handle, UTC"),
    ),
)
HANDLES = Table(
    schema="marts",
    name="handles",
    grain="a handle: of the creator of a collected video, or of an account whose profile was requested",
    meaning="Which handles belong to one creator, and since when. A rename is known only if a video was found before"
    " and after it.",
    freshness="Follows core.renamed_handles.",
    keys=("username",),
    loading=Loading.VIEW,
    columns=(
        USERNAME,
        CREATOR_ID,
        Column(
            "first_seen_at",
            TIMESTAMPTZ,
            "When a video or profile was first seen under this handle, UTC",
            missing="the API never returned one",
        ),
        Column("renamed_to", VARCHAR, "The creator's next handle", missing=_CURRENT, privacy=IDENTIFYING),
        Column("renamed_seen_at", TIMESTAMPTZ, "When the next handle was first seen, UTC", missing=_CURRENT),
        Column("videos", BIGINT, "Videos in core.videos that were first seen under this handle"),
        replace(_STATUS, meaning=f"renamed (the creator has a later handle); or {_STATUS.meaning}"),
    ),
)
CREATORS = Table(
    schema="marts",
    name="creators",
    grain="a creator: the account that posted a collected video, or an account whose profile was requested",
    meaning="The latest profile of a creator, and sums over its collected videos, under all handles that it is known to"
    " have had; marts.handles lists them.",
    freshness="Profile as of observed_at; sums of the latest counts of the collected videos.",
    keys=("creator_id",),
    loading=Loading.VIEW,
    columns=(
        replace(USERNAME, meaning="Latest known handle, without @"),
        CREATOR_ID,
        Column("handles", BIGINT, "Handles that it is known to have had"),
        Column(
            "videos_held",
            BIGINT,
            "All its collected videos, whichever search or list returned them; for one search, count"
            " marts.video_searches",
        ),
        Column("views_held", BIGINT, "Sum of their latest views", missing=_NO_VIDEO),
        Column("likes_held", BIGINT, "Sum of their latest likes", missing=_NO_VIDEO),
        Column("first_video_at", TIMESTAMPTZ, "When the oldest of them was posted, UTC", missing=_NO_VIDEO),
        Column("last_video_at", TIMESTAMPTZ, "When the newest of them was posted, UTC", missing=_NO_VIDEO),
        *(column for column in PROFILE if column.name in {"display_name", "bio_description", "bio_url", "is_verified"}),
        *growth.PROFILE_COUNTS,
        _STATUS,
        Column(
            "observed_at", TIMESTAMPTZ, "When this profile was fetched, UTC", missing="the API never returned a profile"
        ),
    ),
)

TABLES = (HANDLES, CREATORS)
"""In the order of the data dictionary."""
