"""The SQL box: one query that reads the published tables, its first rows, and one sentence for everything else."""

from dataclasses import dataclass
from typing import Final

import duckdb

from tt_pipeline.errors import UsageError

MOST_ROWS: Final = 200
MOST_COLUMNS: Final = 100
LONGEST_SQL: Final = 20_000
_LONGEST_VALUE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The first rows of a query, as text.

    Attributes:
        numbers: Whether each column has numbers.
        has_more: Whether there are more rows.
        left_out: Columns that are not shown, because there are too many.
    """

    columns: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str | None, ...], ...]
    has_more: bool
    left_out: int


def check_query(text: str) -> None:
    """Check that a text is one query.

    Text that DuckDB cannot parse passes, because running it reports the error.

    Raises:
        UsageError: It is empty, too long, several statements, or no query.
    """
    if len(text) > LONGEST_SQL:
        raise UsageError(f"The query has more than {LONGEST_SQL:,} characters.")
    try:
        statements = duckdb.extract_statements(text)
    except duckdb.Error:
        return
    if not statements:
        raise UsageError("The query is empty; write one, for example: from marts.videos")
    kinds = [_kind(statement) for statement in statements]
    if foreign := next((kind for kind in kinds if kind != "SELECT"), None):
        raise UsageError(f"This page only reads: {foreign} is not a query. `tt sql` can do a little more.")
    if len(kinds) > 1:
        raise UsageError(f"These are {len(kinds)} queries, but one runs at a time.")


def _kind(statement: duckdb.Statement) -> str:
    try:
        return statement.type.name
    except ValueError:  # a kind that DuckDB's interface for Python does not know
        return "this"


def answer_query(connection: duckdb.DuckDBPyConnection, text: str) -> Answer:
    """The first rows of a query.

    Args:
        connection: Of `opened`, which can neither write nor open another file.
        text: What the person typed.

    Raises:
        UsageError: It is not one query, or DuckDB refuses it; the message is one sentence and perhaps the place.
    """
    check_query(text)
    try:
        return _first_rows(connection, text)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise  # `opened` says why
    except duckdb.PermissionException as error:
        raise UsageError("A query can read the tables of the published file, and no other file or address.") from error
    except duckdb.Error as error:
        raise UsageError(f"{error}") from error


def _first_rows(connection: duckdb.DuckDBPyConnection, text: str) -> Answer:
    found = connection.sql(text)
    if found is None:
        raise UsageError("This page only reads: this is not a query.")
    kinds = [str(kind) for kind in found.types]
    shown = min(len(kinds), MOST_COLUMNS)
    texts = ", ".join(
        f"left(cast(#{place} as varchar), {_LONGEST_VALUE + 1}) as c{place}" for place in range(1, shown + 1)
    )
    rows = found.limit(MOST_ROWS + 1).project(texts).fetchall()
    return Answer(
        columns=tuple(found.columns[:shown]),
        numbers=tuple(
            kind in {"BIGINT", "INTEGER", "HUGEINT", "DOUBLE"} or kind.startswith("DECIMAL") for kind in kinds[:shown]
        ),
        rows=tuple(rows[:MOST_ROWS]),
        has_more=len(rows) > MOST_ROWS,
        left_out=len(kinds) - shown,
    )
