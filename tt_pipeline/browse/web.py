"""The web application of `tt browse`: addresses, refusals, headers and time limits. `pages.py` makes the pages.

A page is computed in a thread. It is stopped after a time limit, and as soon as the browser no longer waits, which
happens at each click on something else: so every long page can be cancelled without a script.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import duckdb
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tt_pipeline.browse.pages import (
    Asked,
    Page,
    days_page,
    problem_page,
    row_page,
    sql_answer,
    sql_form,
    table_page,
    tables_page,
    trace_page,
)
from tt_pipeline.browse.stop import Stop
from tt_pipeline.errors import QueryStopped, TtPipelineError, UsageError
from tt_pipeline.same_origin import SameOrigin

LIMIT_S: Final = 30.0
"""How long a page may be computed."""
TRACE_LIMIT_S: Final = 600.0
"""`tt trace` reads every landed page."""
_AT_ONCE: Final = 2
"""Pages that are computed at the same time; others wait."""
_POLL_S: Final = 0.1
_LARGEST_FORM: Final = 200_000
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer, browsers send our own forms with the origin null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",  # personal data does not stay in the browser's cache
}
_ASSETS: Final = {"style.css": "text/css", "browse.js": "text/javascript", "icon.svg": "image/svg+xml"}
_Endpoint = Callable[[Request], Awaitable[Response]]


def browse_app(published: Path, *, limit_s: float = LIMIT_S) -> ASGIApp:
    """The web application over a published file, for browsers and programs of this machine.

    Args:
        published: The file; it may be replaced, or come later.
        limit_s: How long a page may be computed, in seconds.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)

    def page(address: str, make: Page, *, method: str = "GET", limit_s: float = limit_s) -> Route:
        return Route(address, _endpoint(published, make, at_once, limit_s), methods=[method])

    app = Starlette(
        routes=[
            page("/", tables_page),
            page("/table/{table}", table_page),
            page("/row/{table}", row_page),
            page("/days/{table}", days_page),
            page("/sql", sql_form),
            page("/sql", sql_answer, method="POST"),
            page("/trace", trace_page, method="POST", limit_s=max(limit_s, TRACE_LIMIT_S)),
            *(Route(f"/static/{name}", _asset(name, kind)) for name, kind in _ASSETS.items()),
        ],
        exception_handlers={HTTPException: _no_page},
    )
    return _WithHeaders(SameOrigin(app, remedy="open http://127.0.0.1 with the port of this server."))


def _endpoint(published: Path, make: Page, at_once: asyncio.Semaphore, limit_s: float) -> _Endpoint:
    async def answer(request: Request) -> Response:
        try:
            pairs = await _form(request) if request.method == "POST" else list(request.query_params.multi_items())
        except ClientDisconnect:
            return Response(status_code=204)
        asked = Asked(path={name: str(part) for name, part in request.path_params.items()}, pairs=pairs)
        query = asked.get("query") if request.url.path == "/sql" else None
        try:
            async with at_once:
                return HTMLResponse(await _computed(request, lambda stop: make(published, asked, stop), limit_s))
        except QueryStopped as error:
            return HTMLResponse(problem_page(f"{error}", query), 503)
        except (TtPipelineError, duckdb.Error) as error:
            return HTMLResponse(problem_page(f"{error}", query), _status(published, error))

    return answer


def _status(published: Path, error: Exception) -> int:
    return 503 if not published.exists() or not isinstance(error, UsageError) else 400


async def _computed(request: Request, work: Callable[[Stop], str], limit_s: float) -> str:
    """The page, computed in a thread.

    Raises:
        QueryStopped: It took too long, or the browser no longer waits.
    """
    stop, loop = Stop(limit_s), asyncio.get_running_loop()
    ends_at = loop.time() + limit_s
    task = asyncio.create_task(asyncio.to_thread(work, stop))
    try:
        while not (await asyncio.wait({task}, timeout=_POLL_S))[0]:
            if await request.is_disconnected():
                stop.now(QueryStopped())
            elif loop.time() > ends_at:
                stop.now(QueryStopped(limit_s))
        return task.result()
    finally:
        if not task.done():  # the server ends
            stop.now(QueryStopped())
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _form(request: Request) -> list[tuple[str, str]]:
    """Names and values of a form of ours.

    Raises:
        HTTPException: It is larger than our forms, or of another type.
    """
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(415, "This address takes only the form of its page.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            raise HTTPException(413, "The form is too large.")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise HTTPException(400, "The form cannot be read.") from error


def _asset(name: str, kind: str) -> _Endpoint:
    content = (files("tt_pipeline.browse") / "static" / name).read_bytes()

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=kind)

    return answer


async def _no_page(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "There is no such page." if status == 404 else f"{getattr(error, 'detail', 'It failed')}"  # noqa: PLR2004 — HTTP
    return HTMLResponse(problem_page(message), status)


class _WithHeaders:
    """The application with our headers on every answer, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
