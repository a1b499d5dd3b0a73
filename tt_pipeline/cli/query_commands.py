"""The commands for the warehouse: sql, describe, rebuild."""

import json
import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Annotated

import typer

from tt_pipeline.cli.console import say, write_for_programs
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.errors import UsageError
from tt_pipeline.settings import read_settings


def sql(
    query: Annotated[str, typer.Argument(help="A query, for example: from marts.videos limit 5")],
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Query the published warehouse in SQL. Nothing is written, and no other file is read."""
    from tt_pipeline.reports import query_published

    if re.fullmatch(r"\s*show\s+tables\s*;?\s*", query, re.IGNORECASE):
        raise UsageError("`show tables` does not show tables in schemas: `tt describe` lists them.")
    show_frame(query_published(read_settings().files.published, query), as_csv=csv)


def describe(
    table: Annotated[
        str | None, typer.Argument(help="For example marts.videos, or a schema; without it, every table.")
    ] = None,
    *,
    datapackage: Annotated[
        bool, typer.Option("--datapackage", help="Print all tables as a Data Package, for programs.")
    ] = False,
) -> None:
    """Describe a table: its grain, and each column with its unit, source and the meaning of NULL."""
    from tt_pipeline.warehouse import TABLES, describe_table, warehouse_package

    if datapackage:
        write_for_programs(json.dumps(warehouse_package(), indent=2, ensure_ascii=False) + "\n")
        return
    schema = table and table.lower()
    listed = [found for found in TABLES.values() if schema in {None, found.schema}]
    for found in listed:
        say(f"{found.full_name}: {found.grain}. {found.meaning}")
    if not listed:
        say(describe_table(_full_name(str(table), TABLES)))


def _full_name(table: str, names: Collection[str]) -> str:
    """The full name of a table; for a name in several schemas, the one in marts.

    Raises:
        UsageError: There is no such table.
    """
    matches = [name for name in names if table.lower() in {name, name.partition(".")[2]}]
    if matches:
        return min(matches, key=lambda name: not name.startswith("marts."))
    near = get_close_matches(table.lower(), [*names, *(name.partition(".")[2] for name in names)], n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"No table is called {table!r}; `tt describe` lists them.{hint}")


def rebuild(
    *,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Rebuild even if rows are lost because landed files are damaged or missing."
        ),
    ] = False,
) -> None:
    """Build the warehouse again from the landed pages, and publish it. Sends nothing.

    If any table would lose rows, the old warehouse is kept, unless you accept the loss.
    """
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.ingestion import publish_warehouse, rebuild_warehouse
    from tt_pipeline.studies import study_or_none

    settings = read_settings()
    # One-off collections need no study; an empty folder does.
    study = study_or_none(settings.study_file) if settings.files.landing.is_dir() else None
    with open_workspace(settings, study) as workspace:
        rebuild_warehouse(workspace, accepts_loss=accept_loss)
        published = publish_warehouse(workspace, accepts_loss=accept_loss)
    say(f"{published.published}: {published.rows['core.videos']:,} videos from {published.rows['ops.loads']:,} files")
