"""The fields of a comment, one row each; `video_fields.py` says how a row is added.

Source: https://developers.tiktok.com/doc/research-api-specs-query-video-comments/ (2026)
"""

from tt_pipeline.codebook.field_model import Field, Given, Privacy, Record, Stored, WireType, count_field

COMMENT: Record = (
    Field(
        name="id",
        type=WireType.ID,
        meaning="The comment; built like a video's id",
        missing="",
        column="comment_id",
        privacy=Privacy.LINKABLE,
        stored=Stored.KEY,
        is_needed=True,
    ),
    Field(
        name="video_id",
        type=WireType.ID,
        meaning="The video it stands under",
        missing="",
        privacy=Privacy.LINKABLE,
        is_needed=True,
    ),
    Field(
        name="parent_comment_id",
        type=WireType.ID,
        meaning="What it answers: the video for a top-level comment, else a comment",
        privacy=Privacy.LINKABLE,
        is_needed=True,
    ),
    Field(
        name="create_time",
        type=WireType.SECONDS,
        meaning="When it was posted, UTC",
        column="created_at",
        is_needed=True,
    ),
    Field(
        name="text",
        type=WireType.TEXT,
        meaning="What was written; phone, mail and card numbers are starred by TikTok; may be empty",
        privacy=Privacy.CONTENT,
    ),
    count_field("like_count", "Likes"),
    count_field("reply_count", "Replies", is_needed=True),
    Field(
        name="display_name",
        type=WireType.TEXT,
        meaning="Name of the author, which comes with replies that were requested of one comment",
        privacy=Privacy.PROFILE,
        stored=Stored.NOWHERE,
        given=Given.UNREQUESTED,
    ),
)
"""A comment or reply."""
