"""Frames as people look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT

_MOST_ROWS = 100
_PIPED_WIDTH = 400
_LEAST_WIDTH = 9
"""Characters that longer text needs to be read."""
_LONGEST_WORD = 100
_BETWEEN = 3


def show_frame(frame: pl.DataFrame, *, as_csv: bool = False, screen: Console | None = None) -> None:
    """Print every row as CSV, or up to 100 as a table; as records where a table would cut a name, number or id.

    Args:
        frame: What was asked for.
        as_csv: For a program, not for eyes.
        screen: Where people look; stdout unless given.
    """
    if as_csv:
        print(_flat(frame).write_csv(), end="")
        return
    # What is piped has no edge to fit in; on a screen long text is cut, and --csv gives it whole.
    screen = screen or (OUT if OUT.is_terminal else Console(width=_PIPED_WIDTH))
    shown = frame.head(_MOST_ROWS)
    widths = _fitted({name: _width(shown[name]) for name in shown.columns}, screen.width)
    if widths is None:
        _show_records(shown, screen)
    else:
        screen.print(_table(shown, widths))
    more = f" (the first {_MOST_ROWS} are shown)" if frame.height > _MOST_ROWS else ""
    screen.print(f"{frame.height:,} {'row' if frame.height == 1 else 'rows'}{more}", markup=False, highlight=False)


@dataclass(frozen=True, slots=True)
class _Width:
    """Characters that a column needs at least, and those that show it whole."""

    least: int
    whole: int


def _width(column: pl.Series) -> _Width:
    cells = [_cell(value) for value in column.to_list()]
    whole = max(cell_len(column.name), *(cell.cell_len for cell in cells), 0)
    may_be_cut = whole > _LEAST_WIDTH and (column.dtype.is_nested() or (column.dtype == pl.String and _is_prose(cells)))
    return _Width(max(cell_len(column.name), _LEAST_WIDTH) if may_be_cut else whole, whole)


def _is_prose(cells: Sequence[Text]) -> bool:
    """Whether it can be read when it is cut; ids, names and links cannot."""
    return any(" " in cell.plain or cell.cell_len > _LONGEST_WORD for cell in cells)


def _fitted(columns: Mapping[str, _Width], screen: int) -> dict[str, int] | None:
    """How wide each column is shown, the least greedy first; None when there is no room for what they need."""
    spare = screen - sum(width.least + _BETWEEN for width in columns.values())
    if spare < 0:
        return None
    fitted = {}
    greed = sorted(columns, key=lambda name: columns[name].whole - columns[name].least)
    for place, name in enumerate(greed):
        more = min(columns[name].whole - columns[name].least, spare // (len(greed) - place))
        fitted[name], spare = columns[name].least + more, spare - more
    return fitted


def _table(frame: pl.DataFrame, widths: Mapping[str, int]) -> Table:
    table = Table(show_edge=False, header_style="bold")
    for name, kind in frame.schema.items():
        is_number = kind.is_numeric()
        table.add_column(
            Text(name),
            justify="right" if is_number else "left",
            overflow="ellipsis",
            no_wrap=True,
            width=widths[name],
        )
    for row in frame.iter_rows():
        table.add_row(*(_cell(value) for value in row))  # as Text: what people wrote is no markup
    return table


def _show_records(frame: pl.DataFrame, screen: Console) -> None:
    width = max(len(name) for name in frame.columns)
    for row in frame.iter_rows(named=True):
        for name, value in row.items():
            screen.print(Text(f"{name:>{width}}  ", style="bold") + _cell(value), soft_wrap=True)
        screen.print()


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
