"""Which endpoints does the API have, at which addresses and from which quota?

Files are named by the first word of the address after /v2/research/: /v2/research/user/followers is in `user.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tt_pipeline.simulator.endpoints.playlist import playlist_info
from tt_pipeline.simulator.endpoints.user import (
    list_followers,
    list_following,
    list_liked,
    list_pinned,
    list_reposted,
    user_info,
)
from tt_pipeline.simulator.endpoints.validation_task import create_task, download_task, task_status
from tt_pipeline.simulator.endpoints.video import list_comments, query_videos
from tt_pipeline.simulator.request_parsing import ParsedRequest
from tt_pipeline.simulator.responses import Reply
from tt_pipeline.simulator.state import State
from tt_pipeline.vocabulary import Bucket

_ROOT = "/v2/research"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedEndpoint:
    """One address of the API, and the function that answers it."""

    name: str
    path: str
    reply: Callable[[State, ParsedRequest], Reply]
    bucket: Bucket = Bucket.MAIN
    is_multipart: bool = False


ENDPOINTS = (
    ServedEndpoint(name="video_query", path=f"{_ROOT}/video/query", reply=query_videos),
    ServedEndpoint(name="comment_list", path=f"{_ROOT}/video/comment/list", reply=list_comments),
    ServedEndpoint(name="user_info", path=f"{_ROOT}/user/info", reply=user_info),
    ServedEndpoint(name="user_followers", path=f"{_ROOT}/user/followers", reply=list_followers, bucket=Bucket.SOCIAL),
    ServedEndpoint(name="user_following", path=f"{_ROOT}/user/following", reply=list_following, bucket=Bucket.SOCIAL),
    ServedEndpoint(name="user_liked_videos", path=f"{_ROOT}/user/liked_videos", reply=list_liked),
    ServedEndpoint(name="user_pinned_videos", path=f"{_ROOT}/user/pinned_videos", reply=list_pinned),
    ServedEndpoint(name="user_reposted_videos", path=f"{_ROOT}/user/reposted_videos", reply=list_reposted),
    ServedEndpoint(name="playlist_info", path=f"{_ROOT}/playlist/info", reply=playlist_info),
    ServedEndpoint(
        name="validation_create",
        path=f"{_ROOT}/validation_task/create",
        reply=create_task,
        is_multipart=True,
    ),
    ServedEndpoint(name="validation_status", path=f"{_ROOT}/validation_task_status/get", reply=task_status),
    ServedEndpoint(name="validation_download", path=f"{_ROOT}/validation_task/download", reply=download_task),
)
"""Every address under /v2/research/, without the trailing slash."""
