"""What happens to one request, from its address to the log?

The order is: token, rate, quota, faults, body, endpoint, charge, log. What an endpoint returns is in `endpoints/`; how
responses are written is in `responses.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tt_pipeline.simulator.admin import admin_routes
from tt_pipeline.simulator.endpoints import ENDPOINTS, ServedEndpoint
from tt_pipeline.simulator.endpoints.oauth import ClientCredentials, issue_token
from tt_pipeline.simulator.faults import apply_fault, error_of_fault
from tt_pipeline.simulator.knobs import Fault, FaultKind
from tt_pipeline.simulator.request_parsing import Body, ParsedRequest, read_body
from tt_pipeline.simulator.responses import (
    GATEWAY_HTML,
    OK,
    HttpResponse,
    Refused,
    Reply,
    error_response,
    log_id,
    success_response,
)
from tt_pipeline.simulator.state import State

View = Callable[[Request], Awaitable[Response]]

_UNCHARGED = {401, 429}
_NOT_JSON = {
    FaultKind.HTML_504: HttpResponse(status=504, code="html_504", body=GATEWAY_HTML, media_type="text/html"),
    FaultKind.UNREADABLE_429: HttpResponse(status=429, code="unreadable_429", body=b"", media_type="text/plain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """One HTTP request to an endpoint, before anything is checked."""

    authorization: str | None
    fields: str = ""
    raw: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)
    """The parts of a multipart request; empty for other requests."""


def handle(state: State, endpoint: ServedEndpoint, request: RawRequest) -> HttpResponse:
    """Answer a request, charge it to its bucket and log it."""
    body, unreadable = _body(endpoint, request)
    response = _answer(state, endpoint, request, body=body, unreadable=unreadable)
    charged = _is_charged(state, response)
    if charged:
        state.quota.charge(endpoint.bucket, state.today(), records=response.records)
    shown = dict(request.form) if endpoint.is_multipart else body
    state.log_request(endpoint.name, response, charged=charged, body=shown if unreadable is None else None)
    return response


def _body(endpoint: ServedEndpoint, request: RawRequest) -> tuple[Body, Refused | None]:
    if endpoint.is_multipart:
        return {}, None
    try:
        return read_body(request.raw), None
    except Refused as refusal:
        return {}, refusal


def _answer(
    state: State, endpoint: ServedEndpoint, request: RawRequest, *, body: Body, unreadable: Refused | None
) -> HttpResponse:
    new_log_id = log_id(state.clock.now(), state.random)
    fault: Fault | None = None
    try:
        _admit(state, endpoint, request)
        fault = state.faults.next_fault(endpoint.name, body, state.random)
        if fault is not None and fault.kind in _NOT_JSON:
            return _NOT_JSON[fault.kind]
        if fault is not None and (refusal := error_of_fault(fault, body, state.random)):
            raise refusal
        if unreadable is not None:
            raise unreadable
        reply = endpoint.reply(state, ParsedRequest(body=body, fields=request.fields, form=request.form))
    except Refused as refusal:
        return error_response(refusal, log_id=new_log_id, status=_status_of_fault(fault))
    return _success(state, reply, new_log_id, fault=fault, body=body)


def _admit(state: State, endpoint: ServedEndpoint, request: RawRequest) -> None:
    now_s = state.clock.second()
    state.tokens.check(request.authorization, now_s)
    state.quota.check_rate(endpoint.name, now_s, state.knobs.rate_per_minute)
    state.quota.check(endpoint.bucket, state.today(), state.knobs)


def _status_of_fault(fault: Fault | None) -> int | None:
    return 200 if fault is not None and fault.kind is FaultKind.ERROR_WITH_200 else None


def _success(state: State, reply: Reply, new_log_id: str, *, fault: Fault | None, body: Body) -> HttpResponse:
    if fault is not None:
        reply = apply_fault(reply, fault, body)
    message = state.random.choice(state.knobs.ok_messages)
    response = success_response(reply, log_id=new_log_id, message=message, random=state.random)
    if fault is not None and fault.kind is FaultKind.TRUNCATED_JSON:
        return replace(response, body=response.body[: len(response.body) // 2])
    return replace(response, wait_s=fault.slow_s) if fault and fault.kind is FaultKind.SLOW else response


def _is_charged(state: State, response: HttpResponse) -> bool:
    if response.code == OK:
        return True
    has_failed = response.status >= 500 or response.code == "internal_error"  # noqa: PLR2004 — HTTP's server errors
    return state.knobs.count_failed_requests if has_failed else response.status not in _UNCHARGED


def build_app(state: State, credentials: ClientCredentials) -> Starlette:
    """The web application: all addresses of the API, with and without a trailing slash, and the admin routes."""
    routes: list[BaseRoute] = _both("/v2/oauth/token", _token_view(state, credentials))
    for endpoint in ENDPOINTS:
        routes += _both(endpoint.path, _view(state, endpoint))
    return Starlette(routes=[*routes, admin_routes(state)])


def _both(path: str, view: View) -> list[BaseRoute]:
    return [Route(path, view, methods=["POST"]), Route(f"{path}/", view, methods=["POST"])]


def _view(state: State, endpoint: ServedEndpoint) -> View:
    async def view(request: Request) -> Response:
        response = handle(state, endpoint, await _read_request(request, is_multipart=endpoint.is_multipart))
        if response.wait_s:
            await asyncio.sleep(response.wait_s)
        return _response(response)

    return view


def _token_view(state: State, credentials: ClientCredentials) -> View:
    async def view(request: Request) -> Response:
        text = (await request.body()).decode("utf-8", "replace")
        form = {key: values[-1] for key, values in parse_qs(text).items()}
        return _response(issue_token(state, credentials, form))

    return view


async def _read_request(request: Request, *, is_multipart: bool) -> RawRequest:
    authorization, fields = request.headers.get("authorization"), request.query_params.get("fields", "")
    if is_multipart:
        return RawRequest(authorization=authorization, fields=fields, form=await _read_form(request))
    return RawRequest(authorization=authorization, fields=fields, raw=await request.body())


async def _read_form(request: Request) -> dict[str, str]:
    async with request.form() as form:
        parts: dict[str, Any] = dict(form)
        return {
            name: value if isinstance(value, str) else (await value.read()).decode("utf-8", "replace")
            for name, value in parts.items()
        }


def _response(response: HttpResponse) -> Response:
    return Response(response.body, response.status, media_type=response.media_type)
