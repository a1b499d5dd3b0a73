"""Frames as people look at them."""

import polars as pl
from rich.console import Console
from rich.table import Table

from tt_pipeline.cli.console import OUT, say

_MOST_ROWS = 100
_PIPED_WIDTH = 400


def show_frame(frame: pl.DataFrame, *, as_csv: bool = False) -> None:
    """Print every row as CSV, or up to 100 as a table."""
    if as_csv:
        print(_flat(frame).write_csv(), end="")
        return
    table = Table(show_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="ellipsis", no_wrap=True)
    for row in frame.head(_MOST_ROWS).iter_rows():
        table.add_row(*(_text(value) for value in row))
    # What is piped has no edge to fit in; on a screen long text is cut, and --csv gives it whole.
    (OUT if OUT.is_terminal else Console(width=_PIPED_WIDTH)).print(table)
    more = f" (the first {_MOST_ROWS} are shown)" if frame.height > _MOST_ROWS else ""
    say(f"{frame.height:,} rows{more}")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as text, because CSV has none."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name in lists)


def _text(value: object) -> str:
    return "" if value is None else str(value)
