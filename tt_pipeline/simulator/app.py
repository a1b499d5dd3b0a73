"""The web application: HTTP on one side, `flow.answer` on the other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tt_pipeline.simulator.admin import admin_routes
from tt_pipeline.simulator.answers import ServedAnswer
from tt_pipeline.simulator.endpoints import ENDPOINTS
from tt_pipeline.simulator.flow import Ask, ServedEndpoint, answer
from tt_pipeline.simulator.oauth import ClientCredentials, give_token
from tt_pipeline.simulator.state import State

View = Callable[[Request], Awaitable[Response]]


def build_app(state: State, credentials: ClientCredentials) -> Starlette:
    """Everything the API has, each address with and without its last slash."""
    routes: list[BaseRoute] = _both("/v2/oauth/token", _token_view(state, credentials))
    for endpoint in ENDPOINTS:
        routes += _both(endpoint.path, _view(state, endpoint))
    return Starlette(routes=[*routes, admin_routes(state)])


def _both(path: str, view: View) -> list[BaseRoute]:
    return [Route(path, view, methods=["POST"]), Route(f"{path}/", view, methods=["POST"])]


def _view(state: State, endpoint: ServedEndpoint) -> View:
    async def view(request: Request) -> Response:
        answered = answer(state, endpoint, await _read_ask(request, is_multipart=endpoint.is_multipart))
        if answered.wait_s:
            await asyncio.sleep(answered.wait_s)
        return _response(answered)

    return view


def _token_view(state: State, credentials: ClientCredentials) -> View:
    async def view(request: Request) -> Response:
        text = (await request.body()).decode("utf-8", "replace")
        form = {key: values[-1] for key, values in parse_qs(text).items()}
        return _response(give_token(state, credentials, form))

    return view


async def _read_ask(request: Request, *, is_multipart: bool) -> Ask:
    authorization, fields = request.headers.get("authorization"), request.query_params.get("fields", "")
    if is_multipart:
        return Ask(authorization=authorization, fields=fields, form=await _read_form(request))
    return Ask(authorization=authorization, fields=fields, raw=await request.body())


async def _read_form(request: Request) -> dict[str, str]:
    async with request.form() as form:
        parts: dict[str, Any] = dict(form)
        return {
            name: value if isinstance(value, str) else (await value.read()).decode("utf-8", "replace")
            for name, value in parts.items()
        }


def _response(answered: ServedAnswer) -> Response:
    return Response(answered.body, answered.status, media_type=answered.media_type)
