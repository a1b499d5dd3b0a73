"""Polars expressions that convert the parsed fields of a record to the values of columns.

There is one expression for each row of the codebook that is stored in a column; the field's type selects it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import polars as pl

from tt_pipeline.codebook.fields import Field, Record, Stored, WireType
from tt_pipeline.warehouse.shape.values import identity, instant, text

_VALUES: Final[Mapping[WireType, Callable[[str], pl.Expr]]] = {
    WireType.INTEGER: pl.col,
    WireType.ID: identity,
    WireType.TEXT: text,
    WireType.BOOLEAN: pl.col,
    WireType.SECONDS: lambda name: instant(pl.col(name)),
    WireType.JSON: pl.col,
}


def values(record: Record, *stored: Stored) -> Iterator[pl.Expr]:
    """Expressions for the columns of all fields that are stored in one of these ways, named like the columns."""
    return (_value(field) for field in record if field.stored in stored)


def ids(record: Record) -> Iterator[pl.Expr]:
    """Expressions for the fields that contain ids, named like the fields; NULL if the value is not an id."""
    return (identity(field.name) for field in record if field.type is WireType.ID and field.stored is Stored.ATTRIBUTE)


def _value(field: Field) -> pl.Expr:
    return _VALUES[field.type](field.name).alias(field.column_name)
