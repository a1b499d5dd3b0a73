"""The types of the catalog: table, column, type of a column, way of loading. The other modules define the tables."""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.codebook.statuses import meanings_listed_in

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl


class SqlType(StrEnum):
    """The types of columns in the warehouse, as DuckDB writes them."""

    BIGINT = "BIGINT"
    VARCHAR = "VARCHAR"
    DATE = "DATE"
    TIMESTAMPTZ = "TIMESTAMP WITH TIME ZONE"
    BOOLEAN = "BOOLEAN"
    DOUBLE = "DOUBLE"

    @property
    def polars(self) -> "pl.DataType":
        """The same type in polars."""
        return _polars_types()[self]


@cache
def _polars_types() -> "dict[SqlType, pl.DataType]":
    import polars as pl

    return {
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
    """Passed in by another room, and replaced as a whole before each publication."""
    VIEW = "view"
    """Computed when it is read."""
    PUBLISHED = "published"
    """A view in the writer's file, a table in the published file, because computing it at each query is too slow."""


@dataclass(frozen=True, slots=True)
class Column:
    """The definition of a column.

    Attributes:
        meaning: One sentence, with the unit.
        missing: What NULL means; empty if the column is never NULL.
        source: The field of the API from which it comes; empty if it is computed.
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
        """The comment on the column in DuckDB."""
        return self.explained()

    def explained(self, usual: str = "") -> str:
        """The meaning of the column and of NULL in it.

        Args:
            usual: A meaning of NULL that the reader knows already and that is left out.
        """
        missing = self.missing.replace(f"{usual}; ", "as above; ") if usual else self.missing
        null = f"NULL: {missing}." if missing else "Never NULL."
        parts = [
            f"{self.meaning}.",
            null if not usual or missing != usual else "",
            f"API field: {self.source}." if self.source else "",
            f"Privacy: {self.privacy}." if self.privacy is not Privacy.NONE else "",
        ]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The definition of a table or view.

    Attributes:
        grain: What one row is.
        keys: The columns whose values no two rows share. No PRIMARY KEY enforces it (see `merging.py`); a check
            tests it before each publication.
        freshness: When rows are added or replaced.
        recomputed_by: Of a table of the published file: the columns by which its rows can be computed again after a
            load. A load touches some of their values, and only rows with these can have changed. `kept_marts.py`
            computes rows by video_id, else by day_date or created_date; else the whole table if anything changed.
        only_matching: It leaves out videos that do not fit the query of the search that found them.
    """

    schema: str
    name: str
    grain: str
    meaning: str
    freshness: str
    keys: tuple[str, ...]
    loading: Loading
    columns: tuple[Column, ...]
    recomputed_by: tuple[str, ...] = ()
    only_matching: bool = False

    @property
    def full_name(self) -> str:
        """The name with its schema, as in `core.videos`."""
        return f"{self.schema}.{self.name}"

    @property
    def is_stored(self) -> bool:
        """Whether the writer's file stores its rows; otherwise it is a view there."""
        return self.loading not in {Loading.VIEW, Loading.PUBLISHED}

    @property
    def comment(self) -> str:
        """The comment on the table in DuckDB."""
        return f"One row: {self.grain}. {self.meaning} {self.freshness}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in the order of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def frame_schema(self) -> "pl.Schema":
        """The schema of a polars frame with this table's rows."""
        import polars as pl

        return pl.Schema({column.name: column.type.polars for column in self.columns})


def status_words(column: Column) -> tuple[str, ...]:
    """The values of a column that has statuses, in their order; empty for other columns."""
    return tuple(map(str, meanings_listed_in(column.meaning)))
