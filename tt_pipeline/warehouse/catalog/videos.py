"""Tables of videos: what does not change, what was counted, which search found them, what they carry."""

from tt_pipeline.codebook.fields import VIDEO, Stored, WireType, field_of
from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    CREATED_DATE,
    FINGERPRINT,
    LOAD_ID,
    OBSERVED_AT,
    SEARCH,
    VIDEO_ID,
    first_seen,
)
from tt_pipeline.warehouse.catalog.field_columns import column_of, columns_of, item_column
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_ATTRIBUTES = columns_of(VIDEO, Stored.ATTRIBUTE, followed_by={"created_at": CREATED_DATE})
_UNCOMPARED = {"create_time", *(field.name for field in VIDEO if field.type is WireType.JSON)}

VIDEOS = Table(
    schema="core",
    name="videos",
    grain="a video",
    meaning="For reading take marts.videos, which has counts, searches and hashtags beside it."
    " As first observed; later edits stand in core.video_versions, counts in core.video_snapshots."
    " Searches come before accounts' lists, which give no voice_to_text, playlist_id or effects.",
    freshness="Written when first seen; an earlier observation loaded later takes its place.",
    keys=("video_id",),
    loading=Loading.FIRST_SEEN,
    columns=(VIDEO_ID, *_ATTRIBUTES, *first_seen()),
)
VIDEO_VERSIONS = Table(
    schema="core",
    name="video_versions",
    grain="a video and a set of attributes other than those of core.videos",
    meaning="The video was edited. Labels and tags alone make no version: their key order is random.",
    freshness="Written when first seen.",
    keys=("video_id", *(column.name for column in _ATTRIBUTES if column.source not in _UNCOMPARED)),
    loading=Loading.DERIVED,
    columns=(VIDEO_ID, *_ATTRIBUTES, *first_seen()),
)
VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="video_snapshots",
    grain="a video in a load: its counts when that page was fetched",
    meaning="Archive counts, up to 10 days older than observed_at; they may fall. Of several in a load the last stays.",
    freshness="A row for each look that saw the video.",
    keys=("video_id", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(
        VIDEO_ID,
        OBSERVED_AT,
        LOAD_ID,
        *columns_of(VIDEO, Stored.COUNT),
    ),
)
SEARCH_HITS = Table(
    schema="core",
    name="search_hits",
    grain="a search, a version of its query and a video it found; of random samples also the draw",
    meaning="Strays (posted outside the days that were asked) are counted in ops.loads and kept out,"
    " and videos that only an account's list brought are no hits.",
    freshness="Written when first found.",
    keys=("search", "fingerprint", "video_id", "draw"),
    loading=Loading.FIRST_SEEN,
    columns=(
        SEARCH,
        FINGERPRINT,
        VIDEO_ID,
        Column(
            "matches",
            BOOLEAN,
            "The video fits the query by its own fields as first found; false where the API's filter leaked or its"
            " keywords matched roughly. Whoever wants the query to the letter takes rows where it is true",
            missing="its fields do not tell, as a keyword of a video without description",
        ),
        Column("draw", BIGINT, "Number of the random draw that brought it", missing="the search draws no sample"),
        *first_seen(),
    ),
)
VIDEO_HASHTAGS = Table(
    schema="core",
    name="video_hashtags",
    grain="a video and a hashtag it carries",
    meaning="Names are kept as typed: compare lower(hashtag_name). Their order has no meaning.",
    freshness="Written when first seen; a hashtag edited away later stays.",
    keys=("video_id", "hashtag_name"),
    loading=Loading.FIRST_SEEN,
    columns=(
        VIDEO_ID,
        column_of(VIDEO, "hashtag_names"),
        item_column(VIDEO, "hashtag_info_list", "hashtag_id", missing="the API gave the name alone"),
        *first_seen(),
    ),
)
HASHTAGS = Table(
    schema="core",
    name="hashtags",
    grain="a hashtag",
    meaning="What the API says about hashtags that videos carry.",
    freshness="Written when first seen.",
    keys=("hashtag_id",),
    loading=Loading.FIRST_SEEN,
    columns=(
        *(item_column(VIDEO, "hashtag_info_list", item.name) for item in field_of(VIDEO, "hashtag_info_list").items),
        *first_seen(),
    ),
)
VIDEO_EFFECTS = Table(
    schema="core",
    name="video_effects",
    grain="a video and an effect it uses",
    meaning="Effects by id, with the name where the API gives one.",
    freshness="Written when first seen.",
    keys=("video_id", "effect_id"),
    loading=Loading.FIRST_SEEN,
    columns=(
        VIDEO_ID,
        item_column(VIDEO, "effect_info_list", "effect_id", source="effect_ids"),
        item_column(VIDEO, "effect_info_list", "effect_name"),
        *first_seen(),
    ),
)
VIDEO_MENTIONS = Table(
    schema="core",
    name="video_mentions",
    grain="a video and an account it mentions",
    meaning="Accounts named in the description.",
    freshness="Written when first seen.",
    keys=("video_id", "username"),
    loading=Loading.FIRST_SEEN,
    columns=(
        VIDEO_ID,
        column_of(VIDEO, "video_mention_list"),
        *first_seen(),
    ),
)
VIDEO_STICKERS = Table(
    schema="core",
    name="video_stickers",
    grain="a video, a sticker and its text",
    meaning="Stickers; for text stickers the name is the text on the screen.",
    freshness="Written when first seen.",
    keys=("video_id", "sticker_id", "sticker_name"),
    loading=Loading.FIRST_SEEN,
    columns=(
        VIDEO_ID,
        *(item_column(VIDEO, "sticker_info_list", item.name) for item in field_of(VIDEO, "sticker_info_list").items),
        *first_seen(),
    ),
)

TABLES = (
    VIDEOS,
    VIDEO_VERSIONS,
    VIDEO_SNAPSHOTS,
    SEARCH_HITS,
    VIDEO_HASHTAGS,
    HASHTAGS,
    VIDEO_EFFECTS,
    VIDEO_MENTIONS,
    VIDEO_STICKERS,
)
"""In the order of the data dictionary."""
