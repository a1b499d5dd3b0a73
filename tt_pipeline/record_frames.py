"""Frames of the API's records: a column for each field of the codebook, in its type, ids as exact 64-bit numbers.

The warehouse does not use this: it parses files, counts what does not fit, and keeps it. Here a value of another type
is NULL.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from tt_pipeline.codebook.fields import Field, Given, Record, WireType
from tt_pipeline.ids import whole_number

_INSTANT: Final = pl.Datetime("us", "UTC")
_LATEST_SECOND: Final = 4_102_444_800
"""The year 2100; a later second is not a time."""
_TYPES: Final[Mapping[WireType, pl.DataType]] = {
    WireType.INTEGER: pl.Int64(),
    WireType.ID: pl.Int64(),
    WireType.TEXT: pl.String(),
    WireType.BOOLEAN: pl.Boolean(),
    WireType.SECONDS: _INSTANT,
    WireType.JSON: pl.String(),
    WireType.IDS: pl.List(pl.Int64()),
    WireType.TEXTS: pl.List(pl.String()),
}


def record_frame(records: Sequence[Mapping[str, Any]], fields: Record, *, before: Sequence[str] = ()) -> pl.DataFrame:
    """The records as rows, in their order.

    Args:
        records: As the API sent them.
        fields: The fields of this kind of record; other keys are left out.
        before: Keys with text that come first, and that are no fields of the API.

    Returns:
        A column for each field that can be requested or came, under the API's name; times are instants in UTC.
    """
    is_requested = any(field.given is Given.REQUESTED for field in fields)  # followers come with fields of their own
    columns = [field for field in fields if not is_requested or _is_shown(field, records)]
    columns = [field for field in columns if field.name not in before]
    texts = {name: pl.Series(name, [record.get(name) for record in records], pl.String) for name in before}
    return pl.DataFrame(
        [*texts.values(), *(_column(field, [record.get(field.name) for record in records]) for field in columns)]
    )


def _is_shown(field: Field, records: Sequence[Mapping[str, Any]]) -> bool:
    return field.given is Given.REQUESTED or any(record.get(field.name) is not None for record in records)


def _column(field: Field, values: Sequence[Any]) -> pl.Series:
    return pl.Series(field.name, [_value(field, value) for value in values], _type(field), strict=True)


def _type(field: Field) -> pl.DataType:
    if field.type is WireType.OBJECTS:
        return pl.List(pl.Struct({item.name: _type(item) for item in field.items}))
    return _TYPES[field.type]


def _value(field: Field, value: Any) -> Any:
    if field.type is WireType.OBJECTS:
        items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None
        return items and [{each.name: _value(each, item.get(each.name)) for each in field.items} for item in items]
    return _READ[field.type](value)


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [read(item) for item in value] if isinstance(value, list) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None if value is None else json.dumps(value, ensure_ascii=False)


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _instant(value: Any) -> datetime | None:
    second = whole_number(value)
    return datetime.fromtimestamp(second, UTC) if second is not None and 0 <= second < _LATEST_SECOND else None


_READ: Final[Mapping[WireType, Callable[[Any], Any]]] = {
    WireType.INTEGER: whole_number,
    WireType.ID: whole_number,
    WireType.TEXT: _text,
    WireType.BOOLEAN: _truth,
    WireType.SECONDS: _instant,
    WireType.JSON: _text,
    WireType.IDS: _list_of(whole_number),
    WireType.TEXTS: _list_of(_text),
}
