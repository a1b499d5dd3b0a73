"""`tt rehydrate`: its options; `rehydrate_run.py` does the work."""

from pathlib import Path
from typing import Annotated

import typer

from tt_pipeline.cli.options import Yes

File = Annotated[
    Path, typer.Argument(metavar="IDS", help="A file with ids of videos or their links: one a line, or a CSV.")
]
Output = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Also write the report by month into this CSV file.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it costs. Sends and writes nothing.")]


def rehydrate(ids: File, *, output: Output = None, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Request the videos of a list of ids again, and report by month how many are still there.

    In a folder without a study it says the price, asks, and writes a study with one search of these ids. If the quota
    runs out, the same command continues. What was collected already is not requested again.
    """
    from tt_pipeline.cli.rehydrate_run import run_rehydration
    from tt_pipeline.settings import read_settings

    run_rehydration(read_settings(), ids, output=output, is_trial=dry_run, is_agreed=yes)
