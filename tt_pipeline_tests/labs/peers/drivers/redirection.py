"""The one change for clients built on requests: what goes to TikTok's host goes to the simulator, below their code."""

from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from tt_pipeline_tests.labs.peers.driving import OFFICIAL_URL


def send_requests_to(base_url: str) -> None:
    """Redirect TikTok's host to `base_url` in every session of this process."""
    send = HTTPAdapter.send

    def redirected(self: HTTPAdapter, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.url = (request.url or "").replace(OFFICIAL_URL, base_url, 1)
        return send(self, request, *args, **kwargs)

    HTTPAdapter.send = redirected  # type: ignore[method-assign]  # the point of this module
