"""The fields of a video, one row each.

A new field of TikTok's is added here as a row and nowhere else. It is then requested, served by the simulator, parsed,
checked for values of another type, stored in a column and described.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/ (2026)
"""

from typing import Final

from tt_pipeline.codebook.field_model import Field, Given, Privacy, Record, Stored, WireType, count_field

_HASHTAG: Final = (
    Field(name="hashtag_id", type=WireType.ID, meaning="The hashtag", missing=""),
    Field(
        name="hashtag_name",
        type=WireType.TEXT,
        meaning="Name without #, as first seen",
        privacy=Privacy.CONTENT,
    ),
    Field(
        name="hashtag_description",
        type=WireType.TEXT,
        meaning="What TikTok says about it",
        column="description",
        privacy=Privacy.CONTENT,
    ),
)
_EFFECT: Final = (
    Field(name="effect_id", type=WireType.ID, meaning="The effect; 0 is what the API's own sample shows", missing=""),
    Field(
        name="effect_name",
        type=WireType.TEXT,
        meaning="Its name",
        missing="the API gave the id alone",
        privacy=Privacy.CONTENT,
    ),
)
_STICKER: Final = (
    Field(name="sticker_id", type=WireType.ID, meaning="The sticker; text stickers often have 0"),
    Field(
        name="sticker_name",
        type=WireType.TEXT,
        meaning="Its name, or the text on the screen",
        privacy=Privacy.CONTENT,
    ),
)

VIDEO: Record = (
    Field(
        name="id",
        type=WireType.ID,
        meaning="The video; its high 32 bits are the Unix second of the upload; passes 2^53, so never a float",
        missing="",
        column="video_id",
        privacy=Privacy.LINKABLE,
        stored=Stored.KEY,
        is_needed=True,
    ),
    Field(
        name="video_id",
        type=WireType.ID,
        meaning="Another name of id, seen in older answers and in a sample of the documentation",
        privacy=Privacy.LINKABLE,
        stored=Stored.BY_HAND,
        given=Given.UNREQUESTED,
        in_lists=Given.UNREQUESTED,
    ),
    Field(
        name="username",
        type=WireType.TEXT,
        meaning="Handle of the creator when seen",
        privacy=Privacy.IDENTIFYING,
        is_needed=True,
    ),
    Field(
        name="region_code",
        type=WireType.TEXT,
        meaning="Country in which the account was registered, two letters; unknown codes are kept",
    ),
    Field(
        name="create_time",
        type=WireType.SECONDS,
        meaning="When it was posted, UTC",
        column="created_at",
        is_needed=True,
    ),
    Field(
        name="video_description",
        type=WireType.TEXT,
        meaning="Text the creator wrote, with hashtags and mentions",
        column="description",
        privacy=Privacy.CONTENT,
    ),
    # The page of an original sound names who made it.
    Field(name="music_id", type=WireType.ID, meaning="The sound used", privacy=Privacy.LINKABLE),
    Field(name="video_duration", type=WireType.INTEGER, meaning="Length in seconds", column="duration_s"),
    Field(
        name="voice_to_text",
        type=WireType.TEXT,
        meaning="Transcript made by TikTok; 10 to 20 % of videos have one",
        privacy=Privacy.CONTENT,
        in_lists=Given.NEVER,
    ),
    Field(
        name="is_stem_verified",
        type=WireType.BOOLEAN,
        meaning="TikTok verified it as science, technology, engineering or mathematics",
    ),
    Field(
        name="video_label",
        type=WireType.JSON,
        meaning="Notice TikTok shows with it, as JSON text; its content is not documented",
        missing="no label given",
    ),
    Field(
        name="video_tag",
        type=WireType.JSON,
        meaning="AI and advertising tag as JSON text, as given: the numbers mean different things on different"
        " endpoints",
        missing="no tag given",
    ),
    Field(
        name="playlist_id",
        type=WireType.ID,
        meaning="Playlist it belongs to",
        missing="none given",
        privacy=Privacy.LINKABLE,
        in_lists=Given.NEVER,
    ),
    count_field("like_count", "Likes"),
    count_field("comment_count", "Comments, hidden ones too", is_needed=True),
    count_field("share_count", "Shares"),
    count_field("view_count", "Views; wrong by orders of magnitude before July 2024"),
    # Lists document the field in two spellings and answer in neither.
    count_field("favorites_count", "Times it was saved as a favourite", in_lists=Given.UNREQUESTED),
    Field(
        name="favourites_count",
        type=WireType.INTEGER,
        meaning="Another spelling of favorites_count, in documents of 2024 and of lists",
        stored=Stored.NOWHERE,
        given=Given.UNREQUESTED,
        in_lists=Given.UNREQUESTED,
    ),
    Field(
        name="effect_ids",
        type=WireType.IDS,
        meaning="Effects it uses",
        stored=Stored.BY_HAND,
        in_lists=Given.NEVER,
    ),
    Field(
        name="effect_info_list",
        type=WireType.OBJECTS,
        meaning="Effects it uses, with their names",
        stored=Stored.BY_HAND,
        items=_EFFECT,
    ),
    Field(
        name="hashtag_names",
        type=WireType.TEXTS,
        meaning="Name without #, as typed",
        missing="",
        column="hashtag_name",
        privacy=Privacy.CONTENT,
        stored=Stored.BY_HAND,
    ),
    Field(
        name="hashtag_info_list",
        type=WireType.OBJECTS,
        meaning="Hashtags it carries, with their ids and descriptions",
        stored=Stored.BY_HAND,
        items=_HASHTAG,
    ),
    Field(
        name="sticker_info_list",
        type=WireType.OBJECTS,
        meaning="Stickers on it",
        stored=Stored.BY_HAND,
        items=_STICKER,
    ),
    Field(
        name="video_mention_list",
        type=WireType.TEXTS,
        meaning="Handle of the mentioned account without @",
        missing="",
        column="username",
        privacy=Privacy.IDENTIFYING,
        stored=Stored.BY_HAND,
    ),
)
"""A video, as searches give it; `in_lists` says what lists of accounts give."""
