"""Runs one query or dot command of `tt sql` and prints the answer."""

import re
from pathlib import Path
from typing import Final

from tt_pipeline.cli.console import say
from tt_pipeline.cli.table_texts import list_columns, list_tables
from tt_pipeline.cli.tables import Layout, show_frame
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import OnOpen, published_columns, query_published
from tt_pipeline.warehouse import full_name

REMEDY: Final = "--wide prints everything on long lines, --records one value a line."
_SHOW_TABLES: Final = re.compile(r"\s*show\s+(all\s+)?tables\s*;?\s*", re.IGNORECASE)
COMMANDS: Final = """\
.tables          lists the tables
.schema [TABLE]  lists columns with their types"""


def run_sql(
    published: Path, text: str, *, as_csv: bool = False, layout: Layout, remedy: str, on_open: OnOpen | None = None
) -> None:
    """Print the answer to a query, or to `.tables` and `.schema`.

    Args:
        published: The published file.
        text: SQL or a dot command.
        as_csv: Print CSV for programs.
        layout: How rows are printed.
        remedy: How to see what does not fit.
        on_open: Called with DuckDB's connection before the query runs.

    Raises:
        UsageError: The query or command is wrong, or nothing is published.
    """
    if _SHOW_TABLES.fullmatch(text):
        text = ".tables"
    if text.lstrip().startswith("."):
        _run_dot_command(published, text.split())
    else:
        show_frame(query_published(published, text, on_open=on_open), as_csv=as_csv, layout=layout, remedy=remedy)


def _run_dot_command(published: Path, words: list[str]) -> None:
    command, *names = [word.rstrip(";") for word in words]
    if command == ".help":
        say(COMMANDS)
        return
    if command not in {".tables", ".schema"}:
        raise UsageError(f"{command} is no command. There are:\n{COMMANDS}")
    columns = published_columns(published)
    wanted = [found for name in names for found in _named(name, columns)] or list(columns)
    if command == ".tables":
        list_tables(wanted)
    else:
        list_columns({name: columns[name] for name in wanted})


def _named(name: str, columns: dict[str, dict[str, str]]) -> list[str]:
    of_schema = [table for table in columns if table.startswith(f"{name.lower()}.")]
    return of_schema or [full_name(name, columns)]
