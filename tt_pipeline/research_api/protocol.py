"""Read one answer: as a page, or as the matching error.

Pure functions. Only this module distinguishes permanent from transient errors. `paging.py` decides on the next
request, `retry.py` whether the same one is sent again.

Source: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling (2026) and answers that clients got since 2023.
"""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from tt_pipeline.clock import opens_after
from tt_pipeline.codebook.endpoints import COMMENT_LIST, USER_INFO, CursorKind, Endpoint, listed
from tt_pipeline.codebook.limits import LARGEST_PAGE_STEP, LONGEST_LOG_ID, LONGEST_SEARCH_ID, MOST_COMMENTS
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
from tt_pipeline.json_text import NotJson, is_plain, one_line, read_json
from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.research_api.page import Answer, JsonObject, Page
from tt_pipeline.vocabulary import Refusal, StopReason

OK: Final = "ok"
DAILY_QUOTA: Final = "daily_quota_limit_exceeded"
_UNREADABLE_429_BEFORE_GIVING_UP = 3  # a 429 without a readable code counts as a burst three times
_NO_SCOPE: Final = frozenset({"scope_not_authorized", "scope_permission_missed"})
_NOT_ABOUT_THE_SUBJECT: Final = _NO_SCOPE | {DAILY_QUOTA, "invalid_file_upload"}
_INVALID: Final = frozenset({"invalid_params", "invalid_param"})
_STALE_POSITION = re.compile(r"search id .* is invalid or expired|invalid count or cursor", re.IGNORECASE)
_REFUSED_BY_CODE: Final = {
    "permission_denied": Refusal.REFUSED,
    "access_denied": Refusal.REFUSED,
    "forbidden": Refusal.REFUSED,
    "not_found": Refusal.NOT_FOUND,
    "user_not_found": Refusal.NOT_FOUND,
    "video_not_found": Refusal.NOT_FOUND,
    "comment_not_found": Refusal.NOT_FOUND,
    "playlist_not_found": Refusal.NOT_FOUND,
}
_REFUSED_BY_STATUS: Final[dict[int, Refusal]] = {
    HTTPStatus.FORBIDDEN: Refusal.REFUSED,
    HTTPStatus.NOT_FOUND: Refusal.NOT_FOUND,
}
_REFUSED_BY_WORDS: Final = (
    (
        Refusal.NOT_FOUND,
        re.compile(r"cannot (?:be found|find)|not found|does not exist|^playlist \d+ is invalid", re.IGNORECASE),
    ),
    (Refusal.PRIVATE, re.compile(r"is private", re.IGNORECASE)),
    (
        Refusal.REFUSED,
        re.compile(
            r"cannot return this user|information cannot be returned|(?:not allowed to|may not) be disclosed",
            re.IGNORECASE,
        ),
    ),
)
_LONGEST_MESSAGE = 300
_LONGEST_CODE = 64
_MOST_BLANKS = 512
_LONGEST_HEAD = 65_536
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_EXACT: Final = 2**53
"""From here on a float does not say which whole number was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An answer without its envelope.

    Attributes:
        code: "ok", the server's error code, or "" when it cannot be read.
        data: The data of the envelope; None when it is not usable.
        is_json: The body could be read as JSON.
    """

    code: str
    message: str
    log_id: str | None
    data: JsonObject | None
    is_json: bool = True


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
    try:
        envelope = read_json(answer.body).value
    except NotJson as error:
        problem = f"{len(answer.body):,} bytes that are {error}"
        return _as_daily_quota(
            Opened(code="", message=problem, log_id=None, data=None, is_json=False), answer, unreadable_before
        )
    opened = _opened(
        envelope if isinstance(envelope, dict) else {},
        is_good=is_good,
        is_odd_500=_is_odd_500(endpoint, answer),
    )
    return _as_daily_quota(opened, answer, unreadable_before)


def _is_odd_500(endpoint: Endpoint, answer: Answer) -> bool:
    return endpoint.judged_by_body and answer.status == HTTPStatus.INTERNAL_SERVER_ERROR


