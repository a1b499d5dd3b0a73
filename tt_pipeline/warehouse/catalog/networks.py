"""Views of networks: videos with the same hashtags, sounds and effects, and follows and reposts of accounts."""

from tt_pipeline.warehouse.catalog.common import (
    BIGINT,
    BOOLEAN,
    CONTENT,
    DOUBLE,
    FINGERPRINT,
    FIRST_DATE,
    IDENTIFYING,
    IS_CURRENT,
    LAST_DATE,
    LINKABLE,
    ONLY_MATCHING,
    SEARCH,
    TIMESTAMPTZ,
    VARCHAR,
    count,
)
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table
from tt_pipeline.warehouse.catalog.social import FOLLOWS

_IN_STUDY = f"Counts only videos that the searches found, not all of TikTok. {ONLY_MATCHING}"
_AS_VIDEOS = "Follows core.videos."
_VIEWS = count("view_count", "Sum of their latest views", source="view_count")
HASHTAG_PAIRS = Table(
    schema="marts",
    name="hashtag_pairs",
    grain="a search, a version of its query, and two hashtags, in lower case, that at least five of its videos have",
    meaning=f"The edges of the network of hashtags of each search; all numbers are of its videos. {ONLY_MATCHING}",
    freshness="Follows core.video_hashtags; a hashtag stays if it is later removed from the video.",
    keys=("search", "fingerprint", "hashtag", "other_hashtag"),
    loading=Loading.PUBLISHED,
    recomputed_by=("search", "fingerprint"),
    only_matching=True,
    columns=(
        SEARCH,
        FINGERPRINT,
        IS_CURRENT,
        Column("hashtag", VARCHAR, "Name without #, in lower case; alphabetically before the other", privacy=CONTENT),
        Column("other_hashtag", VARCHAR, "Name without #, in lower case", privacy=CONTENT),
        Column("videos", BIGINT, "Different videos with both"),
        Column("hashtag_videos", BIGINT, "Different videos with the first"),
        Column("other_videos", BIGINT, "Different videos with the other"),
        Column(
            "search_videos", BIGINT, "Different videos that the search found, without those that do not fit its query"
        ),
        Column("lift", DOUBLE, "How many times more often they occur together than by chance; 1 means by chance"),
        Column("npmi", DOUBLE, "The same from -1 (never together) over 0 (by chance) to 1 (never apart)"),
        Column(
            "log_likelihood",
            DOUBLE,
            "Dunning's G2; 10.8 or more is rarer than one in a thousand by chance. It is as high for two hashtags that"
            " avoid each other: select lift > 1",
        ),
        Column(
            "is_requested",
            BOOLEAN,
            "The query requests one of the two hashtags, or one of them contains a keyword of the query (without"
            " spaces). It is on more of the search's videos than elsewhere, so the lift says little",
        ),
    ),
)
MUSIC = Table(
    schema="marts",
    name="music",
    grain="a sound",
    meaning=f"How much each sound is used. {_IN_STUDY}",
    freshness=_AS_VIDEOS,
    keys=("music_id",),
    loading=Loading.VIEW,
    only_matching=True,
    columns=(
        Column("music_id", VARCHAR, "The sound, as text", source="music_id", privacy=LINKABLE),
        Column("videos", BIGINT, "Different videos that use it"),
        Column("creators", BIGINT, "Different creators among them"),
        FIRST_DATE,
        LAST_DATE,
        _VIEWS,
    ),
)
EFFECTS = Table(
    schema="marts",
    name="effects",
    grain="an effect",
    meaning=f"How much each effect is used. {_IN_STUDY}",
    freshness="Follows core.video_effects; the API leaves effects out of most videos.",
    keys=("effect_id",),
    loading=Loading.VIEW,
    only_matching=True,
    columns=(
        Column("effect_id", VARCHAR, "The effect, as text", source="effect_ids"),
        Column(
            "effect_name",
            VARCHAR,
            "Its name as first seen",
            missing="the API returned only the id",
            privacy=CONTENT,
        ),
        Column("videos", BIGINT, "Different videos that use it"),
        Column("creators", BIGINT, "Different creators among them"),
        FIRST_DATE,
        LAST_DATE,
        _VIEWS,
    ),
)
REPOST_EDGES = Table(
    schema="marts",
    name="repost_edges",
    grain="an observed account that reposts, and a creator whose videos it reposts",
    meaning="The edges of the network of reposts.",
    freshness="Follows core.user_listed_videos, all looks together.",
    keys=("reposter", "creator"),
    loading=Loading.VIEW,
    columns=(
        Column("reposter", VARCHAR, "Handle of the account that reposts", privacy=IDENTIFYING),
        Column("creator", VARCHAR, "Handle of the account that posted the videos", privacy=IDENTIFYING),
        Column("videos", BIGINT, "Different videos reposted"),
        Column("first_seen_at", TIMESTAMPTZ, "When a look first returned one of them, UTC"),
        Column("last_seen_at", TIMESTAMPTZ, "When a look last returned one of them, UTC"),
    ),
)
FOLLOW_EDGES = Table(
    schema="marts",
    name="follow_edges",
    grain="an account that follows another, in any list and look",
    meaning="The edges of the network of follows.",
    freshness="Follows core.follows.",
    keys=("follower", "followed"),
    loading=Loading.VIEW,
    columns=(
        *(column for column in FOLLOWS.columns if column.name in {"follower", "followed"}),
        Column("seen_in", VARCHAR, "Lists that contain it: followers (of followed), following (of follower), or both"),
        Column(
            "is_current", BOOLEAN, "The last complete look at one of these lists, or a later one, still contained it"
        ),
        Column(
            "is_mutual",
            BOOLEAN,
            "The opposite follow was seen too; if its lists were not collected, false means little",
        ),
        Column("first_seen_at", TIMESTAMPTZ, "When a look first returned it, UTC"),
        Column("last_seen_at", TIMESTAMPTZ, "When a look last returned it, UTC"),
    ),
)

TABLES = (HASHTAG_PAIRS, MUSIC, EFFECTS, REPOST_EDGES, FOLLOW_EDGES)
"""In the order of the data dictionary."""
