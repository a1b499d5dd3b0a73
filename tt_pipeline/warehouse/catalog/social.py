"""Tables of the lists of accounts: followers, following, liked, pinned and reposted videos, playlists.

The tables `…_snapshots` have rows for each load. If a look continued in a second run, its rows are in two loads;
therefore views combine them into one row for each look, for analysis.
"""

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS, datasets_in
from tt_pipeline.codebook.fields import LISTED_ACCOUNT, PLAYLIST, Stored
from tt_pipeline.query import spoken
from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    IDENTIFYING,
    LOAD_ID,
    OBSERVED_AT,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID,
)
from tt_pipeline.warehouse.catalog.field_columns import column_of, columns_of
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_OWNER = Column("username", VARCHAR, "Handle of the account whose list it is", privacy=IDENTIFYING)
_SEEN_IN = Column("seen_in", VARCHAR, "The list that contains it: followers (of followed) or following (of follower)")
_FOLLOWER = column_of(LISTED_ACCOUNT, "username", name="follower", meaning="Handle of the account that follows")
_FOLLOWED = column_of(LISTED_ACCOUNT, "username", name="followed", meaning="Handle of the account that is followed")
_VIDEO_LIST = Column("list", VARCHAR, spoken(datasets_in("core.listed_video_snapshots")))
LIST = Column("list", VARCHAR, spoken([row.dataset for row in ACCOUNT_LISTS.values() if not row.is_by_playlist]))
LOOK = Column("look", BIGINT, "The n-th time this list was asked for")
LOOKED_AT = Column("observed_at", TIMESTAMPTZ, "When the look was begun, UTC: when its first page was fetched")
_PLAYLIST_ID = column_of(PLAYLIST, "playlist_id")
_POSITION = Column("position", BIGINT, "Position in the playlist as the API returned it, from 1")
_PLAYLIST = columns_of(PLAYLIST, Stored.ATTRIBUTE, Stored.COUNT)
_WITH_ITS_LOAD = "Written with its load."

LIST_SNAPSHOTS = Table(
    schema="core",
    name="list_snapshots",
    grain="a look at a list of an account in a load",
    meaning="When each look was made and how it ended: a list can be empty, refused or not read to its end.",
    freshness=_WITH_ITS_LOAD,
    keys=("list", "username", "look", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(
        LIST,
        _OWNER,
        LOOK,
        LOAD_ID,
        Column("pages", BIGINT, "Pages of the look in this load"),
        Column("first_fetched_at", TIMESTAMPTZ, "When the first of them was fetched, UTC"),
        Column("last_fetched_at", TIMESTAMPTZ, "When the last of them was fetched, UTC"),
        Column(
            "refusal", VARCHAR, "not_found, private or refused if the API returned no list", missing="it returned one"
        ),
        Column("ends", VARCHAR, "Why no page follows; complete if it was read to its end", missing="pages follow"),
    ),
)
FOLLOW_SNAPSHOTS = Table(
    schema="core",
    name="follow_snapshots",
    grain="a follow in a look, in a load",
    meaning="The rows from which core.follows is computed. Display names are only in the landed file.",
    freshness=_WITH_ITS_LOAD,
    keys=("seen_in", "follower", "followed", "look", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_SEEN_IN, _FOLLOWER, _FOLLOWED, LOOK, OBSERVED_AT, LOAD_ID),
)
FOLLOWS = Table(
    schema="core",
    name="follows",
    grain="an account that follows another, in a look at a list that contains it",
    meaning="If both accounts are observed, a follow can be in the lists of both. The API returns only public accounts,"
    " and of large accounts only the latest 4,000 to 5,000 followers.",
    freshness="Each look is kept; marts.account_looks says which were read to their end.",
    keys=("seen_in", "follower", "followed", "look"),
    loading=Loading.VIEW,
    columns=(_FOLLOWER, _FOLLOWED, _SEEN_IN, LOOK, LOOKED_AT),
)
LISTED_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="listed_video_snapshots",
    grain="a video in a look at a list, in a load",
    meaning="The rows from which core.user_listed_videos is computed.",
    freshness=_WITH_ITS_LOAD,
    keys=("list", "username", "look", "video_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_VIDEO_LIST, _OWNER, LOOK, VIDEO_ID, OBSERVED_AT, LOAD_ID),
)
USER_LISTED_VIDEOS = Table(
    schema="core",
    name="user_listed_videos",
    grain="a video in a look at a list of an account",
    meaning="Videos that an account liked, pinned or reposted; their attributes are in core.videos.",
    freshness="Each look is kept; marts.account_looks says which were read to their end.",
    keys=("list", "username", "look", "video_id"),
    loading=Loading.VIEW,
    columns=(_OWNER, _VIDEO_LIST, VIDEO_ID, LOOK, LOOKED_AT),
)
PLAYLIST_SNAPSHOTS = Table(
    schema="core",
    name="playlist_snapshots",
    grain="a playlist in a look, in a load",
    meaning="Attributes and counts of playlists. If a load has several pages of a playlist, the last is stored.",
    freshness=_WITH_ITS_LOAD,
    keys=("playlist_id", "look", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_PLAYLIST_ID, _OWNER, LOOK, OBSERVED_AT, LOAD_ID, *_PLAYLIST),
)
PLAYLISTS = Table(
    schema="core",
    name="playlists",
    grain="a playlist, as last seen",
    meaning="core.playlist_videos can have fewer videos than item_total, because some are hidden or the list was not"
    " read to its end.",
    freshness="The last row of each playlist in core.playlist_snapshots.",
    keys=("playlist_id",),
    loading=Loading.VIEW,
    columns=(_PLAYLIST_ID, _OWNER, *_PLAYLIST, LOOK, OBSERVED_AT),
)
PLAYLIST_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="playlist_video_snapshots",
    grain="a video in a playlist, in a look and a load",
    meaning="The rows from which core.playlist_videos is computed.",
    freshness=_WITH_ITS_LOAD,
    keys=("playlist_id", "look", "video_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_PLAYLIST_ID, LOOK, VIDEO_ID, _POSITION, OBSERVED_AT, LOAD_ID),
)
PLAYLIST_VIDEOS = Table(
    schema="core",
    name="playlist_videos",
    grain="a video in a look at a playlist",
    meaning="The API returns only ids: core.videos has those that a search or another list returned.",
    freshness="Each look is kept.",
    keys=("playlist_id", "look", "video_id"),
    loading=Loading.VIEW,
    columns=(_PLAYLIST_ID, VIDEO_ID, _POSITION, LOOK, LOOKED_AT),
)

TABLES = (
    FOLLOWS,
    USER_LISTED_VIDEOS,
    PLAYLISTS,
    PLAYLIST_VIDEOS,
    LIST_SNAPSHOTS,
    FOLLOW_SNAPSHOTS,
    LISTED_VIDEO_SNAPSHOTS,
    PLAYLIST_SNAPSHOTS,
    PLAYLIST_VIDEO_SNAPSHOTS,
)
"""In the order of the data dictionary."""
