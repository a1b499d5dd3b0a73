"""The commands that use what was collected: sql."""

from typing import Annotated

import typer

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
