"""The endpoints of the Research API as data: where each is, what it costs, what it takes and what it gives.

Here belongs what the documentation says of an endpoint. How an answer is judged is `protocol.py`, what is asked next
`paging.py`. TikTok Shop is not ours.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tt_pipeline.vocabulary import COMMENT_FIELDS, USER_FIELDS, VIDEO_FIELDS, Bucket

BASE_URL: Final = "https://open.tiktokapis.com"
TOKEN_PATH: Final = "/v2/oauth/token/"  # noqa: S105 — a path
PAGE_SIZE: Final = 100
"""The most that one request may ask for; it costs as much as asking for one."""

DAILY_REQUESTS: Final = MappingProxyType({Bucket.MAIN: 1_000, Bucket.SOCIAL: 20_000})
"""Requests of a UTC day. Source: https://developers.tiktok.com/doc/research-api-faq/ (2026)."""

USER_VIDEO_FIELDS: Final = tuple(
    # The favourites are documented in two spellings here and answer in neither; three fields do not exist here.
    field
    for field in VIDEO_FIELDS
    if field not in {"favorites_count", "effect_ids", "playlist_id", "voice_to_text"}
)
"""What can be asked of a liked, pinned or reposted video."""


class CursorKind(StrEnum):
    """What the number means that leads to the next page."""

    INDEX = "index"
    """Position in the result, hidden entries counted: it rises."""
    FALLING = "falling"
    """Unix seconds, "at or before": it falls."""
    OPAQUE = "opaque"
    """Documents disagree: echo it, and see that it changes."""
    NONE = "none"
    """There is one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing that can be asked.

    Attributes:
        list_keys: Where the records stand in `data`, the first that is there; () when `data` itself is the record.
        fields: What may be asked for; () when the endpoint takes no `fields`.
        also_seen: Keys of a record that come although nobody can ask for them.
        judged_by_body: Answers HTTP 500 with a good body.
        is_about_someone: Its subject, an account or a video, may be gone, private or refused; that is a result.
        is_text: Answers with ids, one a line, instead of JSON.
        source: TikTok's page about it (2026).
    """

    name: str
    path: str
    bucket: Bucket = Bucket.MAIN
    list_keys: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    also_seen: tuple[str, ...] = ()
    cursor: CursorKind = CursorKind.NONE
    judged_by_body: bool = False
    is_about_someone: bool = False
    is_text: bool = False
    source: str

    @property
    def known_keys(self) -> frozenset[str]:
        """Every key of a record that somebody has described."""
        return frozenset(self.fields + self.also_seen)


VIDEO_QUERY: Final = Endpoint(
    name="video_query",
    path="/v2/research/video/query/",
    list_keys=("videos",),
    fields=VIDEO_FIELDS,
    also_seen=("video_id", "favourites_count"),
    cursor=CursorKind.INDEX,
    source="https://developers.tiktok.com/doc/research-api-specs-query-videos/",
)
COMMENT_LIST: Final = Endpoint(
    name="comment_list",
    path="/v2/research/video/comment/list/",
    list_keys=("comments",),
    fields=COMMENT_FIELDS,
    also_seen=("display_name",),
    cursor=CursorKind.INDEX,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-video-comments/",
)
USER_INFO: Final = Endpoint(
    name="user_info",
    path="/v2/research/user/info/",
    fields=USER_FIELDS,
    also_seen=("username",),
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-info/",
)
FOLLOWERS: Final = Endpoint(
    name="followers",
    path="/v2/research/user/followers/",
    bucket=Bucket.SOCIAL,
    list_keys=("user_followers",),
    also_seen=("username", "display_name"),
    cursor=CursorKind.FALLING,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-followers/",
)
FOLLOWING: Final = Endpoint(
    name="following",
    path="/v2/research/user/following/",
    bucket=Bucket.SOCIAL,
    list_keys=("user_following", "user_followers"),
    also_seen=("username", "display_name"),
    cursor=CursorKind.FALLING,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-following/",
)
_USER_VIDEO_EXTRAS = ("video_id", "favorites_count", "favourites_count")
LIKED: Final = Endpoint(
    name="liked_videos",
    path="/v2/research/user/liked_videos/",
    list_keys=("user_liked_videos", "videos"),
    fields=USER_VIDEO_FIELDS,
    also_seen=_USER_VIDEO_EXTRAS,
    cursor=CursorKind.OPAQUE,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-liked-videos/",
)
PINNED: Final = Endpoint(
    name="pinned_videos",
    path="/v2/research/user/pinned_videos/",
    list_keys=("pinned_videos_list", "videos"),
    fields=USER_VIDEO_FIELDS,
    also_seen=_USER_VIDEO_EXTRAS,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-pinned-videos/",
)
REPOSTED: Final = Endpoint(
    name="reposted_videos",
    path="/v2/research/user/reposted_videos/",
    list_keys=("reposted_videos", "user_reposted_videos", "videos"),
    fields=USER_VIDEO_FIELDS,
    also_seen=_USER_VIDEO_EXTRAS,
    cursor=CursorKind.OPAQUE,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-reposted-videos/",
)
PLAYLIST: Final = Endpoint(
    name="playlist_info",
    path="/v2/research/playlist/info/",
    list_keys=("playlist_video_ids",),
    also_seen=("id",),
    cursor=CursorKind.INDEX,
    judged_by_body=True,
    is_about_someone=True,
    source="https://developers.tiktok.com/doc/research-api-specs-query-playlist-info/",
)
_COMPLIANCE = "https://developers.tiktok.com/doc/research-api-batch-compliance/"
TASK_CREATE: Final = Endpoint(
    name="validation_task_create",
    path="/v2/research/validation_task/create/",
    also_seen=("task_id",),
    source=_COMPLIANCE,
)
TASK_STATUS: Final = Endpoint(
    name="validation_task_status",
    path="/v2/research/validation_task_status/get/",
    also_seen=("task_status",),
    source=_COMPLIANCE,
)
TASK_DOWNLOAD: Final = Endpoint(
    name="validation_task_download",
    path="/v2/research/validation_task/download/",
    list_keys=("ids",),
    also_seen=("id",),
    is_text=True,
    source=_COMPLIANCE,
)

ENDPOINTS: Final = MappingProxyType(
    {
        endpoint.name: endpoint
        for endpoint in (
            VIDEO_QUERY,
            COMMENT_LIST,
            USER_INFO,
            FOLLOWERS,
            FOLLOWING,
            LIKED,
            PINNED,
            REPOSTED,
            PLAYLIST,
            TASK_CREATE,
            TASK_STATUS,
            TASK_DOWNLOAD,
        )
    }
)
"""All of them by name."""
