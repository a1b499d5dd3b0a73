"""The attrition report of `tt rehydrate`: a table by month, and what its numbers do not say."""

from pathlib import Path
from typing import Any, Final

import polars as pl
from rich import box
from rich.table import Table

from tt_pipeline.cli.console import OUT, heading, say
from tt_pipeline.counted import counted
from tt_pipeline.reports import write_attrition

_COLUMNS: Final = ("listed", "asked", "found", "missing")
_MEANS: Final = (
    "Missing: the API did not return the id, and does not say why. The video can be deleted, private, of a minor, or of"
    " a country that the API does not serve; or the id is wrong."
)


def show_attrition(rows: pl.DataFrame, output: Path | None) -> None:
    """Print the rows of `attrition`, and write them to a file if there is one.

    Raises:
        StorageFailed: The file cannot be written.
    """
    *months, whole = rows.to_dicts()
    heading("What is still there, by month of upload (UTC)")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("month")
    for name in (*_COLUMNS, "share missing"):
        table.add_column(name, justify="right")
    for month in months:
        table.add_row(*_cells(month))
    table.add_section()
    table.add_row(*_cells(whole), style="bold")
    OUT.print(table)
    for sentence in _qualifiers(whole):
        say(sentence)
    if output:
        write_attrition(rows, output)
        say(f"{output}: this report with all its columns, as CSV.")


def _cells(row: dict[str, Any]) -> list[str]:
    share = row["share_missing"]
    return [row["month"], *(f"{row[name]:,}" for name in _COLUMNS), "–" if share is None else f"{share:.1%}"]


def _qualifiers(whole: dict[str, Any]) -> list[str]:
    found = [_MEANS] if whole["missing"] else []
    if number := whole["not_asked"]:
        found.append(f"Not asked yet, or without a complete answer: {counted(number, 'id')}.")
    if number := whole["hidden"]:
        found.append(
            f"Found before, hidden now, and counted as neither: {counted(number, 'id')}. A check missed them, or they"
            " were not checked for too long: `tt refresh` checks them."
        )
    if number := whole["deleted_on_request"]:
        found.append(f"Deleted here with `tt purge`, and neither asked nor missing: {counted(number, 'id')}.")
    return found
