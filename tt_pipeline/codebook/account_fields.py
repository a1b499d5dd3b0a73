"""The fields of a profile, of an account in a list and of a playlist, one row each; see `video_fields.py`.

Source: https://developers.tiktok.com/doc/research-api-specs-query-user-info/ and its neighbours (2026)
"""

from dataclasses import replace

from tt_pipeline.codebook.field_model import Field, Given, Privacy, Record, Stored, WireType, count_field

PROFILE: Record = (
    Field(
        name="username",
        type=WireType.TEXT,
        meaning="Handle without @; handles change, and the API gives no stable id of an account",
        missing="",
        privacy=Privacy.IDENTIFYING,
        stored=Stored.BY_HAND,
        given=Given.UNREQUESTED,
    ),
    Field(
        name="display_name",
        type=WireType.TEXT,
        meaning="Name shown above the handle",
        privacy=Privacy.PROFILE,
    ),
    Field(
        name="bio_description",
        type=WireType.TEXT,
        meaning="What the account says about itself; empty text if it says nothing",
        privacy=Privacy.PROFILE,
    ),
    Field(
        name="bio_url",
        type=WireType.TEXT,
        meaning="Link in the profile",
        missing="none set",
        privacy=Privacy.PROFILE,
        since="2024-11",
    ),
    Field(
        name="avatar_url",
        type=WireType.TEXT,
        meaning="Signed link to the picture; it expires",
        privacy=Privacy.PROFILE,
    ),
    Field(name="is_verified", type=WireType.BOOLEAN, meaning="Has the blue badge"),
    count_field("follower_count", "Followers"),
    count_field("following_count", "Accounts it follows"),
    count_field("likes_count", "Likes of all its videos; passes 2^31"),
    count_field("video_count", "Videos it posted; live, so it differs from what searches found"),
)
"""An account's answer about itself; it does not repeat the username, so the request says whose it is."""

LISTED_ACCOUNT: Record = (
    Field(
        name="username",
        type=WireType.TEXT,
        meaning="Handle of the account that follows or is followed",
        missing="",
        privacy=Privacy.IDENTIFYING,
        stored=Stored.BY_HAND,
        given=Given.UNREQUESTED,
    ),
    Field(
        name="display_name",
        type=WireType.TEXT,
        meaning="Name shown above the handle",
        privacy=Privacy.PROFILE,
        stored=Stored.NOWHERE,
        given=Given.UNREQUESTED,
    ),
)
"""An account in a list of followers or of followed accounts."""

_PLAYLIST: Record = (
    Field(
        name="playlist_id",
        type=WireType.ID,
        meaning="The playlist",
        missing="",
        privacy=Privacy.LINKABLE,
        stored=Stored.BY_HAND,
    ),
    Field(
        name="playlist_name",
        type=WireType.TEXT,
        meaning="Name of the playlist",
        column="name",
        privacy=Privacy.CONTENT,
    ),
    count_field("playlist_item_total", "Videos in it by its own count, hidden ones too", column="item_total"),
    Field(
        name="playlist_last_updated",
        type=WireType.SECONDS,
        meaning="When it was last changed, UTC",
        column="last_updated_at",
    ),
    Field(
        name="playlist_video_ids",
        type=WireType.IDS,
        meaning="Videos in it, in their order",
        missing="",
        privacy=Privacy.LINKABLE,
        stored=Stored.BY_HAND,
    ),
)

PLAYLIST: Record = tuple(replace(field, given=Given.UNREQUESTED) for field in _PLAYLIST)
"""A page of a playlist; the endpoint takes no `fields`."""
