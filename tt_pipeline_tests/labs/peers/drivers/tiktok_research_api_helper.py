"""Cybersecurity for Democracy's client: tiktok-research-api-helper on the Python package index."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tiktok_research_api_helper import api_client, query  # type: ignore[import-not-found]  # in the peer's environment

from tt_pipeline_tests.labs.peers.drivers.redirection import send_requests_to
from tt_pipeline_tests.labs.peers.driving import drive
from tt_pipeline_tests.labs.peers.task import Collected, Task


def collect(task: Task) -> Collected:
    """It has no followers, and chooses a profile's fields itself."""
    send_requests_to(task.base_url)
    client = _client()
    return Collected(
        videos=[video["id"] for video in client.fetch_all(_query_of(task)).videos],
        comments=[comment["id"] for video_id in task.commented for comment in _comments(client, video_id)],
        profiles={username: _profile(client, username) for username in task.usernames},
        followers=[],
        following=[],
    )


def _client() -> api_client.TikTokApiClient:
    with TemporaryDirectory() as folder:
        credentials = Path(folder, "credentials.yaml")
        credentials.write_text("client_key: sim-key\nclient_secret: sim-secret\n")
        return api_client.TikTokApiClient.from_config(api_client.ApiClientConfig(api_credentials_file=credentials))


def _query_of(task: Task) -> api_client.VideoQueryConfig:
    conditions = {f"{group}_": [_condition(**item) for item in items] for group, items in task.query.items()}
    first_day, last_day = date.fromisoformat(task.first_day), date.fromisoformat(task.last_day)
    return api_client.VideoQueryConfig(query=query.VideoQuery(**conditions), start_date=first_day, end_date=last_day)


def _condition(field_name: str, operation: str, field_values: list[str]) -> query.Condition:
    return query.Condition(getattr(query.Fields, field_name), field_values, operation)


def _comments(client: api_client.TikTokApiClient, video_id: int) -> list[dict[str, int]]:
    return [comment for answer in client.fetch_video_comments(video_id) for comment in answer.comments]


def _profile(client: api_client.TikTokApiClient, username: str) -> dict[str, Any] | None:
    """The user info without the username that it adds; it raises for accounts that are private."""
    try:
        profile = client.fetch_user_info(username).user_info
    except api_client.InvalidRequestError:
        return None
    return profile and {name: value for name, value in profile.items() if name != "username"}


if __name__ == "__main__":
    drive(collect)
