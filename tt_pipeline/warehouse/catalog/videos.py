"""Tables of videos: attributes, counts, the searches that found them, hashtags, effects, mentions and stickers."""

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
    meaning="For analysis use marts.videos, which adds counts, searches and hashtags."
    " Attributes as first observed; later edits are in core.video_versions, counts in core.video_snapshots."
    " If a search and a list of an account returned the video, the row is from the search, because lists return no"
    " voice_to_text, playlist_id or effects.",
    freshness="Written when first seen; replaced if an earlier observation is loaded later.",
    keys=("video_id",),
    loading=Loading.FIRST_SEEN,
    columns=(VIDEO_ID, *_ATTRIBUTES, *first_seen()),
)
VIDEO_VERSIONS = Table(
    schema="core",
    name="video_versions",
    grain="a video and a set of attributes other than those of core.videos",
    meaning="A later state of a video that was edited. A change of labels or tags alone is not a version, because the"
    " order of their keys is random.",
    freshness="Written when first seen.",
    keys=("video_id", *(column.name for column in _ATTRIBUTES if column.source not in _UNCOMPARED)),
    loading=Loading.DERIVED,
    columns=(VIDEO_ID, *_ATTRIBUTES, *first_seen()),
)
VIDEO_SNAPSHOTS = Table(
    schema="core",
    name="video_snapshots",
    grain="a video in a load: its counts when that page was fetched",
    meaning="Archive counts, up to 10 days older than observed_at; they can fall. If a load has a video several times,"
    " the last counts are stored.",
    freshness="A row for each load that contains the video.",
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
    meaning="Without strays (videos posted outside the requested days), which ops.loads counts, and without videos that"
    " only a list of an account returned.",
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
            "The video's own fields, as first found, meet the query; false if the API returned it although they do not."
            " To apply the query exactly, select the rows in which it is true",
            missing="its fields do not show it, for example a keyword for a video without description",
        ),
        Column("draw", BIGINT, "Number of the random draw that returned it", missing="the search draws no sample"),
        *first_seen(),
    ),
)
VIDEO_HASHTAGS = Table(
    schema="core",
    name="video_hashtags",
    grain="a video and one of its hashtags",
    meaning="Names as typed: compare lower(hashtag_name). Their order has no meaning.",
    freshness="Written when first seen; a hashtag stays if it is later removed from the video.",
    keys=("video_id", "hashtag_name"),
    loading=Loading.FIRST_SEEN,
    columns=(
        VIDEO_ID,
        column_of(VIDEO, "hashtag_names"),
        item_column(VIDEO, "hashtag_info_list", "hashtag_id", missing="the API returned only the name"),
        *first_seen(),
    ),
)
HASHTAGS = Table(
    schema="core",
    name="hashtags",
    grain="a hashtag",
    meaning="Id, name and description of the hashtags of the found videos.",
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
    meaning="Effects by id, with the name if the API returns one.",
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
    meaning="For text stickers the name is the text on the screen.",
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
