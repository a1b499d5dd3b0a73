"""Importing this module first adds fields that TikTok does not have to the codebook."""

from tt_pipeline.codebook import account_fields, comment_fields, video_fields
from tt_pipeline.codebook.field_model import Field, Privacy, WireType, count_field

video_fields.VIDEO += (
    Field(name="ad_length", type=WireType.INTEGER, meaning="Length of the advertisement in seconds"),
    Field(name="fromtheatre", type=WireType.BOOLEAN, meaning="It is from a theatre", column="is_from_theatre"),
    Field(name="mood", type=WireType.TEXT, meaning="Mood that the creator chose", privacy=Privacy.CONTENT),
    count_field("save_count", "Times it was saved"),
)
comment_fields.COMMENT += (Field(name="is_pinned", type=WireType.BOOLEAN, meaning="Pinned by the creator"),)
account_fields.PROFILE += (count_field("friend_count", "Accounts that follow it and that it follows"),)