def not_from_the_api(answer: Answer, *, redirects_to: str | None) -> str | None:
    """What answered instead of the API: a redirect or a web page, as a login to a network sends it; None for the API.

    A gateway of the API may send a page with a server error or with "too many requests"; that is no such page.
    """
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return f"a redirect to {one_line(redirects_to or 'no address', longest=_LONGEST_MESSAGE)}"
    is_gateway = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    if is_gateway or not answer.body[:_MOST_BLANKS].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    title = _TITLE.search(answer.body[:_LONGEST_HEAD].decode("utf-8", errors="replace"))
    return f"a page titled {one_line(title[1].strip(), longest=80)!r}" if title else "a page without a title"


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
    is_good = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    data = opened.data or {}
    records, cursor, has_more = _records(endpoint, request, data), _cursor(endpoint, request, data), _has_more(data)
    is_error = opened.code != OK and (opened.code or not opened.is_json or not is_good)
    # A gateway that fails may send an empty answer that calls itself good: a result is believed only with records.
    is_doubtful = not is_good and not records and not _is_odd_500(endpoint, answer)
    if is_error or is_doubtful:
        return _explained(endpoint, request, answer, opened, description)
    is_missing = records is None and (
        not opened.data or not endpoint.list_keys or _has_slots(request, data, cursor, has_more=has_more)
    )
    if is_missing:  # where it says that it ends is not believed: this page is requested again
        cursor = None
    search_id = _search_id(data)
    return Page(
        endpoint=endpoint.name,
        request=request,
        fetched_at=answer.fetched_at,
        status=answer.status,
        body=answer.body,
        records=records or (),
        slots=_slots(endpoint, request, cursor, len(records or ())),
        cursor=cursor,
        has_more=has_more,
        search_id=search_id or None,
        log_id=opened.log_id,
        ends=StopReason.LIST_MISSING if is_missing else None,
        is_search_id_unusable=search_id == "",
        scrubbed=answer.scrubbed,
    )


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
    code = one_line(error.get("code") or "", longest=_LONGEST_CODE)
    if not code and ((is_good and data is not None) or (is_odd_500 and data)):
        code = OK
    return Opened(
        code=code,
        message=_without_token(error.get("message") or error.get("msg")),
        log_id=one_line(error.get("log_id") or "", longest=LONGEST_LOG_ID) or None,
        data=data,
    )


def _without_token(message: Any) -> str:
    # Some servers repeat the token they refuse; an error must not contain it.
    return re.sub(r"\bclt\.\S+", "clt.…", one_line(message or "", longest=_LONGEST_MESSAGE))


def _as_daily_quota(opened: Opened, answer: Answer, unreadable_before: int) -> Opened:
    is_mute = answer.status == HTTPStatus.TOO_MANY_REQUESTS and not opened.code
    if is_mute and unreadable_before >= _UNREADABLE_429_BEFORE_GIVING_UP:
        return replace(opened, code=DAILY_QUOTA, data=None)
    return opened


def _records(endpoint: Endpoint, request: JsonObject, data: JsonObject) -> tuple[JsonObject, ...] | None:
    """The objects of the list; None when there is no list."""
    if endpoint is USER_INFO:  # the answer does not contain the username
        return ({"username": request["username"]} | data,) if endpoint.known_keys & data.keys() else None
    if not endpoint.list_keys:
        return (data,) if data else None
    items = listed(next((data[key] for key in endpoint.list_keys if data.get(key) is not None), None))
    return None if items is None else tuple(_record(item) for item in items)


def _record(item: Any) -> JsonObject:
    if isinstance(item, dict):
        return item
    number = whole_number(item)  # of a playlist
    return {} if number is None else {"id": number}


def _has_slots(request: JsonObject, data: JsonObject, cursor: int | None, *, has_more: bool | None) -> bool:
    """Whether an answer without a list contradicts itself; an empty result may come without one."""
    is_beyond = cursor is not None and cursor > (request.get("cursor") or 0)
    return is_beyond or has_more is True or any(isinstance(value, dict | list) and value for value in data.values())


