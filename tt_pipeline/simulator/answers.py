"""Answers as bytes: the envelope of data and error, with a log_id, keys in any order and the texts of success mixed."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from tt_pipeline.simulator.refusals import Refused
from tt_pipeline.simulator.rendering import encode, shuffled

JSON_TYPE = "application/json; charset=utf-8"
OK = "ok"


@dataclass(slots=True, kw_only=True)
class Reply:
    """What an endpoint says when it says yes: a list of encoded records, if it has one, and other keys."""

    data: dict[str, Any] = field(default_factory=dict)
    list_key: str | None = None
    records: list[bytes] = field(default_factory=list)
    status: int = 200
    plain_text: str | None = None
    """Instead of JSON: the file that a compliance task gives."""
    names_status: bool = False
    """Whether the error object repeats the HTTP status, as compliance answers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedAnswer:
    """What goes over the wire."""

    status: int
    code: str
    body: bytes
    media_type: str = JSON_TYPE
    records: int = 0
    wait_s: float = 0


def log_id(now: datetime, random: Random) -> str:
    """34 characters: the second, then 20 hex digits."""
    return f"{now:%Y%m%d%H%M%S}{random.getrandbits(80):020X}"


def succeeded(reply: Reply, *, log_id: str, message: str, random: Random) -> ServedAnswer:
    """The envelope of a success."""
    if reply.plain_text is not None:
        body = reply.plain_text.encode()
        return ServedAnswer(status=reply.status, code=OK, body=body, media_type="text/plain; charset=utf-8")
    error: dict[str, Any] = {"code": OK, "message": message, "log_id": log_id}
    if reply.names_status:
        error["http_status_code"] = 200
    parts = [encode(key) + b":" + encode(value) for key, value in reply.data.items()]
    if reply.list_key is not None:
        parts.append(encode(reply.list_key) + b":[" + b",".join(reply.records) + b"]")
    random.shuffle(parts)
    envelope = [b'"data":{' + b",".join(parts) + b"}", b'"error":' + encode(shuffled(error, random))]
    random.shuffle(envelope)
    body = b"{" + b",".join(envelope) + b"}"
    return ServedAnswer(status=reply.status, code=OK, body=body, records=len(reply.records))


def refused(refusal: Refused, *, log_id: str, status: int | None = None) -> ServedAnswer:
    """The envelope of a refusal."""
    error = {"code": refusal.code, "log_id": log_id}
    if refusal.message is not None:
        error["message"] = refusal.message
    envelope: dict[str, Any] = {"error": error}
    if refusal.data is not None:
        envelope = {"data": refusal.data, "error": error}
    return ServedAnswer(status=status or refusal.status, code=refusal.code, body=encode(envelope))
