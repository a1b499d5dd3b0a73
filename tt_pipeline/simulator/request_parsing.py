"""How is a request read: its body, fields, numbers, dates?

The body is JSON whatever its content type, null counts as missing, and numbers may come as text. Every function here
raises an API error for what it cannot read. The query object is read in `query_language.py`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NoReturn

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.query_language import read_day
from tt_pipeline.simulator.responses import invalid_count_or_cursor, invalid_params

MAX_COUNT = 100
_LONGEST_WINDOW = timedelta(days=30)
_MAX_INT64 = 2**63 - 1
Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request that passed the checks of token, rate and quota."""

    body: Body
    fields: str
    form: Mapping[str, str]


def read_body(raw: bytes) -> Body:
    """The request's JSON object.

    Raises:
        Refused: It is not JSON, or not an object.
    """
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise invalid_params("The request body is not valid JSON") from None
    if not isinstance(body, dict):
        raise invalid_params("The request body must be a JSON object")
    return {key: value for key, value in body.items() if value is not None}


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


def read_fields(text: str, legal: Iterable[str], knobs: Knobs) -> tuple[str, ...]:
    """The requested fields, each once.

    Raises:
        Refused: There are none, or one is unknown to this endpoint.
    """
    requested = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = set(legal)
    unknown = [name for name in requested if name not in known]
    if unknown and knobs.unknown_fields == "error":
        raise invalid_params(f"Fields is invalid: {','.join(unknown)}")
    if not requested:
        raise invalid_params("Fields is required")
    return tuple(name for name in requested if name in known)


def read_number(body: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number, which public clients also send as text or with `.0`.

    Raises:
        Refused: It is not a number, or missing without a default.
    """
    value = body.get(name, default)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_MAX_INT64)):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_INT64:
        raise _invalid_number(name)
    return value


def _invalid_number(name: str) -> Exception:
    return invalid_count_or_cursor() if name in {"max_count", "cursor"} else invalid_params(f"{name} is invalid")


def read_count(body: Mapping[str, Any], default: int) -> int:
    """The page size, 1 to 100.

    Raises:
        Refused: It is out of range.
    """
    count = read_number(body, "max_count", default)
    if not 1 <= count <= MAX_COUNT:
        raise invalid_count_or_cursor()
    return count


def read_text(body: Mapping[str, Any], name: str) -> str:
    """A required text.

    Raises:
        Refused: It is missing or not a text.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_params(f"{name} is required")
    return value


def read_search_id(body: Mapping[str, Any]) -> str | None:
    """The search_id that the request continues; None if it is missing or empty."""
    value = body.get("search_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise invalid_params("search_id is invalid")
    return value or None


def read_window(body: Mapping[str, Any]) -> tuple[date, date]:
    """The first and last day of a search, both inclusive.

    Raises:
        Refused: A date is not a date, the first is after the last, or they are more than 30 days apart.
    """
    first, last = read_day(body.get("start_date")), read_day(body.get("end_date"))
    if first is None or last is None:
        raise invalid_params("The start date and the end date must be written YYYYMMDD")
    if first > last:
        raise invalid_params("The start date must not be after the end date")
    if last - first > _LONGEST_WINDOW:
        raise invalid_params("The end date must be no more than 30 days after the start date")
    return first, last
