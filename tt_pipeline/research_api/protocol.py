"""Read one answer: as a page, or as the matching error.

Pure functions. Only this module distinguishes permanent from transient errors. `paging.py` decides on the next
request, `retry.py` whether the same one is sent again.

Source: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling (2026) and answers that clients got since 2023.
"""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from tt_pipeline.clock import opens_after
from tt_pipeline.codebook.endpoints import COMMENT_LIST, USER_INFO, CursorKind, Endpoint
from tt_pipeline.codebook.limits import MOST_COMMENTS
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.errors import (
    ApiError,
    QuotaExhausted,
    RateLimited,
    ScopeNotAuthorized,
    SearchIdRefused,
    SearchRejected,
    ServerFailure,
    TokenInvalid,
    TtPipelineError,
    UnexpectedResponse,
)
from tt_pipeline.ids import whole_number
from tt_pipeline.research_api.page import Answer, JsonObject, Page
from tt_pipeline.vocabulary import Refusal, StopReason

OK: Final = "ok"
DAILY_QUOTA: Final = "daily_quota_limit_exceeded"
_UNREADABLE_429_BEFORE_GIVING_UP = 3  # a 429 without a readable code counts as a burst three times
_INVALID: Final = frozenset({"invalid_params", "invalid_param"})
_STALE_POSITION = re.compile(r"search id .* is invalid or expired|invalid count or cursor", re.IGNORECASE)
_REFUSALS: Final = (
    (Refusal.NOT_FOUND, re.compile(r"cannot find|^playlist \d+ is invalid", re.IGNORECASE)),
    (Refusal.PRIVATE, re.compile(r"is private", re.IGNORECASE)),
    (
        Refusal.REFUSED,
        re.compile(
            r"cannot return this user|information cannot be returned|not allowed to be disclosed", re.IGNORECASE
        ),
    ),
)
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An answer without its envelope.

    Attributes:
        code: "ok", the server's error code, or "" when it cannot be read.
        data: The data of the envelope; None when it is not usable.
    """

    code: str
    message: str
    log_id: str | None
    data: JsonObject | None


def open_answer(endpoint: Endpoint, answer: Answer, *, unreadable_before: int = 0) -> Opened:
    """Remove the envelope of an answer; never raises.

    Args:
        endpoint: Some endpoints answer with a good body under HTTP 500, one answers with text.
        answer: The answer as received.
        unreadable_before: How many answers 429 without a readable code this request got before.
    """
    is_good = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    if endpoint.is_text and is_good and (ids := _ids_of(answer.body)) is not None:
        return Opened(code=OK, message="", log_id=None, data={"ids": ids})
    envelope = _json_object(answer.body)
    if envelope is None:
        opened = Opened(code="", message=f"{len(answer.body)} bytes that are not a JSON object", log_id=None, data=None)
    else:
        opened = _opened(
            envelope,
            is_good=is_good,
            is_odd_500=endpoint.judged_by_body and answer.status == HTTPStatus.INTERNAL_SERVER_ERROR,
        )
    return _as_daily_quota(opened, answer, unreadable_before)


def read_page(endpoint: Endpoint, request: JsonObject, answer: Answer, opened: Opened, *, description: str) -> Page:
    """Read an opened answer as a page.

    Args:
        endpoint: The endpoint that answered.
        request: The JSON body that was sent.
        answer: The answer as received.
        opened: The same answer from `open_answer`.
        description: The request in words, for errors.

    Raises:
        TtPipelineError: The answer is an error; see `errors.py`.
    """
    if opened.code != OK:
        return _explained(endpoint, request, answer, opened, description)
    if opened.data is None:
        raise UnexpectedResponse(description, status=answer.status, code=OK, message="no data", log_id=opened.log_id)
    try:
        records = _records(endpoint, request, opened.data)
        cursor = whole(opened.data.get("cursor"))
    except ValueError as error:
        raise UnexpectedResponse(
            description, status=answer.status, code=OK, message=str(error), log_id=opened.log_id
        ) from error
    return Page(
        endpoint=endpoint.name,
        request=request,
        fetched_at=answer.fetched_at,
        status=answer.status,
        body=answer.body,
        records=records,
        slots=_slots(endpoint, request, cursor, len(records)),
        cursor=cursor,
        has_more=opened.data.get("has_more") in (True, "true"),
        search_id=_text_or_none(opened.data.get("search_id")),
        log_id=opened.log_id,
    )


def whole(value: Any) -> int | None:
    """A whole number, which may be text in the answer; None when it is missing.

    Raises:
        ValueError: The value is not a whole number; a float may have lost digits.
    """
    if value is None or value == "":
        return None
    number = whole_number(value)
    if number is None:
        msg = f"a whole number came as {type(value).__name__}"
        raise ValueError(msg)
    return number


def _json_object(body: bytes) -> JsonObject | None:
    try:
        value = json.loads(
            body.decode()
        )  # given bytes, json accepts UTF-16 and lone surrogates, which cannot be stored
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _ids_of(body: bytes) -> list[int] | None:
    lines = body.decode("utf-8-sig", errors="replace").split()
    return [int(line) for line in lines] if all(re.fullmatch("[0-9]{1,20}", line) for line in lines) else None


def _opened(envelope: JsonObject, *, is_good: bool, is_odd_500: bool) -> Opened:
    error = envelope.get("error")
    if isinstance(error, str):  # the flat shape of OAuth
        error = {
            "code": error,
            "message": envelope.get("error_description"),
            "log_id": envelope.get("log_id"),
        }
    if not isinstance(error, dict):
        error = {}
    data = envelope.get("data") if isinstance(envelope.get("data"), dict) else None
    code = str(error.get("code") or "")
    if not code and ((is_good and data is not None) or (is_odd_500 and data)):
        code = OK
    return Opened(
        code=code,
        message=_without_token(error.get("message") or error.get("msg")),
        log_id=_text_or_none(error.get("log_id")),
        data=data,
    )


def _without_token(message: Any) -> str:
    # Some servers repeat the token they refuse; an error must not contain it.
    return re.sub(r"\bclt\.\S+", "clt.…", str(message or ""))[:_LONGEST_MESSAGE]


def _as_daily_quota(opened: Opened, answer: Answer, unreadable_before: int) -> Opened:
    is_mute = answer.status == HTTPStatus.TOO_MANY_REQUESTS and not opened.code
    if is_mute and unreadable_before >= _UNREADABLE_429_BEFORE_GIVING_UP:
        return Opened(code=DAILY_QUOTA, message=opened.message, log_id=opened.log_id, data=None)
    return opened


def _records(endpoint: Endpoint, request: JsonObject, data: JsonObject) -> tuple[JsonObject, ...]:
    if endpoint is USER_INFO:  # the answer does not contain the username
        return ({"username": request["username"]} | data,) if data else ()
    if not endpoint.list_keys:
        return (data,)
    listed: Any = next((data[key] for key in endpoint.list_keys if data.get(key) is not None), [])
    if not isinstance(listed, list):
        msg = f"{endpoint.list_keys[0]} came as {type(listed).__name__}"
        raise ValueError(msg)  # noqa: TRY004 — read_page makes it an UnexpectedResponse
    return tuple(item if isinstance(item, dict) else {"id": whole(item)} for item in listed)


def _slots(endpoint: Endpoint, request: JsonObject, cursor: int | None, count: int) -> int:
    if endpoint.cursor is not CursorKind.INDEX or cursor is None:
        return count
    return max(count, cursor - (request.get("cursor") or 0))


def _text_or_none(value: Any) -> str | None:
    return str(value) if value not in (None, "", 0) else None


def _explained(endpoint: Endpoint, request: JsonObject, answer: Answer, opened: Opened, description: str) -> Page:
    refusal = _refusal(endpoint, answer, opened)
    ends = StopReason.REFUSED if refusal else _beyond_cap(endpoint, request, opened)
    if ends is None:
        raise _error(endpoint, answer, opened, description)
    return Page(
        endpoint=endpoint.name,
        request=request,
        fetched_at=answer.fetched_at,
        status=answer.status,
        body=answer.body,
        records=(),
        slots=0,
        cursor=None,
        has_more=False,
        search_id=None,
        log_id=opened.log_id,
        refusal=refusal,
        ends=ends,
    )


def _refusal(endpoint: Endpoint, answer: Answer, opened: Opened) -> Refusal | None:
    if not endpoint.is_about_someone or opened.code not in _INVALID:
        return None
    by_message = (refusal for refusal, pattern in _REFUSALS if pattern.search(opened.message))
    by_status: dict[int, Refusal] = {HTTPStatus.FORBIDDEN: Refusal.REFUSED, HTTPStatus.NOT_FOUND: Refusal.NOT_FOUND}
    return next(by_message, by_status.get(answer.status))


def _beyond_cap(endpoint: Endpoint, request: JsonObject, opened: Opened) -> StopReason | None:
    is_beyond = (request.get("cursor") or 0) + (request.get("max_count") or 0) > MOST_COMMENTS
    is_end = endpoint is COMMENT_LIST and opened.code in _INVALID and is_beyond
    return StopReason.COMMENT_CAP if is_end else None


def _error(endpoint: Endpoint, answer: Answer, opened: Opened, description: str) -> TtPipelineError:
    if opened.code in {"scope_not_authorized", "scope_permission_missed"}:
        return ScopeNotAuthorized(opened.code, opened.log_id)
    if opened.code == DAILY_QUOTA:
        limit, resets_at = DAILY_REQUESTS[endpoint.bucket], opens_after(answer.fetched_at)
        return QuotaExhausted(endpoint.bucket, used=limit, limit=limit, resets_at=resets_at, reported_by_server=True)
    error = (_kind_by_code(opened) or _kind_by_status(answer.status, opened.code))(
        description, status=answer.status, code=opened.code, message=opened.message, log_id=opened.log_id
    )
    if isinstance(error, RateLimited):
        error.retry_after_s = answer.retry_after_s
    return error


def _kind_by_code(opened: Opened) -> type[ApiError] | None:
    if opened.code in _INVALID and _STALE_POSITION.search(opened.message):
        return SearchIdRefused
    return _KINDS.get(opened.code)


_KINDS: Final[dict[str, type[ApiError]]] = {
    **dict.fromkeys(_INVALID, SearchRejected),
    "invalid_request": SearchRejected,
    "invalid_file_upload": SearchRejected,
    "access_token_invalid": TokenInvalid,
    "invalid_token": TokenInvalid,
    "rate_limit_exceeded": RateLimited,
    "internal_error": ServerFailure,
    "timeout": ServerFailure,
}


def _kind_by_status(status: int, code: str) -> type[ApiError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return ServerFailure
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenInvalid
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited
    if status == HTTPStatus.BAD_REQUEST and code:
        return SearchRejected
    is_cut = not code and status < HTTPStatus.MULTIPLE_CHOICES
    return ServerFailure if is_cut else UnexpectedResponse
