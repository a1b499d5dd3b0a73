"""The commands that use and keep what was collected: sql, describe, rebuild."""

import json
import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated

import typer

from tt_pipeline.cli.console import say
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.errors import UsageError
from tt_pipeline.settings import read_settings


def sql(
    query: Annotated[str, typer.Argument(help="What to ask, for example: from marts.videos limit 5")],
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Ask the published warehouse a question in SQL; it is opened read-only."""
    from tt_pipeline.reports import query_published

    _check_asks(query)
    show_frame(query_published(read_settings().files.published, query), as_csv=csv)


def _check_asks(query: str) -> None:
    """Pass one question; settings and temporary tables may stand before it.

    Raises:
        UsageError: There are several, and all but the last would be lost; or it writes, or asks for what is not there.
    """
    import duckdb

    if re.fullmatch(r"\s*show\s+tables\s*;?\s*", query, re.IGNORECASE):
        raise UsageError("The tables lie in schemas, where `show tables` does not look: `tt describe` lists them.")
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error:
        return  # whoever asks it says where it is wrong
    kinds = [statement.type for statement in statements]
    if not {duckdb.StatementType.COPY, duckdb.StatementType.EXPORT}.isdisjoint(kinds):
        raise UsageError(
            '`tt sql` writes no file; `tt export --sql "from marts.videos"` does, and explains its columns.'
        )
    questions = kinds.count(duckdb.StatementType.SELECT)
    if questions > 1:
        raise UsageError(f"These are {questions} questions, and `tt sql` takes one; run it once for each.")


def describe(
    table: Annotated[
        str | None, typer.Argument(help="For example marts.videos, or a schema; without it, every table.")
    ] = None,
    *,
    datapackage: Annotated[
        bool, typer.Option("--datapackage", help="All tables as a Data Package, for programs.")
    ] = False,
) -> None:
    """Say what a table holds: its grain, and each column with unit, source and what NULL means."""
    from tt_pipeline.warehouse import TABLES, describe_table, warehouse_package

    if datapackage:
        print(json.dumps(warehouse_package(), indent=2, ensure_ascii=False))
        return
    asked = table and table.lower()
    listed = [found for found in TABLES.values() if asked in {None, found.schema}]
    for found in listed:
        say(f"{found.full_name}: {found.grain}. {found.meaning}")
    if not listed:
        say(describe_table(_full_name(str(table), TABLES)))


def _full_name(asked: str, names: Collection[str]) -> str:
    """The table that is meant; of a bare name that several schemas have, the one for analysts.

    Raises:
        UsageError: There is none.
    """
    meant = [name for name in names if asked.lower() in {name, name.partition(".")[2]}]
    if meant:
        return min(meant, key=lambda name: not name.startswith("marts."))
    near = get_close_matches(asked.lower(), [*names, *(name.partition(".")[2] for name in names)], n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"No table is called {asked!r}; `tt describe` lists them.{hint}")


def rebuild(
    *,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Also when landed files are damaged or gone and rows would be lost.")
    ] = False,
) -> None:
    """Make the warehouse anew from what has landed, and publish it. Sends nothing.

    Where a table would lose rows the old one stays, unless the loss is accepted.
    """
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.ingestion import publish_warehouse, rebuild_warehouse

    with open_workspace(read_settings()) as workspace:
        rebuild_warehouse(workspace, accepts_loss=accept_loss)
        published = publish_warehouse(workspace)
    say(f"{published.published}: {published.rows['core.videos']:,} videos from {published.rows['ops.loads']:,} files")