def _cursor(endpoint: Endpoint, request: JsonObject, data: JsonObject) -> int | None:
    """The cursor; None when it is missing, no whole number, or beyond what one page can cover."""
    value = data.get("cursor")
    number = (
        int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else whole_number(value)
    )
    if number is None or number < 0:
        return None
    most = (request.get("cursor") or 0) + LARGEST_PAGE_STEP
    return None if endpoint.cursor is CursorKind.INDEX and number > most else number


def _has_more(data: JsonObject) -> bool | None:
    value = data.get("has_more")
    if value is True or value == "true":
        return True
    return False if value is False or value == "false" else None


def _search_id(data: JsonObject) -> str | None:
    """The search_id; "" when it cannot be sent back."""
    value = data.get("search_id")
    if value in (None, "", 0):
        return None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if is_plain(text, longest=LONGEST_SEARCH_ID) else ""


def _slots(endpoint: Endpoint, request: JsonObject, cursor: int | None, count: int) -> int:
    if endpoint.cursor is not CursorKind.INDEX or cursor is None:
        return count
    return max(count, cursor - (request.get("cursor") or 0))


def _explained(endpoint: Endpoint, request: JsonObject, answer: Answer, opened: Opened, description: str) -> Page:
    refusal, ends = _refusal(endpoint, answer, opened), None
    if refusal is None:
        ends = _beyond_cap(endpoint, request, opened)
    if refusal is None and ends is None and _is_unknown_refusal(endpoint, answer, opened):
        refusal = Refusal.UNKNOWN
    ends = StopReason.REFUSED if refusal else ends
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
        scrubbed=answer.scrubbed,
    )


def _refusal(endpoint: Endpoint, answer: Answer, opened: Opened) -> Refusal | None:
    """Why the API returns nothing about the subject: by code and status, by words only where those say nothing."""
    if not endpoint.is_about_someone or not opened.code:
        return None
    if by_code := _REFUSED_BY_CODE.get(opened.code):
        return by_code
    if opened.code not in _INVALID or _STALE_POSITION.search(opened.message):
        return None
    by_words = (refusal for refusal, pattern in _REFUSED_BY_WORDS if pattern.search(opened.message))
    return next(by_words, None) or _REFUSED_BY_STATUS.get(answer.status)


def _is_unknown_refusal(endpoint: Endpoint, answer: Answer, opened: Opened) -> bool:
    """Whether the API refuses the subject in words that are not known."""
    is_refused = answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
    is_other = _kind_by_code(opened) not in {None, SearchRejected} or opened.code in _NOT_ABOUT_THE_SUBJECT
    return endpoint.is_about_someone and is_refused and bool(opened.code) and not is_other


def _beyond_cap(endpoint: Endpoint, request: JsonObject, opened: Opened) -> StopReason | None:
    is_beyond = (request.get("cursor") or 0) + (request.get("max_count") or 0) > MOST_COMMENTS
    is_end = endpoint is COMMENT_LIST and opened.code in _INVALID and is_beyond
    return StopReason.COMMENT_CAP if is_end else None


def _error(endpoint: Endpoint, answer: Answer, opened: Opened, description: str) -> TtPipelineError:
    if opened.code in _NO_SCOPE:
        return ScopeNotAuthorized(opened.code, opened.log_id)
    if opened.code == DAILY_QUOTA:
        limit, resets_at = DAILY_REQUESTS[endpoint.bucket], opens_after(answer.fetched_at)
        return QuotaExhausted(endpoint.bucket, used=limit, limit=limit, resets_at=resets_at, reported_by_server=True)
    error = (_kind_by_code(opened) or _kind_by_status(answer.status, opened.code))(
        description, status=answer.status, code=opened.code, message=opened.message, log_id=opened.log_id
    )
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        error.rejected = (RejectedAnswer.of(answer.body, opened.message or opened.code),)
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
    if code == OK:  # it contradicts its status, and another try would too
        return UnexpectedResponse
    if status == HTTPStatus.UNAUTHORIZED:
        return TokenInvalid
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited
    if status == HTTPStatus.BAD_REQUEST and code:
        return SearchRejected
    is_cut = not code and status < HTTPStatus.MULTIPLE_CHOICES
    return ServerFailure if is_cut else UnexpectedResponse
