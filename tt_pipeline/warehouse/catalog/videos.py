"""Tables of videos: what does not change, what was counted, which search found them, what they carry."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    CONTENT,
    DATE,
    FINGERPRINT,
    IDENTIFYING,
    LOAD_ID,
    NOT_GIVEN,
    OBSERVED_AT,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    VIDEO_ID,
    count,
    first_seen,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_ATTRIBUTES = (
    Column(
        "username",
        VARCHAR,
        "Handle of the creator when seen",
        missing=NOT_GIVEN,
        source="username",
        privacy=IDENTIFYING,
    ),
    Column(
        "region_code",
        VARCHAR,
        "Country in which the account was registered, two letters; unknown codes are kept",
        missing=NOT_GIVEN,
        source="region_code",
    ),
    Column("created_at", TIMESTAMPTZ, "When it was posted, UTC", missing=NOT_GIVEN, source="create_time"),
    Column(
        "created_date",
        DATE,
        "UTC day of created_at; of the id's second where created_at is missing",
        missing="the id tells no time either",
        source="create_time",
    ),
    Column(
        "description",
        VARCHAR,
        "Text the creator wrote, with hashtags and mentions",
        missing=NOT_GIVEN,
        source="video_description",
        privacy=CONTENT,
    ),
    Column("music_id", BIGINT, "The sound used", missing=NOT_GIVEN, source="music_id"),
    Column("duration_s", BIGINT, "Length in seconds", missing=NOT_GIVEN, source="video_duration"),
    Column(
        "voice_to_text",
        VARCHAR,
        "Transcript made by TikTok; 10 to 20 % of videos have one",
        missing=NOT_GIVEN,
        source="voice_to_text",
        privacy=CONTENT,
    ),
    Column(
        "is_stem_verified",
        BOOLEAN,
        "TikTok verified it as science, technology, engineering or mathematics",
        missing=NOT_GIVEN,
        source="is_stem_verified",
    ),
    Column(
        "video_label",
        VARCHAR,
        "Notice TikTok shows with it, as JSON text; its content is not documented",
        missing="no label given",
        source="video_label",
    ),
    Column(
        "video_tag",
        VARCHAR,
        "AI and advertising tag as JSON text, as given: the numbers mean different things on different endpoints",
        missing="no tag given",
        source="video_tag",
    ),
    Column("playlist_id", BIGINT, "Playlist it belongs to", missing="none given", source="playlist_id"),
)

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
    keys=(
        "video_id",
        "username",
        "region_code",
        "description",
        "music_id",
        "duration_s",
        "voice_to_text",
        "is_stem_verified",
        "playlist_id",
    ),
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
        count("like_count", "Likes"),
        count("comment_count", "Comments, hidden ones too"),
        count("share_count", "Shares"),
        count("view_count", "Views; wrong by orders of magnitude before July 2024"),
        count("favorites_count", "Times it was saved as a favourite"),
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
        Column("hashtag_name", VARCHAR, "Name without #, as typed", source="hashtag_names", privacy=CONTENT),
        Column(
            "hashtag_id",
            BIGINT,
            "The hashtag",
            missing="the API gave the name alone",
            source="hashtag_info_list.hashtag_id",
        ),
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
        Column("hashtag_id", BIGINT, "The hashtag", source="hashtag_info_list.hashtag_id"),
        Column(
            "hashtag_name",
            VARCHAR,
            "Name without #, as first seen",
            missing=NOT_GIVEN,
            source="hashtag_info_list.hashtag_name",
        ),
        Column(
            "description",
            VARCHAR,
            "What TikTok says about it",
            missing=NOT_GIVEN,
            source="hashtag_info_list.hashtag_description",
        ),
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
        Column("effect_id", BIGINT, "The effect; 0 is what the API's own sample shows", source="effect_ids"),
        Column(
            "effect_name",
            VARCHAR,
            "Its name",
            missing="the API gave the id alone",
            source="effect_info_list.effect_name",
        ),
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
        Column(
            "username",
            VARCHAR,
            "Handle of the mentioned account without @",
            source="video_mention_list",
            privacy=IDENTIFYING,
        ),
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
        Column(
            "sticker_id",
            BIGINT,
            "The sticker; text stickers often have 0",
            missing=NOT_GIVEN,
            source="sticker_info_list.sticker_id",
        ),
        Column(
            "sticker_name",
            VARCHAR,
            "Its name, or the text on the screen",
            missing=NOT_GIVEN,
            source="sticker_info_list.sticker_name",
            privacy=CONTENT,
        ),
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
