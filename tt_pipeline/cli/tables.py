"""Frames as people look at them."""

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT, say

_MOST_ROWS = 100
_PIPED_WIDTH = 400
_LEAST_WIDTH = 9
"""Characters that a column needs to be read; with less, rows are shown one below the other."""


def show_frame(frame: pl.DataFrame, *, as_csv: bool = False) -> None:
    """Print every row as CSV, or up to 100 as a table; a frame too wide for the screen record by record."""
    if as_csv:
        print(_flat(frame).write_csv(), end="")
        return
    # What is piped has no edge to fit in; on a screen long text is cut, and --csv gives it whole.
    console = OUT if OUT.is_terminal else Console(width=_PIPED_WIDTH)
    if frame.width * _LEAST_WIDTH > console.width:
        _show_records(frame)
    else:
        console.print(_table(frame))
    more = f" (the first {_MOST_ROWS} are shown)" if frame.height > _MOST_ROWS else ""
    say(f"{frame.height:,} {'row' if frame.height == 1 else 'rows'}{more}")


def _table(frame: pl.DataFrame) -> Table:
    table = Table(show_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        is_number = kind.is_numeric()
        table.add_column(Text(name), justify="right" if is_number else "left", overflow="ellipsis", no_wrap=True)
    for row in frame.head(_MOST_ROWS).iter_rows():
        table.add_row(*(_cell(value) for value in row))  # as Text: what people wrote is no markup
    return table


def _show_records(frame: pl.DataFrame) -> None:
    width = max(len(name) for name in frame.columns)
    for row in frame.head(_MOST_ROWS).iter_rows(named=True):
        for name, value in row.items():
            OUT.print(Text(f"{name:>{width}}  ", style="bold") + _cell(value))
        say()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structs as text, because CSV has none."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(pl.Series(name, [_written(value) for value in frame[name]]) for name in nested)


def _written(value: object) -> str | None:
    if isinstance(value, pl.Series):
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)


def _cell(value: object) -> Text:
    return Text("NULL", style="dim") if value is None else Text(str(value))
