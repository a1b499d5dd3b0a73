"""The commands that use and keep what was collected: sql, describe, rebuild."""

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
    from tt_pipeline.reports.answers import ask

    show_frame(ask(read_settings().files.published, query), as_csv=csv)


def describe(
    table: Annotated[str | None, typer.Argument(help="For example core.videos; without it, every table.")] = None,
) -> None:
    """Say what a table holds: its grain, and each column with unit, source and what NULL means."""
    from tt_pipeline.warehouse.catalog import TABLES
    from tt_pipeline.warehouse.catalog.dictionary import describe as described

    if table is None:
        for name, found in TABLES.items():
            say(f"{name}: {found.grain}")
        return
    if table not in TABLES:
        nearest = get_close_matches(table, TABLES, n=1, cutoff=0.4)
        hint = f" Did you mean {nearest[0]}?" if nearest else ""
        raise UsageError(f"No table is called {table!r}; `tt describe` lists them.{hint}")
    say(described(table))


def rebuild() -> None:
    """Make the warehouse anew from what has landed, and publish it. Sends nothing."""
    from tt_pipeline.ingestion.delivery import publish
    from tt_pipeline.ingestion.delivery import rebuild as rebuild_warehouse
    from tt_pipeline.ingestion.desk import open_books

    with open_books(read_settings()) as books:
        rebuild_warehouse(books)
        published = publish(books)
    say(f"{published.published}: {published.rows['core.videos']:,} videos from {published.rows['ops.loads']:,} files")
