"""One server for all tests: each test puts its own simulator on it and may script single answers.

Scripts are for answers without a knob; scripted answers are neither charged nor in the simulator's log.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tt_pipeline.simulator import Simulator, World, running

TOKEN_PATH = "/v2/oauth/token/"


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer."""

    path: str
    fields: str
    headers: Mapping[str, str]
    sent: bytes
    status: int = 0
    answered: bytes = b""

    @property
    def is_token(self) -> bool:
        """Whether a token was requested."""
        return self.path == TOKEN_PATH

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body that was sent."""
        body: dict[str, Any] = json.loads(self.sent)
        return body

    @property
    def answer(self) -> str:
        """The answer in short: its status, and its code if it has one that can be read."""
        try:
            error = json.loads(self.answered)["error"]
        except (ValueError, KeyError):
            return f"{self.status} unreadable"
        return f"{self.status} {error if isinstance(error, str) else error['code']}"


Script = Callable[[Exchange], Response | None]
"""Answers a request, or leaves it to the simulator."""


@dataclass
class SharedServer:
    """The application that the shared server runs."""

    simulator: Simulator | None = None
    script: Script | None = None
    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    def put_on(self, simulator: Simulator, script: Script | None = None) -> None:
        """Start with another simulator."""
        self.simulator, self.script, self.exchanges = simulator, script, []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self.simulator is None:
            raise RuntimeError("no simulator is on the shared server")
        exchange = await _read(scope, receive)
        self.exchanges.append(exchange)
        scripted = self.script(exchange) if self.script else None
        await (scripted or self.simulator.app)(scope, _again(exchange.sent), _watched(send, exchange))


@contextmanager
def serve_shared() -> Iterator[tuple[SharedServer, str]]:
    """Run the shared server; yields it and its base URL."""
    shared_server = SharedServer()
    empty = Simulator(World(last_day=datetime(2026, 1, 1, tzinfo=UTC).date(), days=1, videos_per_day=0), now=_long_ago)
    empty.app.add_middleware(lambda app: shared_server)  # noqa: ARG005 — nothing gets through to the empty one
    with running(empty) as base_url:
        yield shared_server, base_url


def _long_ago() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


async def _read(scope: Scope, receive: Receive) -> Exchange:
    sent, more = b"", True
    while more:
        message = await receive()
        sent, more = sent + message.get("body", b""), message.get("more_body", False)
    parameters = parse_qs(scope["query_string"].decode())
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    return Exchange(path=scope["path"], fields=",".join(parameters.get("fields", [])), headers=headers, sent=sent)


def _again(sent: bytes) -> Callable[[], Awaitable[Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    return receive


def _watched(send: Send, exchange: Exchange) -> Send:
    async def watched(message: Message) -> None:
        exchange.status = message.get("status", exchange.status)
        exchange.answered += message.get("body", b"")
        await send(message)

    return watched


class Nth:
    """A script that answers the n-th requests to the API, token requests not counted, with ready responses."""

    def __init__(self, responses: Mapping[int, Response]) -> None:
        self._responses, self._seen = responses, 0

    def __call__(self, exchange: Exchange) -> Response | None:
        """Count the request, and return the response of its number, if there is one."""
        if exchange.is_token:
            return None
        self._seen += 1
        return self._responses.get(self._seen)


class NthToken:
    """A script that answers the n-th token requests."""

    def __init__(self, responses: Mapping[int, Response]) -> None:
        self._responses, self._seen = responses, 0

    def __call__(self, exchange: Exchange) -> Response | None:
        """Count the request, and return the response of its number, if there is one."""
        if not exchange.is_token:
            return None
        self._seen += 1
        return self._responses.get(self._seen)


def error(status: int, code: str, message: str = "", *, headers: Mapping[str, str] | None = None) -> Response:
    """A response that is an error."""
    body = {"error": {"code": code, "message": message, "log_id": "L"}}
    return JSONResponse(body, status, headers=dict(headers or {}))


def good(status: int = 200, **data: Any) -> Response:
    """A response that is not an error, whatever its status."""
    return JSONResponse({"data": data, "error": {"code": "ok", "message": "", "log_id": "L"}}, status)


def html(status: int) -> Response:
    """The response of a gateway."""
    return HTMLResponse(f"<html><body><h1>{status} Bad Gateway</h1></body></html>", status)
