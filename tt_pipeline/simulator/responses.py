"""How is a response written, and which errors are there, with which status, code and text?

Other modules decide when to answer with an error. Error texts come from the documentation or from recordings; texts
that are in neither are invented.
Sources: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling/ and recordings of public clients.
"""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from tt_pipeline.simulator.records import encode, shuffled


class Refused(Exception):
    """The request is answered with an error object of this status, code and message."""

    def __init__(self, status: int, code: str, message: str | None, *, data: dict[str, Any] | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
        self.data = data


JSON_TYPE = "application/json; charset=utf-8"
OK = "ok"


@dataclass(slots=True, kw_only=True)
class Reply:
    """The content of a successful response: the keys of `data`, and a list of encoded records if there is one."""

    data: dict[str, Any] = field(default_factory=dict)
    list_key: str | None = None
    records: list[bytes] = field(default_factory=list)
    status: int = 200
    plain_text: str | None = None
    """The body, instead of JSON: the file of ids of a validation task."""
    names_status: bool = False
    """Whether the error object repeats the HTTP status, as responses of validation tasks do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """One HTTP response, with what the quota and the log need to know of it."""

    status: int
    code: str
    body: bytes
    media_type: str = JSON_TYPE
    records: int = 0
    wait_s: float = 0


def log_id(now: datetime, random: Random) -> str:
    """A new log id: 34 characters, the second and then 20 hexadecimal digits."""
    return f"{now:%Y%m%d%H%M%S}{random.getrandbits(80):020X}"


def success_response(reply: Reply, *, log_id: str, message: str, random: Random) -> HttpResponse:
    """The response of a success: the keys of `data` and `error` in random order."""
    if reply.plain_text is not None:
        body = reply.plain_text.encode()
        return HttpResponse(status=reply.status, code=OK, body=body, media_type="text/plain; charset=utf-8")
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
    return HttpResponse(status=reply.status, code=OK, body=body, records=len(reply.records))


def error_response(refusal: Refused, *, log_id: str, status: int | None = None) -> HttpResponse:
    """The response of an error; `status` replaces the error's own status."""
    error = {"code": refusal.code, "log_id": log_id}
    if refusal.message is not None:
        error["message"] = refusal.message
    envelope: dict[str, Any] = {"error": error}
    if refusal.data is not None:
        envelope = {"data": refusal.data, "error": error}
    return HttpResponse(status=status or refusal.status, code=refusal.code, body=encode(envelope))


def invalid_params(message: str) -> Refused:
    """400: the request is wrong, or what it requests cannot be returned."""
    return Refused(400, "invalid_params", message)


def invalid_count_or_cursor() -> Refused:
    """400: a number out of range, or a position past the end."""
    return invalid_params("Invalid count or cursor")


def invalid_search_id(search_id: object) -> Refused:
    """400: the id is unknown, too new, too old, or belongs to another search."""
    return invalid_params(f"Search Id {search_id} is invalid or expired")


def access_token_invalid() -> Refused:
    """401: no token, a wrong one or an expired one."""
    return Refused(
        401,
        "access_token_invalid",
        "The access token is invalid or not found in the request.",
        data={},
    )


def scope_not_authorized() -> Refused:
    """401: the project is not approved for the Research API."""
    return Refused(
        401,
        "scope_not_authorized",
        "The user did not authorize the scope required for completing this request.",
    )


def rate_limit_exceeded() -> Refused:
    """429: too many requests in 60 seconds."""
    return Refused(429, "rate_limit_exceeded", "Too many requests in the last minute")


def daily_quota_exceeded() -> Refused:
    """429: the quota is used up until 00:00 UTC."""
    return Refused(429, "daily_quota_limit_exceeded", "The daily quota limit was exceeded.")


INTERNAL_MESSAGES = (
    "Something is wrong. Please try again later.",
    "Something went wrong. Please try again later.",
    "Server Internal Error",
)


def internal_error(which: int) -> Refused:
    """500, in one of its three wordings."""
    return Refused(500, "internal_error", INTERNAL_MESSAGES[which % len(INTERNAL_MESSAGES)])


def internal_error_without_message() -> Refused:
    """500 with an empty data object and no message."""
    return Refused(500, "internal_error", None, data={})


def gateway_timeout() -> Refused:
    """504 with an error object."""
    return Refused(504, "timeout", "The request timed out")


GATEWAY_HTML = (
    b"<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>\r\n"
)
"""The body of a 504 of the gateway: HTML, not JSON."""


def invalid_file_upload() -> Refused:
    """400: the file of ids cannot be used."""
    return Refused(400, "invalid_file_upload", "The uploaded id file cannot be used")


def no_such_user(username: str) -> Refused:
    """400: the account does not exist, which is a result rather than a failure."""
    return invalid_params(f"username {username} is invalid: cannot find the user")


def private_user(username: str) -> Refused:
    """400: the account is private, which is a result rather than a failure."""
    return invalid_params(f"username {username} is private")


def refused_user() -> Refused:
    """400: the API does not return this account: a minor, an account from Canada, or for an unknown reason."""
    return invalid_params("API cannot return this user's information")


def closed_comments(video_id: int) -> Refused:
    """400: the owner of the video has closed its comments."""
    return invalid_params(f"Comments of video {video_id} are not allowed to be disclosed")


def closed_list(noun: str) -> Refused:
    """400: the user does not show this list."""
    return invalid_params(f"This user's {noun} information cannot be returned")
