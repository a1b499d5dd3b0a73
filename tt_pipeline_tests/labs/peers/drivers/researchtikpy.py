"""ResearchTikPy: researchtikpy on the Python package index; it returns data frames."""

from typing import Any

import researchtikpy as rtk  # type: ignore[import-not-found]  # lives in the peer's environment alone

from tt_pipeline_tests.labs.peers.drivers.redirection import send_requests_to
from tt_pipeline_tests.labs.peers.driving import drive
from tt_pipeline_tests.labs.peers.task import Collected, Task

_NO_LIMIT = 1_000_000


def collect(task: Task) -> Collected:
    """Comments are requested with a frame of videos, as in its README."""
    send_requests_to(task.base_url)
    token = rtk.get_access_token("sim-key", "sim-secret")["access_token"]
    videos = rtk.get_videos_query(_query(task), token, task.first_day, task.last_day, _NO_LIMIT)
    commented = videos[videos["id"].isin(task.commented)]
    return Collected(
        videos=_column(videos, "id"),
        comments=_column(rtk.get_video_comments(commented, token, verbose=False), "id"),
        profiles={username: _profile(username, token, task) for username in task.usernames},
        followers=_column(rtk.get_followers(task.followed, token, verbose=False), "username"),
        following=_column(rtk.get_following(task.followed, token, verbose=False), "username"),
    )


def _query(task: Task) -> Any:
    return rtk.Query(**{f"{group}_": [rtk.Condition(**item) for item in items] for group, items in task.query.items()})


def _column(frame: Any, name: str) -> list[Any]:
    """A column of a frame; an empty frame has no columns."""
    return list(frame[name].tolist()) if name in frame else []


def _profile(username: str, token: str, task: Task) -> dict[str, Any] | None:
    frame = rtk.get_users_info([username], token, fields=",".join(task.profile_fields), verbose=False)
    (profile,) = frame.to_dict("records")
    return None if "error" in profile else profile


if __name__ == "__main__":
    drive(collect)
