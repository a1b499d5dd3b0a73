"""Expressions that turn the fields of a record, as they were read, into values of the warehouse's columns.

One expression for each row of the codebook that is stored in a column; the type of the field decides how.
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
    """The columns of all fields of a record that are stored so, under the names of the columns."""
    return (_value(field) for field in record if field.stored in stored)


def ids(record: Record) -> Iterator[pl.Expr]:
    """The fields that hold ids, under their own names; NULL where a field holds none."""
    return (identity(field.name) for field in record if field.type is WireType.ID and field.stored is Stored.ATTRIBUTE)


def _value(field: Field) -> pl.Expr:
    return _VALUES[field.type](field.name).alias(field.column_name)
