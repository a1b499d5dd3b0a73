"""One request from header to log: token, rate, quota, faults, the endpoint, the charge.

Here is the order in which the server looks at things; what it then says is said elsewhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tt_pipeline.simulator.answers import OK, Reply, ServedAnswer, log_id, refused, succeeded
from tt_pipeline.simulator.faults import refusal_of, spoil
from tt_pipeline.simulator.knobs import Fault, FaultKind
from tt_pipeline.simulator.refusals import GATEWAY_HTML, Refused
from tt_pipeline.simulator.request_parsing import Body, read_body
from tt_pipeline.simulator.state import LoggedRequest, State
from tt_pipeline.vocabulary import Bucket

_UNCHARGED = {401, 429}
_NO_JSON = {
    FaultKind.HTML_504: ServedAnswer(status=504, code="html_504", body=GATEWAY_HTML, media_type="text/html"),
    FaultKind.UNREADABLE_429: ServedAnswer(status=429, code="unreadable_429", body=b"", media_type="text/plain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to an endpoint, read from the wire."""

    authorization: str | None
    fields: str = ""
    raw: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)
    """Of multipart requests only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in."""

    body: Body
    fields: str
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedEndpoint:
    """One address of the API."""

    name: str
    path: str
    reply: Callable[[State, Call], Reply]
    bucket: Bucket = Bucket.MAIN
    is_multipart: bool = False


def answer(state: State, endpoint: ServedEndpoint, ask: Ask) -> ServedAnswer:
    """ServedAnswer a request, charge it and write it down."""
    body, unreadable = _body(endpoint, ask)
    answered = _answer(state, endpoint, ask, body=body, unreadable=unreadable)
    charged = _is_charged(state, answered)
    if charged:
        state.quota.charge(endpoint.bucket, state.today(), records=answered.records)
    shown = dict(ask.form) if endpoint.is_multipart else body
    note(state, endpoint.name, answered, charged=charged, body=shown if unreadable is None else None)
    return answered


def note(state: State, endpoint: str, answered: ServedAnswer, *, charged: bool, body: Any) -> None:
    """Write a request into the log."""
    state.log.append(
        LoggedRequest(
            n=len(state.log) + 1,
            at=state.clock.now(),
            endpoint=endpoint,
            status=answered.status,
            code=answered.code,
            charged=charged,
            body=body,
        ),
    )


def _body(endpoint: ServedEndpoint, ask: Ask) -> tuple[Body, Refused | None]:
    if endpoint.is_multipart:
        return {}, None
    try:
        return read_body(ask.raw), None
    except Refused as refusal:
        return {}, refusal


def _answer(
    state: State, endpoint: ServedEndpoint, ask: Ask, *, body: Body, unreadable: Refused | None
) -> ServedAnswer:
    logged_as = log_id(state.clock.now(), state.random)
    fault: Fault | None = None
    try:
        _let_in(state, endpoint, ask)
        fault = state.faults.strike(endpoint.name, body, state.random)
        if fault is not None and fault.kind in _NO_JSON:
            return _NO_JSON[fault.kind]
        if fault is not None and (refusal := refusal_of(fault, body, state.random)):
            raise refusal
        if unreadable is not None:
            raise unreadable
        reply = endpoint.reply(state, Call(body=body, fields=ask.fields, form=ask.form))
    except Refused as refusal:
        return refused(refusal, log_id=logged_as, status=_told_status(fault))
    return _told(state, reply, logged_as, fault=fault, body=body)


def _let_in(state: State, endpoint: ServedEndpoint, ask: Ask) -> None:
    now_s = state.clock.second()
    state.tokens.check(ask.authorization, now_s)
    state.quota.check_rate(endpoint.name, now_s, state.knobs.rate_per_minute)
    state.quota.check(endpoint.bucket, state.today(), state.knobs)


def _told_status(fault: Fault | None) -> int | None:
    return 200 if fault is not None and fault.kind is FaultKind.ERROR_WITH_200 else None


def _told(state: State, reply: Reply, logged_as: str, *, fault: Fault | None, body: Body) -> ServedAnswer:
    if fault is not None:
        reply = spoil(reply, fault, body)
    message = state.random.choice(state.knobs.ok_messages)
    answered = succeeded(reply, log_id=logged_as, message=message, random=state.random)
    if fault is not None and fault.kind is FaultKind.TRUNCATED_JSON:
        return replace(answered, body=answered.body[: len(answered.body) // 2])
    return replace(answered, wait_s=fault.slow_s) if fault and fault.kind is FaultKind.SLOW else answered


def _is_charged(state: State, answered: ServedAnswer) -> bool:
    if answered.code == OK:
        return True
    has_failed = answered.status >= 500 or answered.code == "internal_error"  # noqa: PLR2004 — HTTP's server errors
    return state.knobs.count_failed_requests if has_failed else answered.status not in _UNCHARGED
