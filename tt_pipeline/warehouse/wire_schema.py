"""The types in which bodies and envelopes are read: the API's own field names, with the wire's tolerance.

Numbers are read from numbers and from text alike. What is not of its type DuckDB would drop or round without a word:
`misfits.py` finds it before. The id of a record is read as text, which rounds nothing. A field that is not named here
is left in the landed file.
"""

import json
from collections.abc import Mapping
from typing import Final

from tt_pipeline.vocabulary import Dataset

_VIDEO: Mapping[str, object] = {
    "id": "VARCHAR",
    "video_id": "BIGINT",
    "create_time": "BIGINT",
    "username": "VARCHAR",
    "region_code": "VARCHAR",
    "video_description": "VARCHAR",
    "music_id": "BIGINT",
    "like_count": "BIGINT",
    "comment_count": "BIGINT",
    "share_count": "BIGINT",
    "view_count": "BIGINT",
    "favorites_count": "BIGINT",
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
    "id": "VARCHAR",
    "video_id": "BIGINT",
    "parent_comment_id": "BIGINT",
    "create_time": "BIGINT",
    "text": "VARCHAR",
    "like_count": "BIGINT",
    "reply_count": "BIGINT",
}
_PROFILE: Mapping[str, object] = {
    "username": "VARCHAR",
    "display_name": "VARCHAR",
    "bio_description": "VARCHAR",
    "bio_url": "VARCHAR",
    "avatar_url": "VARCHAR",
    "is_verified": "BOOLEAN",
    "follower_count": "BIGINT",
    "following_count": "BIGINT",
    "likes_count": "BIGINT",
    "video_count": "BIGINT",
}

_ACCOUNT: Mapping[str, object] = {"username": "VARCHAR"}
_PLAYLIST: Mapping[str, object] = {
    "playlist_id": "BIGINT",
    "playlist_name": "VARCHAR",
    "playlist_item_total": "BIGINT",
    "playlist_last_updated": "BIGINT",
}

LISTS: Final[Mapping[Dataset, tuple[str, ...]]] = {
    Dataset.VIDEOS: ("videos",),
    Dataset.COMMENTS: ("comments",),
    Dataset.REPLIES: ("comments",),
    Dataset.FOLLOWERS: ("user_followers",),
    Dataset.FOLLOWING: ("user_following", "user_followers"),
    Dataset.LIKED: ("user_liked_videos", "videos"),
    Dataset.PINNED: ("pinned_videos_list", "videos"),
    Dataset.REPOSTED: ("reposted_videos", "user_reposted_videos", "videos"),
    Dataset.PLAYLISTS: ("playlist_video_ids",),
}
"""Where the records of a page stand, the first that is there; documents and servers differ. A profile has no list."""

_RECORDS: Mapping[Dataset, object] = {
    **dict.fromkeys((Dataset.VIDEOS, Dataset.LIKED, Dataset.PINNED, Dataset.REPOSTED), _VIDEO),
    **dict.fromkeys((Dataset.COMMENTS, Dataset.REPLIES), _COMMENT),
    **dict.fromkeys((Dataset.FOLLOWERS, Dataset.FOLLOWING), _ACCOUNT),
    Dataset.PLAYLISTS: "BIGINT",
}
_NAMED_LISTS = {name: [_RECORDS[dataset]] for dataset, names in LISTS.items() for name in names}

STRUCTURE: Final[Mapping[str, object]] = {"data": _NAMED_LISTS | {**_PROFILE, **_PLAYLIST}}
"""Of every body at once: a page holds one of the lists, or a profile laid flat."""

BODY = json.dumps(STRUCTURE)
"""The same as DuckDB's `from_json` takes it."""

ENVELOPE = str(
    {
        "dataset": "VARCHAR",
        "search": "VARCHAR",
        "fingerprint": "VARCHAR",
        "look": "BIGINT",
        "window_from": "DATE",
        "window_to": "DATE",
        "subject": "VARCHAR",
        "request": "STRUCT(query JSON, is_random BOOLEAN, comment_id BIGINT, playlist_id BIGINT, cursor BIGINT)",
        "fetched_at": "TIMESTAMPTZ",
        "log_id": "VARCHAR",
        "cursor": "BIGINT",
        "records": "BIGINT",
        "refusal": "VARCHAR",
        "ends": "VARCHAR",
        "sha256": "VARCHAR",
        "redacted": "BIGINT",
        "body": "VARCHAR",
    }
)
"""The columns of a landed line that the warehouse needs, as DuckDB's `read_json` takes them."""
