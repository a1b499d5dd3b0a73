"""The endpoints of the Research API as data: where each is, what it costs, what it takes and what it gives.

Here belongs what the documentation says of an endpoint. How an answer is judged is `protocol.py`, what is asked next
`paging.py`. TikTok Shop is not ours.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook.fields import (
    COMMENT,
    LISTED_ACCOUNT,
    LISTED_VIDEO,
    PROFILE,
    VIDEO,
    Record,
    known_keys,
    requestable,
)
from tt_pipeline.codebook.fields import (
    PLAYLIST as PLAYLIST_RECORD,
)
from tt_pipeline.vocabulary import Bucket

BASE_URL: Final = "https://open.tiktokapis.com"
TOKEN_PATH: Final = "/v2/oauth/token/"  # noqa: S105 — a path


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
    """One address of the API.

    Attributes:
        record: The fields of one of its records; () for records without a warehouse table.
        list_keys: The keys of `data` under which the records may be; documents and servers differ, the first that is
            there counts. () when there is no list.
        is_flat: The fields are keys of `data` itself, not of records in a list.
        also_seen: Keys of a record that are not described as fields.
        judged_by_body: Answers HTTP 500 with a good body.
        subject_key: The key of the request's body that names the video, account or playlist; "" when the request is
            about no single one. Requests for replies name a comment instead.
        is_text: Answers with ids, one a line, instead of JSON.
        source: TikTok's page about it (2026).
    """

    name: str
    path: str
    bucket: Bucket = Bucket.MAIN
    record: Record = ()
    list_keys: tuple[str, ...] = ()
    is_flat: bool = False
    also_seen: tuple[str, ...] = ()
    cursor: CursorKind = CursorKind.NONE
    judged_by_body: bool = False
    subject_key: str = ""
    is_text: bool = False
    source: str

    @property
    def fields(self) -> tuple[str, ...]:
        """What a request may list in `fields`; () when the endpoint takes no `fields`."""
        return requestable(self.record)

    @property
    def is_about_someone(self) -> bool:
        """Whether a video or account may be gone, private or refused, which is a result instead of an error."""
        return bool(self.subject_key)

    @property
    def known_keys(self) -> frozenset[str]:
        """Every key of a record that the codebook describes."""
        return known_keys(self.record).union(self.also_seen)


def listed(value: object) -> list[object] | None:
    """The items of a list of records; an object in its place is one record, or has the records as its values."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    items = list(value.values())
    return items if items and all(isinstance(item, dict) for item in items) else [value] if items else []


VIDEO_QUERY: Final = Endpoint(
    name="video_query",
    path="/v2/research/video/query/",
    list_keys=("videos",),
    record=VIDEO,
    cursor=CursorKind.INDEX,
    source="https://developers.tiktok.com/doc/research-api-specs-query-videos/",
)
COMMENT_LIST: Final = Endpoint(
    name="comment_list",
    path="/v2/research/video/comment/list/",
    list_keys=("comments",),
    record=COMMENT,
    cursor=CursorKind.INDEX,
    subject_key="video_id",
    source="https://developers.tiktok.com/doc/research-api-specs-query-video-comments/",
)
USER_INFO: Final = Endpoint(
    name="user_info",
    path="/v2/research/user/info/",
    record=PROFILE,
    is_flat=True,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-info/",
)
FOLLOWERS: Final = Endpoint(
    name="followers",
    path="/v2/research/user/followers/",
    bucket=Bucket.SOCIAL,
    list_keys=("user_followers",),
    record=LISTED_ACCOUNT,
    cursor=CursorKind.FALLING,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-followers/",
)
FOLLOWING: Final = Endpoint(
    name="following",
    path="/v2/research/user/following/",
    bucket=Bucket.SOCIAL,
    list_keys=("user_following", "user_followers"),
    record=LISTED_ACCOUNT,
    cursor=CursorKind.FALLING,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-following/",
)
LIKED: Final = Endpoint(
    name="liked_videos",
    path="/v2/research/user/liked_videos/",
    list_keys=("user_liked_videos", "videos"),
    record=LISTED_VIDEO,
    cursor=CursorKind.OPAQUE,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-liked-videos/",
)
PINNED: Final = Endpoint(
    name="pinned_videos",
    path="/v2/research/user/pinned_videos/",
    list_keys=("pinned_videos_list", "videos"),
    record=LISTED_VIDEO,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-pinned-videos/",
)
REPOSTED: Final = Endpoint(
    name="reposted_videos",
    path="/v2/research/user/reposted_videos/",
    list_keys=("reposted_videos", "user_reposted_videos", "videos"),
    record=LISTED_VIDEO,
    cursor=CursorKind.OPAQUE,
    judged_by_body=True,
    subject_key="username",
    source="https://developers.tiktok.com/doc/research-api-specs-query-user-reposted-videos/",
)
PLAYLIST: Final = Endpoint(
    name="playlist_info",
    path="/v2/research/playlist/info/",
    list_keys=("playlist_video_ids",),
    record=PLAYLIST_RECORD,
    is_flat=True,
    also_seen=("id",),
    cursor=CursorKind.INDEX,
    judged_by_body=True,
    subject_key="playlist_id",
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
