"""Tables of what accounts show of themselves: whom they follow, who follows them, videos they point at, playlists.

What landed is kept by load (`…_snapshots`); a look that went on in a second run has rows in two loads, so the tables
for reading are views with one row a look.
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
_SEEN_IN = Column("seen_in", VARCHAR, "The list that showed it: followers (of followed) or following (of follower)")
_FOLLOWER = column_of(LISTED_ACCOUNT, "username", name="follower", meaning="Handle of the account that follows")
_FOLLOWED = column_of(LISTED_ACCOUNT, "username", name="followed", meaning="Handle of the account that is followed")
_VIDEO_LIST = Column("list", VARCHAR, spoken(datasets_in("core.listed_video_snapshots")))
LIST = Column("list", VARCHAR, spoken([row.dataset for row in ACCOUNT_LISTS.values() if not row.is_by_playlist]))
LOOK = Column("look", BIGINT, "The n-th time this list was asked for")
LOOKED_AT = Column("observed_at", TIMESTAMPTZ, "When the look was begun, UTC: when its first page was fetched")
_PLAYLIST_ID = column_of(PLAYLIST, "playlist_id")
_POSITION = Column("position", BIGINT, "Place in the playlist as the API listed it, from 1")
_PLAYLIST = columns_of(PLAYLIST, Stored.ATTRIBUTE, Stored.COUNT)
_WITH_ITS_LOAD = "Written with its load."

LIST_SNAPSHOTS = Table(
    schema="core",
    name="list_snapshots",
    grain="a look at a list of an account in a load",
    meaning="Says of each look when it was made and how it ended: a list may be empty, refused or not read to its end.",
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
        Column("refusal", VARCHAR, "not_found, private or refused where the API gave no list", missing="it gave one"),
        Column("ends", VARCHAR, "Why no page follows; complete where it was read to its end", missing="pages follow"),
    ),
)
FOLLOW_SNAPSHOTS = Table(
    schema="core",
    name="follow_snapshots",
    grain="a follow in a look, in a load",
    meaning="What core.follows is made of. Names shown above handles stay in the landed file.",
    freshness=_WITH_ITS_LOAD,
    keys=("seen_in", "follower", "followed", "look", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_SEEN_IN, _FOLLOWER, _FOLLOWED, LOOK, OBSERVED_AT, LOAD_ID),
)
FOLLOWS = Table(
    schema="core",
    name="follows",
    grain="an account that follows another, in a look at a list that shows it",
    meaning="A follow between two accounts that are both asked for may be seen in both lists."
    " Of large accounts the API reaches the latest 4,000 to 5,000 followers, and public accounts alone.",
    freshness="Each look is kept; marts.account_looks says which were read to their end.",
    keys=("seen_in", "follower", "followed", "look"),
    loading=Loading.VIEW,
    columns=(_FOLLOWER, _FOLLOWED, _SEEN_IN, LOOK, LOOKED_AT),
)
LISTED_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="listed_video_snapshots",
    grain="a video in a look at a list, in a load",
    meaning="What core.user_listed_videos is made of.",
    freshness=_WITH_ITS_LOAD,
    keys=("list", "username", "look", "video_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_VIDEO_LIST, _OWNER, LOOK, VIDEO_ID, OBSERVED_AT, LOAD_ID),
)
USER_LISTED_VIDEOS = Table(
    schema="core",
    name="user_listed_videos",
    grain="a video in a look at a list of an account",
    meaning="Videos that an account liked, pinned or reposted; the videos themselves stand in core.videos.",
    freshness="Each look is kept; marts.account_looks says which were read to their end.",
    keys=("list", "username", "look", "video_id"),
    loading=Loading.VIEW,
    columns=(_OWNER, _VIDEO_LIST, VIDEO_ID, LOOK, LOOKED_AT),
)
PLAYLIST_SNAPSHOTS = Table(
    schema="core",
    name="playlist_snapshots",
    grain="a playlist in a look, in a load",
    meaning="What playlists said of themselves. Of several pages in a load the last stays.",
    freshness=_WITH_ITS_LOAD,
    keys=("playlist_id", "look", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_PLAYLIST_ID, _OWNER, LOOK, OBSERVED_AT, LOAD_ID, *_PLAYLIST),
)
PLAYLISTS = Table(
    schema="core",
    name="playlists",
    grain="a playlist, as last seen",
    meaning="core.playlist_videos may hold fewer than item_total: hidden ones, or a list not read to its end.",
    freshness="The last row of each playlist in core.playlist_snapshots.",
    keys=("playlist_id",),
    loading=Loading.VIEW,
    columns=(_PLAYLIST_ID, _OWNER, *_PLAYLIST, LOOK, OBSERVED_AT),
)
PLAYLIST_VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="playlist_video_snapshots",
    grain="a video in a playlist, in a look and a load",
    meaning="What core.playlist_videos is made of.",
    freshness=_WITH_ITS_LOAD,
    keys=("playlist_id", "look", "video_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(_PLAYLIST_ID, LOOK, VIDEO_ID, _POSITION, OBSERVED_AT, LOAD_ID),
)
PLAYLIST_VIDEOS = Table(
    schema="core",
    name="playlist_videos",
    grain="a video in a look at a playlist",
    meaning="The API gives ids alone: core.videos holds those that a search or another list brought.",
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
