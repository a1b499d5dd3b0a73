"""What a table and a column are: the words in which the catalog speaks.

Here belong the types of the catalog; the tables themselves stand in its other modules.
"""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

import polars as pl

from tt_pipeline.codebook.fields import Privacy


class SqlType(StrEnum):
    """The few types the warehouse uses, as DuckDB writes them."""

    BIGINT = "BIGINT"
    VARCHAR = "VARCHAR"
    DATE = "DATE"
    TIMESTAMPTZ = "TIMESTAMP WITH TIME ZONE"
    BOOLEAN = "BOOLEAN"
    DOUBLE = "DOUBLE"

    @property
    def polars(self) -> pl.DataType:
        """The same type in a frame."""
        return _POLARS[self]


_POLARS: dict[SqlType, pl.DataType] = {
    SqlType.BIGINT: pl.Int64(),
    SqlType.VARCHAR: pl.String(),
    SqlType.DATE: pl.Date(),
    SqlType.TIMESTAMPTZ: pl.Datetime("us", "UTC"),
    SqlType.BOOLEAN: pl.Boolean(),
    SqlType.DOUBLE: pl.Float64(),
}


class Loading(StrEnum):
    """How rows get into a table."""

    FIRST_SEEN = "first_seen"
    """One row a key: the observation with the smallest (first_observed_at, load_id) stays."""
    EACH_LOAD = "each_load"
    """The rows of a load replace the rows of the same load."""
    DERIVED = "derived"
    """Computed from other tables after each load."""
    HANDED_IN = "handed_in"
    """Replaced as a whole by the room that knows it."""
    VIEW = "view"
    """Computed when it is read."""
    PUBLISHED = "published"
    """A view of the writer's file; a table in the published one, because computing it takes too long to wait for."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, explained once.

    Attributes:
        meaning: One sentence, with the unit.
        missing: What NULL says; empty if the column is never NULL.
        source: The field of the API it comes from; empty if we made it.
    """

    name: str
    type: SqlType
    meaning: str
    _: KW_ONLY
    missing: str = ""
    source: str = ""
    privacy: Privacy = Privacy.NONE

    @property
    def comment(self) -> str:
        """The text that stands in DuckDB beside the column."""
        parts = [
            f"{self.meaning}.",
            f"NULL: {self.missing}." if self.missing else "Never NULL.",
            f"API field: {self.source}." if self.source else "",
            f"Privacy: {self.privacy}." if self.privacy is not Privacy.NONE else "",
        ]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table or view, explained once.

    Attributes:
        grain: What one row is.
        keys: The columns that tell rows apart. No PRIMARY KEY: `merging.py` says why, `checks/` watch it.
        freshness: When a row is new or renewed.
    """

    schema: str
    name: str
    grain: str
    meaning: str
    freshness: str
    keys: tuple[str, ...]
    loading: Loading
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """As SQL names it."""
        return f"{self.schema}.{self.name}"

    @property
    def is_stored(self) -> bool:
        """The writer's file holds its rows; else it is a view there."""
        return self.loading not in {Loading.VIEW, Loading.PUBLISHED}

    @property
    def comment(self) -> str:
        """The text that stands in DuckDB beside the table."""
        return f"One row: {self.grain}. {self.meaning} {self.freshness}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """In the order of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def frame_schema(self) -> pl.Schema:
        """The schema of a frame that may become this table."""
        return pl.Schema({column.name: column.type.polars for column in self.columns})
