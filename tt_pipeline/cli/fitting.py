"""Fit tables to the screen by leaving columns out, so that no word is broken."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT, Screen

_WITHOUT_EDGE: Final = 10_000


def show_table(table: Table, *, may_go: Sequence[str] = (), screen: Screen = OUT) -> None:
    """Print a table, on a narrow screen without some of its columns, which are named below it.

    Args:
        table: The table; loses the columns that do not fit.
        may_go: Headers of columns that may be left out, the least important first. A header that several columns
            have means the first of them that is left.
        screen: The console; stdout by default.
    """
    gone = []
    for header in may_go:
        if _width(table, screen) <= screen.width:
            break
        gone.append(_leave_out(header, table))
    screen.print(table)
    if gone:
        screen.print(Text(f"Not shown on a screen of {screen.width} columns: {', '.join(gone)}.", style="dim"))


def _leave_out(header: str, table: Table) -> str:
    """Take the first column of this header away; returns its name, and where it was if another is called so."""
    headers = [f"{column.header}" for column in table.columns]
    place = headers.index(header)
    kept = [*table.columns[:place], *table.columns[place + 1 :]]
    table.columns = [replace(column, _index=number) for number, column in enumerate(kept)]
    return f"{header} of {headers[place - 1]}" if headers.count(header) > 1 else header


def _width(table: Table, screen: Screen) -> int:
    return Measurement.get(screen, screen.options.update(width=_WITHOUT_EDGE), table).maximum
