"""The types in which bodies and envelopes are read: the API's own field names, with the wire's tolerance.

Ids are read as BIGINT from numbers and from text alike; counts as text, so that `shape/` can tell a count that is no
number from one that is missing. A field that is not named here is left in the landed file.
"""

import json
from collections.abc import Mapping

_VIDEO: Mapping[str, object] = {
    "id": "BIGINT",
    "video_id": "BIGINT",
    "create_time": "BIGINT",
    "username": "VARCHAR",
    "region_code": "VARCHAR",
    "video_description": "VARCHAR",
    "music_id": "BIGINT",
    "like_count": "VARCHAR",
    "comment_count": "VARCHAR",
    "share_count": "VARCHAR",
    "view_count": "VARCHAR",
    "favorites_count": "VARCHAR",
    "effect_ids": ["BIGINT"],
    "effect_info_list": [{"effect_id": "BIGINT", "effect_name": "VARCHAR"}],
    "hashtag_names": ["VARCHAR"],
    "hashtag_info_list": [{"hashtag_id": "BIGINT", "hashtag_name": "VARCHAR", "hashtag_description": "VARCHAR"}],
    "sticker_info_list": [{"sticker_id": "BIGINT", "sticker_name": "VARCHAR"}],
    "video_mention_list": ["VARCHAR"],
    "video_label": "JSON",
    "video_tag": "JSON",
    "playlist_id": "BIGINT",
    "voice_to_text": "VARCHAR",
    "is_stem_verified": "BOOLEAN",
    "video_duration": "BIGINT",
}
_COMMENT: Mapping[str, object] = {
    "id": "BIGINT",
    "video_id": "BIGINT",
    "parent_comment_id": "BIGINT",
    "create_time": "BIGINT",
    "text": "VARCHAR",
    "like_count": "VARCHAR",
    "reply_count": "VARCHAR",
}
_PROFILE: Mapping[str, object] = {
    "username": "VARCHAR",
    "display_name": "VARCHAR",
    "bio_description": "VARCHAR",
    "bio_url": "VARCHAR",
    "avatar_url": "VARCHAR",
    "is_verified": "BOOLEAN",
    "follower_count": "VARCHAR",
    "following_count": "VARCHAR",
    "likes_count": "VARCHAR",
    "video_count": "VARCHAR",
}

BODY = json.dumps({"data": {"videos": [_VIDEO], "comments": [_COMMENT], **_PROFILE}})
"""The structure of every body at once: a page holds one of the lists, or a profile laid flat."""

ENVELOPE = str(
    {
        "dataset": "VARCHAR",
        "search": "VARCHAR",
        "fingerprint": "VARCHAR",
        "look": "BIGINT",
        "window_from": "DATE",
        "window_to": "DATE",
        "subject": "VARCHAR",
        "fetched_at": "TIMESTAMPTZ",
        "log_id": "VARCHAR",
        "cursor": "BIGINT",
        "records": "BIGINT",
        "refusal": "VARCHAR",
        "sha256": "VARCHAR",
        "redacted": "BIGINT",
        "body": "VARCHAR",
    }
)
"""The columns of a landed line that the warehouse needs, as DuckDB's `read_json` takes them."""
