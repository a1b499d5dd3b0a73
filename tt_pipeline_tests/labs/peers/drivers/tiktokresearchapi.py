"""TikTok's own wrapper: tiktokresearchapi on the Python package index."""

import tiktok_research_api as official  # type: ignore[import-not-found]  # lives in the peer's environment alone

from tt_pipeline_tests.labs.peers.drivers.redirection import send_requests_to
from tt_pipeline_tests.labs.peers.driving import drive
from tt_pipeline_tests.labs.peers.task import Collected, Task


def collect(task: Task) -> Collected:
    """Everything but an account's refusal reason, which it logs and drops."""
    send_requests_to(task.base_url)
    api = official.TikTokResearchAPI("sim-key", "sim-secret", qps=1_000)
    return Collected(
        videos=_videos(api, task),
        comments=[comment["id"] for video_id in task.commented for comment in _comments(api, video_id)],
        profiles={username: _profile(api, username, task) for username in task.usernames},
        followers=[follow["username"] for username in task.followed for follow in _followers(api, username)],
        following=[follow["username"] for username in task.followed for follow in _following(api, username)],
    )


def _videos(api: official.TikTokResearchAPI, task: Task) -> list[int]:
    criteria = {
        f"{group}_criteria": [official.Criteria(**item) for item in items] for group, items in task.query.items()
    }
    request = official.QueryVideoRequest(official.Query(**criteria), task.first_day, task.last_day, 100)
    videos, *_where_it_stopped = api.query_videos(request, fetch_all_pages=True)
    return [video["id"] for video in videos]


def _comments(api: official.TikTokResearchAPI, video_id: int) -> list[dict[str, int]]:
    request = official.QueryVideoCommentsRequest(video_id, max_count=100)
    comments, _cursor, _has_more = api.query_video_comments(request, fetch_all_pages=True)
    return list(comments)


def _profile(api: official.TikTokResearchAPI, username: str, task: Task) -> dict[str, object] | None:
    request = official.QueryUserInfoRequest(username, fields=",".join(task.profile_fields))
    profile: dict[str, object] | None = api.query_user_info(request)
    return profile


def _followers(api: official.TikTokResearchAPI, username: str) -> list[dict[str, str]]:
    request = official.QueryUserFollowersRequest(username, max_count=100)
    follows, _cursor, _has_more = api.query_user_followers(request, fetch_all_pages=True)
    return list(follows)


def _following(api: official.TikTokResearchAPI, username: str) -> list[dict[str, str]]:
    request = official.QueryUserFollowingRequest(username, max_count=100)
    follows, _cursor, _has_more = api.query_user_following(request, fetch_all_pages=True)
    return list(follows)


if __name__ == "__main__":
    drive(collect)
