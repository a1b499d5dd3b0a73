"""The commands that use and keep what was collected: sql, rebuild."""

from typing import Annotated

import typer

from tt_pipeline.cli.console import say
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.settings import read_settings


def sql(
    query: Annotated[str, typer.Argument(help="What to ask, for example: from marts.videos limit 5")],
    *,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
) -> None:
    """Ask the published warehouse a question in SQL; it is opened read-only."""
    from tt_pipeline.reports.answers import ask

    show_frame(ask(read_settings().files.published, query), as_csv=csv)


def rebuild() -> None:
    """Make the warehouse anew from what has landed, and publish it. Sends nothing."""
    from tt_pipeline.ingestion.delivery import publish
    from tt_pipeline.ingestion.delivery import rebuild as rebuild_warehouse
    from tt_pipeline.ingestion.desk import open_books

    with open_books(read_settings()) as books:
        rebuild_warehouse(books)
        published = publish(books)
    say(f"{published.published}: {published.rows['core.videos']:,} videos from {published.rows['ops.loads']:,} files")
