"""For the simulator's tests: a small world, a frozen clock and a client of plain HTTP."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import httpx
from starlette.applications import Starlette

from tt_pipeline.codebook.fields import COMMENT_FIELDS, USER_FIELDS, VIDEO_FIELDS
from tt_pipeline.simulator import Knobs, Simulator, World

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
LAST_DAY = date(2026, 11, 20)
EVERYTHING: dict[str, Any] = {
    "not": [{"operation": "EQ", "field_name": "username", "field_values": ["nobody.at.all"]}],
}
OPEN = Knobs(rate_per_minute=0, hidden_rate=0, hidden_run=0)
"""Nothing hidden, no rate: for tests about something else."""


@cache
def small_world(seed: int = 1, days: int = 20, videos_per_day: int = 60) -> World:
    """A world that many tests share, because it never changes."""
    return World(last_day=LAST_DAY, seed=seed, days=days, videos_per_day=videos_per_day)


def condition(field_name: str, *values: str, operation: str = "IN") -> dict[str, Any]:
    """One condition of a query."""
    return {"operation": operation, "field_name": field_name, "field_values": list(values)}


def wide_body(query: Mapping[str, Any] = EVERYTHING, **changes: object) -> dict[str, Any]:
    """The body of a video query over the world's last 30 days."""
    return {"query": query, "start_date": "20261022", "end_date": "20261120", "max_count": 100} | changes


class _InProcess(httpx.BaseTransport):
    """Passes requests to an application in this process, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


@dataclass
class ApiSession:
    """A simulator and a client that has a token."""

    simulator: Simulator
    client: httpx.Client = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(transport=_InProcess(self.simulator.app), base_url="http://127.0.0.1")
        self.token = self.ask_token().json()["access_token"]

    def ask_token(self, **changes: str) -> httpx.Response:
        """Request a token."""
        form = {"client_key": "sim-key", "client_secret": "sim-secret", "grant_type": "client_credentials"}
        return self.client.post("/v2/oauth/token/", data=form | changes)

    def post(self, path: str, body: object, fields: str | None = None) -> httpx.Response:
        """Send a body to an address under /v2/research/."""
        return self.client.post(
            f"/v2/research/{path}/",
            params={} if fields is None else {"fields": fields},
            headers={"Authorization": f"Bearer {self.token}"},
            content=body if isinstance(body, bytes) else json.dumps(body),
        )

    def query(self, body: object, fields: str = ",".join(VIDEO_FIELDS)) -> httpx.Response:
        """One page of a video query."""
        return self.post("video/query", body, fields)

    def pages(self, body: dict[str, Any], fields: str = "id,create_time") -> Iterator[dict[str, Any]]:
        """All pages of a video query."""
        while True:
            page = self.query(body, fields).json()["data"]
            yield page
            if not page["has_more"]:
                return
            body = body | {"cursor": page["cursor"], "search_id": page["search_id"]}

    def videos(self, body: dict[str, Any], fields: str = ",".join(VIDEO_FIELDS)) -> list[dict[str, Any]]:
        """All records of a video query."""
        return [video for page in self.pages(body, fields) for video in page["videos"]]

    def comments(self, body: object, fields: str = ",".join(COMMENT_FIELDS)) -> httpx.Response:
        """One page of comments."""
        return self.post("video/comment/list", body, fields)

    def user(self, username: str, fields: str = ",".join(USER_FIELDS)) -> httpx.Response:
        """One account."""
        return self.post("user/info", {"username": username}, fields)

    def admin(self, path: str, body: object | None = None) -> Any:
        """Use the admin endpoints."""
        if body is None:
            return self.client.get(f"/_sim/{path}").json()
        return self.client.post(f"/_sim/{path}", json=body).json()


def session(knobs: Knobs = OPEN, *, world: World | None = None) -> ApiSession:
    """A client of a separate simulator whose clock is at NOW."""
    return ApiSession(Simulator(world or small_world(), knobs=knobs, now=lambda: NOW))


def error_of(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and message of a refusal."""
    error = response.json()["error"]
    return response.status_code, error["code"], error.get("message")
