"""Runs one query or dot command of `tt sql` and prints the answer."""

import re
from pathlib import Path
from typing import Final

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.dot_commands import HELP, OF_TABLES, dot_command, explained, names_of
from tt_pipeline.cli.table_texts import list_columns, list_tables
from tt_pipeline.cli.tables import MOST_ROWS, Layout, show_frame, show_rows
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import OnOpen, failed_checks_of, first_rows_published, published_columns, query_published
from tt_pipeline.warehouse import full_name

REMEDY: Final = "--wide prints everything on long lines, --records one value a line."
_SHOW_TABLES: Final = re.compile(r"\s*show\s+(all\s+)?tables\s*;?\s*", re.IGNORECASE)


def run_sql(published: Path, text: str, *, layout: Layout, remedy: str, on_open: OnOpen | None = None) -> None:
    """Print the answer to a query and what failed checks found about its tables, or `.tables` and `.schema`.

    Args:
        published: The published file.
        text: SQL or a dot command.
        layout: How rows are printed.
        remedy: How to see what does not fit.
        on_open: Called with DuckDB's connection before the query runs.

    Raises:
        UsageError: The query or command is wrong, or nothing is published.
    """
    if _SHOW_TABLES.fullmatch(text):
        text = ".tables"
    if words := dot_command(text):
        _run_dot_command(published, words)
    else:
        _show_answer(published, text, layout=layout, remedy=remedy, on_open=on_open)
        warn_of_checks(published, text)


def _show_answer(published: Path, query: str, *, layout: Layout, remedy: str, on_open: OnOpen | None) -> None:
    """Print all rows as CSV, or the first ones, without reading the others."""
    if layout is Layout.CSV:
        show_frame(query_published(published, query, on_open=on_open), layout=layout)
    else:
        found = first_rows_published(published, query, most=MOST_ROWS, on_open=on_open)
        show_rows(found, layout=layout, remedy=remedy)


def warn_of_checks(published: Path, text: str) -> None:
    """Print on stderr what failed checks found about the tables that a text names."""
    for message in failed_checks_of(published, text):
        problem(f"A check failed: {message}")


def _run_dot_command(published: Path, words: list[str]) -> None:
    command, *names = words
    if command == HELP:
        say(explained(OF_TABLES))
        return
    if command not in names_of(OF_TABLES):
        raise UsageError(f"{command} is not a command. There are:\n{explained(OF_TABLES)}")
    columns = published_columns(published)
    tables = [found for name in names for found in _named(name, columns)] or list(columns)
    if command == ".tables":
        list_tables(tables)
    else:
        list_columns({name: columns[name] for name in tables})


def _named(name: str, columns: dict[str, dict[str, str]]) -> list[str]:
    of_schema = [table for table in columns if table.startswith(f"{name.lower()}.")]
    return of_schema or [full_name(name, columns)]
