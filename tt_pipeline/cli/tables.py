"""Print frames as tables, records or CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT, new_screen, write_for_programs
from tt_pipeline.reports import neutral

_MOST_ROWS = 100
_PIPED_WIDTH = 400
_LEAST_WIDTH = 9
"""Smallest width at which cut text is readable."""
_LONGEST_WORD = 100
_BETWEEN = 3


def show_frame(frame: pl.DataFrame, *, as_csv: bool = False, screen: Console | None = None) -> None:
    """Print all rows as CSV, or up to 100 as a table, or as records when a table would cut a name, number or id.

    Args:
        frame: The rows to print.
        as_csv: Print CSV for programs.
        screen: The console; stdout by default.
    """
    if as_csv:
        texts = [name for name, kind in frame.schema.items() if not _has_numbers(kind)]
        write_for_programs(_neutral(_flat(frame), texts).write_csv())
        return
    # Piped output may be wide; on a screen long text is cut, and --csv prints it in full.
    screen = screen or (OUT if OUT.is_terminal else new_screen(width=_PIPED_WIDTH))
    shown = frame.head(_MOST_ROWS)
    widths = _fitted({name: _width(shown[name]) for name in shown.columns}, screen.width)
    if widths is None:
        _show_records(shown, screen)
    else:
        screen.print(_table(shown, widths))
    more = f" (the first {_MOST_ROWS} are shown)" if frame.height > _MOST_ROWS else ""
    screen.print(f"{frame.height:,} {'row' if frame.height == 1 else 'rows'}{more}")


@dataclass(frozen=True, slots=True)
class _Width:
    """The least width of a column in characters, and the width that shows it in full."""

    least: int
    whole: int


def _width(column: pl.Series) -> _Width:
    cells = [_cell(value) for value in column.to_list()]
    whole = max(cell_len(column.name), *(cell.cell_len for cell in cells), 0)
    may_be_cut = whole > _LEAST_WIDTH and (column.dtype.is_nested() or (column.dtype == pl.String and _is_prose(cells)))
    return _Width(max(cell_len(column.name), _LEAST_WIDTH) if may_be_cut else whole, whole)


def _is_prose(cells: Sequence[Text]) -> bool:
    """Whether the cells are prose, which is readable when cut; ids, names and links are not."""
    return any(" " in cell.plain or cell.cell_len > _LONGEST_WORD for cell in cells)


def _fitted(columns: Mapping[str, _Width], screen: int) -> dict[str, int] | None:
    """The width of each column, by sharing out spare space; None when the least widths do not fit."""
    spare = screen - sum(width.least + _BETWEEN for width in columns.values())
    if spare < 0:
        return None
    fitted = {}
    by_need = sorted(columns, key=lambda name: columns[name].whole - columns[name].least)
    for place, name in enumerate(by_need):
        more = min(columns[name].whole - columns[name].least, spare // (len(by_need) - place))
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
        table.add_row(*(_cell(value) for value in row))
    return table


def _show_records(frame: pl.DataFrame, screen: Console) -> None:
    width = max(len(name) for name in frame.columns)
    for row in frame.iter_rows(named=True):
        for name, value in row.items():
            screen.print(Text(f"{name:>{width}}  ", style="bold") + _cell(value), soft_wrap=True)
        screen.print()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structs as text, because CSV has neither."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(pl.Series(name, [_written(value) for value in frame[name]]) for name in nested)


def _has_numbers(kind: pl.DataType) -> bool:
    return kind.is_numeric() or (isinstance(kind, pl.List) and _has_numbers(pl.Series(dtype=kind.inner).dtype))


def _neutral(frame: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    """No spreadsheet runs these texts as formulas, as in an export."""
    return frame.with_columns(
        pl.Series(name, [text and neutral(text) for text in frame[name]], dtype=pl.String)
        for name in texts
        if frame.schema[name] == pl.String
    )


def _written(value: object) -> str | None:
    if isinstance(value, pl.Series):
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)


def _cell(value: object) -> Text:
    return Text("NULL", style="dim") if value is None else Text(str(value))
