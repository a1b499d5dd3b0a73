"""tiktok-metadata-kit: tiktok-metadata-kit on the Python package index; it uses httpx."""

from datetime import date
from typing import Any

import httpx
from tiktok_metadata_kit import research_api  # type: ignore[import-not-found]  # lives in the peer's environment alone

from tt_pipeline_tests.labs.peers.driving import OFFICIAL_URL, drive
from tt_pipeline_tests.labs.peers.task import Collected, Task


class _Redirected(httpx.HTTPTransport):
    """Sends requests for TikTok's host to the simulator."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = httpx.URL(str(request.url).replace(OFFICIAL_URL, self._base_url, 1))
        return super().handle_request(request)


def collect(task: Task) -> Collected:
    """It has videos and profiles only, and chooses a profile's fields itself."""
    first_day, last_day = date.fromisoformat(task.first_day), date.fromisoformat(task.last_day)
    with research_api.ResearchAPIClient("sim-key", "sim-secret", transport=_Redirected(task.base_url)) as client:
        return Collected(
            videos=[video["id"] for video in client.query_videos(task.query, first_day, last_day)],
            comments=[],
            profiles={username: _profile(client, username) for username in task.usernames},
            followers=[],
            following=[],
        )


def _profile(client: research_api.ResearchAPIClient, username: str) -> dict[str, Any] | None:
    try:
        answer = client.query_user_info(username)
    except research_api.ResearchAPIInvalidParamsError:
        return None
    profile: dict[str, Any] = answer["data"]
    return profile


if __name__ == "__main__":
    drive(collect)
