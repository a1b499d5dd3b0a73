"""Makes columns of the warehouse from rows of the codebook: type, meaning, meaning of NULL, source and privacy."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from tt_pipeline.codebook.fields import Field, Record, Stored, WireType, field_of
from tt_pipeline.warehouse.catalog.model import Column, SqlType

_TYPES: Final[Mapping[WireType, SqlType]] = MappingProxyType(
    {
        WireType.INTEGER: SqlType.BIGINT,
        WireType.ID: SqlType.BIGINT,
        WireType.TEXT: SqlType.VARCHAR,
        WireType.BOOLEAN: SqlType.BOOLEAN,
        WireType.SECONDS: SqlType.TIMESTAMPTZ,
        WireType.JSON: SqlType.VARCHAR,
        WireType.IDS: SqlType.BIGINT,
        WireType.TEXTS: SqlType.VARCHAR,
    }
)
"""The type of a field's column. A list has a table with one item a row: the type is that of the item."""


def column_of(record: Record, field: str, /, **changes: Any) -> Column:
    """The column of a field.

    Args:
        record: The record that has the field.
        field: Its name on the wire.
        changes: Attributes of the column that differ in this table, for example `missing`.
    """
    return replace(_column(field_of(record, field)), **changes)


def item_column(record: Record, field: str, item: str, /, **changes: Any) -> Column:
    """The column of a field of the objects in a list."""
    column = _column(field_of(field_of(record, field).items, item))
    return replace(column, **{"source": f"{field}.{item}", **changes})


def columns_of(
    record: Record, *stored: Stored, followed_by: Mapping[str, Column] = MappingProxyType({})
) -> tuple[Column, ...]:
    """The columns of all fields that are stored in one of these ways, in the order of the codebook.

    Args:
        record: The record that has the fields.
        stored: The ways of storing that are selected.
        followed_by: Computed columns, by the name of the column that they follow.
    """
    columns = [_column(field) for field in record if field.stored in stored]
    return tuple(each for column in columns for each in (column, followed_by.get(column.name)) if each is not None)


def _column(field: Field) -> Column:
    return Column(
        field.column_name,
        _TYPES[field.type],
        field.meaning,
        missing=field.missing,
        source=field.name,
        privacy=field.privacy,
    )
