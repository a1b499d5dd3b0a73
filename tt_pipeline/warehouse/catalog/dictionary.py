"""Writes the catalog as text: `docs/data-dictionary.md` and the output of `tt describe`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS
from tt_pipeline.warehouse.catalog.model import Column

_HEAD = """\
# Data dictionary

Begin with `marts.videos`, one row for each video; this page lists every table and column of `data/warehouse.duckdb`.
It is made from `tt_pipeline/warehouse/catalog/`; the file has the same texts as comments.
Instants are UTC and end in `_at`, days end in `_date`; NULL means "missing" and never 0.
"""
_STATUSES: Mapping[str, Mapping[str, str]] = {
    "ops.search_coverage": SEARCH_STATUSES,
    "ops.comment_coverage": COMMENT_STATUSES,
    "ops.account_coverage": ACCOUNT_STATUSES,
}


def data_dictionary() -> str:
    """The text of `docs/data-dictionary.md`."""
    parts = [_HEAD]
    for schema, meaning in SCHEMAS.items():
        parts.append(f"## {schema}\n\n{meaning}\n")
        parts.extend(_chapter(table) for table in TABLES.values() if table.schema == schema)
    return "\n".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """The explanation of a table for people.

    Attributes:
        head: Name, meaning, key, and what NULL means in most columns.
        columns: For each column its name and type, all of the same width, and its meaning.
    """

    head: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


def text_of(table: Table) -> TableText:
    """The explanation of a table; a meaning of NULL that several columns have is given once."""
    usual = _usual_missing(table)
    width = max(len(column.name) for column in table.columns)
    kind = max(len(_kind(column)) for column in table.columns)
    null = (f"NULL: {usual}, unless a column says otherwise.",) if usual else ()
    return TableText(
        head=(table.full_name, table.comment, f"Key: {', '.join(table.keys)}", *null),
        columns=tuple(
            (f"{column.name:<{width}}  {_kind(column):<{kind}}", column.explained(usual)) for column in table.columns
        ),
    )


def _usual_missing(table: Table) -> str:
    """What NULL means in most columns, perhaps with an addition; empty if no two columns share it."""
    every = [column.missing for column in table.columns if column.missing]
    uses = {missing: sum((f"{each}; ").startswith(f"{missing}; ") for each in every) for missing in every}
    usual = max(uses, key=lambda missing: uses[missing], default="")
    return usual if uses.get(usual, 0) > 1 else ""


def _chapter(table: Table) -> str:
    head = [
        f"### {table.full_name}\n",
        f"One row: {table.grain}.",
        f"{table.meaning}",
        f"{table.freshness}",
        f"Key: {', '.join(f'`{key}`' for key in table.keys)}.\n",
    ]
    statuses = _STATUSES.get(table.full_name, {})
    columns = _grid(("column", "type", "meaning", "NULL", "API field", "privacy"), map(_cells, table.columns))
    grid = _grid(("status", "meaning"), ((f"`{status}`", meaning) for status, meaning in statuses.items()))
    return "\n".join([*head, columns, *([grid] if statuses else [])])


def _cells(column: Column) -> tuple[str, ...]:
    missing = column.missing or "never"
    source = f"`{column.source}`" if column.source else ""
    return f"`{column.name}`", _kind(column), column.meaning, missing, source, column.privacy.value


def _kind(column: Column) -> str:
    return column.type.value.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
