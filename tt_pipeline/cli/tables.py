"""Print the rows of a query, or a frame, as tables, records or CSV."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from tt_pipeline.cli.columns import BETWEEN, Width, fitting, shared_out
from tt_pipeline.cli.console import OUT, write_for_programs
from tt_pipeline.cli.wrapping import wrapped
from tt_pipeline.counted import counted
from tt_pipeline.reports import neutral
from tt_pipeline.warehouse import FirstRows, ResultColumn

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

MOST_ROWS: Final = 100
"""What a screen shows of a result; CSV has all rows."""
_GAP: Final = " " * BETWEEN
_SPACE: Final = re.compile(r"[\n\r\t]+")


class Layout(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    """The columns that fit on the screen; long values are cut."""
    WIDE = "wide"
    """Every column and value in full, one line for each row."""
    RECORDS = "records"
    """One line for each value."""
    CSV = "csv"
    """For programs; all rows."""


def show_frame(
    frame: "pl.DataFrame", *, layout: Layout = Layout.TABLE, remedy: str = "", screen: Console = OUT
) -> None:
    """Print all rows of a frame as CSV, or up to 100 as `show_rows` does."""
    if layout is Layout.CSV:
        texts = [name for name, kind in frame.schema.items() if not _has_numbers(kind)]
        write_for_programs(_neutral(_flat(frame), texts).write_csv())
    else:
        show_rows(_first_rows(frame), layout=layout, remedy=remedy, screen=screen)


def _first_rows(frame: "pl.DataFrame") -> FirstRows:
    columns = (
        ResultColumn(
            name, is_number=kind.is_numeric(), is_text=kind.is_nested() or kind.base_type().__name__ == "String"
        )
        for name, kind in frame.schema.items()
    )
    rows = frame.head(MOST_ROWS).iter_rows()
    return FirstRows(columns=tuple(columns), rows=tuple(rows), height=frame.height)


def show_rows(found: FirstRows, *, layout: Layout = Layout.TABLE, remedy: str = "", screen: Console = OUT) -> None:
    """Print the first rows of a result; a table that goes into a pipe is wide.

    Args:
        found: The rows to print.
        layout: A table of one row that does not fit on the screen becomes a record.
        remedy: How to see everything, if a table does not fit.
        screen: The console; stdout by default.
    """
    missing = _show(found, layout, screen)
    more = f" (the first {len(found.rows)} are shown)" if found.height > len(found.rows) else ""
    screen.print(f"{counted(found.height, 'row')}{more}")
    if missing:
        screen.print(Text(f"{missing} {remedy}".strip(), style="dim"))


def _show(found: FirstRows, layout: Layout, screen: Console) -> str:
    """Print the rows; returns what the screen does not show."""
    widths = {column.name: _width(column, [row[at] for row in found.rows]) for at, column in enumerate(found.columns)}
    is_cut = layout is Layout.TABLE and screen.is_terminal
    fit = fitting(widths, screen.width) if is_cut else list(widths)
    if layout is Layout.RECORDS or not fit or (len(fit) < len(widths) and found.height == 1):
        _show_records(found, screen)
        return ""
    fitted = {name: widths[name] for name in fit}
    shown = shared_out(fitted, screen.width) if is_cut else {name: width.whole for name, width in fitted.items()}
    _show_lines(found, shown, screen)
    return _missing(widths, shown, screen.width)


def _missing(widths: Mapping[str, Width], shown: Mapping[str, int], screen: int) -> str:
    gone = [name for name in widths if name not in shown]
    if gone:
        names = textwrap.shorten(", ".join(gone), screen, placeholder=" …")
        return f"{len(gone)} of {len(widths)} columns are not shown ({names})."
    is_cut = any(width < widths[name].whole for name, width in shown.items())
    return "Values that end in … are cut." if is_cut else ""


def _width(column: ResultColumn, values: Sequence[Any]) -> Width:
    return Width.of(column.name, [_line(value).plain for value in values], is_number=not column.is_text)


def _show_lines(found: FirstRows, widths: Mapping[str, int], screen: Console) -> None:
    places = [place for place, column in enumerate(found.columns) if column.name in widths]
    numbers = [found.columns[place].is_number for place in places]

    def show(cells: Sequence[Text]) -> None:
        aligned = [_aligned(*each) for each in zip(cells, widths.values(), numbers, strict=True)]
        line = Text(_GAP).join(aligned)
        line.rstrip()
        screen.print(line, soft_wrap=True)

    show([Text(name, style="bold") for name in widths])
    show([Text("─" * width, style="dim") for width in widths.values()])
    for row in found.rows:
        show([_line(row[place]) for place in places])


def _aligned(cell: Text, width: int, is_number: bool) -> Text:  # noqa: FBT001 — one of a row's parallel lists
    cell.truncate(width, overflow="ellipsis")
    cell.align("right" if is_number else "left", width)
    return cell


def _show_records(found: FirstRows, screen: Console) -> None:
    names = [column.name for column in found.columns]
    width = max(map(len, names), default=0)
    for row in found.rows:
        for name, value in zip(names, row, strict=True):
            record = Text(f"{name:>{width}}{_GAP}", style="bold") + _cell(value)
            shown = wrapped(record, screen.width, hang=len(name + _GAP)) if screen.is_terminal else record
            screen.print(shown, soft_wrap=True)
        screen.print()


def _flat(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Lists and structs as text, because CSV has neither."""
    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(pl.Series(name, [_as_text(value) for value in frame[name]]) for name in nested)


def _has_numbers(kind: "pl.DataType") -> bool:
    import polars as pl

    return kind.is_numeric() or (isinstance(kind, pl.List) and _has_numbers(pl.Series(dtype=kind.inner).dtype))


def _neutral(frame: "pl.DataFrame", texts: Sequence[str]) -> "pl.DataFrame":
    """No spreadsheet runs these texts as formulas, as in an export."""
    import polars as pl

    return frame.with_columns(
        pl.Series(name, [text and neutral(text) for text in frame[name]], dtype=pl.String)
        for name in texts
        if frame.schema[name] == pl.String
    )


def _as_text(value: object) -> str | None:
    import polars as pl

    if isinstance(value, pl.Series):
        return " ".join(str(item) for item in value)
    return None if value is None else str(value)


def _cell(value: object) -> Text:
    return Text("NULL", style="dim") if value is None else Text(str(value))


def _line(value: object) -> Text:
    return Text("NULL", style="dim") if value is None else Text(_SPACE.sub(" ", str(value)))
