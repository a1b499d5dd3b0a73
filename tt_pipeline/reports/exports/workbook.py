"""Writes tables as one workbook of Excel: a sheet for each table, a codebook and a sheet with notes.

No cell is a formula or a link, whatever it begins with. Ids are text. Rows are written as they are read, so memory does
not grow with them.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports.column_formats import LONGEST_CELL
from tt_pipeline.reports.exports.extra_libraries import library_of
from tt_pipeline.reports.exports.plain_texts import TextChanges, cut_to_utf16, for_xml
from tt_pipeline.vocabulary import ExportFormat

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its header."""
MOST_COLUMNS: Final = 16_384
CODEBOOK: Final = "codebook"
NOTES: Final = "notes"
CODEBOOK_HEAD: Final = (
    *("sheet", "column", "type", "meaning", "unit", "an empty cell means"),
    *("privacy", "API field", "name in the query"),
)
_LONGEST_NAME: Final = 31
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_EXACT: Final = 10**15
"""Excel stores numbers as floats with 15 digits."""
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 9999
_DAY: Final = "yyyy-mm-dd"
_INSTANT: Final = "yyyy-mm-dd hh:mm:ss"
_NARROW: Final = 12
_WIDE: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table that becomes a sheet.

    Attributes:
        name: Name of the sheet.
        columns: Names of the columns.
        rows: Called when the sheet is written.
    """

    name: str
    columns: Sequence[str]
    rows: Callable[[], Iterable[Sequence[Any]]]


@dataclass(slots=True)
class WrittenSheet:
    """What became of a sheet."""

    rows: int = 0
    changes: TextChanges = field(default_factory=TextChanges)


def sheet_names(names: Sequence[str]) -> list[str]:
    """A valid name of a sheet for each, in the same order: at most 31 characters, without duplicates."""
    taken = {CODEBOOK, NOTES, "history"}  # Excel keeps the last for itself
    return [_taken(_NOT_IN_A_NAME.sub("_", name).strip("'")[:_LONGEST_NAME] or "table", taken) for name in names]


def check_size(name: str, rows: int, columns: int) -> None:
    """Check that a table fits into a sheet.

    Raises:
        UsageError: It has too many rows or columns.
    """
    if rows > MOST_ROWS:
        raise UsageError(
            f"{name} has {rows:,} rows, and a sheet of Excel has space for {MOST_ROWS:,} below its header; nothing was "
            "written. Use --format parquet or csv, or export a part: "
            f'`tt export --sql "from {name} where …" --format xlsx`.'
        )
    if columns > MOST_COLUMNS:
        raise UsageError(
            f"{name} has {columns:,} columns, and a sheet of Excel has {MOST_COLUMNS:,}; nothing was written. Use "
            "--format parquet or csv."
        )


def write_workbook(
    file: Path,
    sheets: Sequence[Sheet],
    *,
    created: datetime,
    codebook: Iterable[Sequence[str]],
    notes: Callable[[Mapping[str, WrittenSheet]], Sequence[str]],
) -> dict[str, WrittenSheet]:
    """Write a workbook; returns what became of each sheet.

    Args:
        file: The new file.
        sheets: The tables.
        created: The time of the export.
        codebook: The rows of the codebook, as `CODEBOOK_HEAD` names their cells.
        notes: The lines of the sheet with notes, when the tables are written.
    """
    xlsxwriter = library_of(ExportFormat.XLSX)
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),  # unfinished sheets have the same data, and go with the folder
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": False,
    }
    workbook = xlsxwriter.Workbook(str(file), options)
    workbook.use_zip64()
    workbook.set_properties({"created": created.replace(tzinfo=None)})
    writer = _Writer(workbook)
    try:
        written = {sheet.name: writer.write(sheet) for sheet in sheets}
        writer.write(Sheet(name=CODEBOOK, columns=CODEBOOK_HEAD, rows=lambda: codebook))
        writer.write(Sheet(name=NOTES, columns=("note",), rows=lambda: ((line,) for line in notes(written))))
        workbook.close()
    except xlsxwriter.exceptions.XlsxFileError as error:
        raise OSError(str(error)) from error
    finally:
        workbook.fileclosed = 1  # else XlsxWriter would write the rest later, when the object is deleted
    return written


class _Writer:
    """Writes sheets into a workbook of XlsxWriter."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._bold = workbook.add_format({"bold": True})
        self._day = workbook.add_format({"num_format": _DAY})
        self._instant = workbook.add_format({"num_format": _INSTANT})
        self._kind = _plain_worksheet()

    def write(self, sheet: Sheet) -> WrittenSheet:
        """Write a sheet, with its header in bold and in sight when one scrolls."""
        page = self._workbook.add_worksheet(sheet.name, worksheet_class=self._kind)
        page.freeze_panes(1, 0)
        for number, name in enumerate(sheet.columns):
            page.set_column(number, number, _WIDE if sheet.name in {CODEBOOK, NOTES} else max(_NARROW, len(name) + 2))
            page.write_string(0, number, name, self._bold)
        done = WrittenSheet()
        for done.rows, row in enumerate(sheet.rows(), start=1):
            for number, value in enumerate(row):
                if value is not None:
                    self._cell(page, (done.rows, number), value, sheet.columns[number], done.changes)
        page.autofilter(0, 0, max(done.rows, 1), len(sheet.columns) - 1)
        return done

    def _cell(self, page: Any, place: tuple[int, int], value: Any, column: str, changes: TextChanges) -> None:
        if isinstance(value, str):
            page.write_string(*place, _fitting(value, column, changes))
        elif isinstance(value, bool):
            page.write_boolean(*place, value)
        elif isinstance(value, int | float):
            # Excel rounds other numbers, and has no infinite one.
            if math.isfinite(value) and abs(value) < _EXACT:
                page.write_number(*place, value)
            else:
                page.write_string(*place, str(value))
        elif isinstance(value, date) and _FIRST_YEAR <= value.year <= _LAST_YEAR:
            page.write_datetime(*place, value, self._instant if isinstance(value, datetime) else self._day)
        else:
            page.write_string(*place, str(value))


def _fitting(text: str, column: str, changes: TextChanges) -> str:
    plain = for_xml(text, column, changes)
    if len(plain) > LONGEST_CELL // 2 and len(plain.encode("utf-16-le")) // 2 > LONGEST_CELL:
        changes.cut[column] += 1
        return cut_to_utf16(plain, LONGEST_CELL)
    return plain


def _plain_worksheet() -> Any:
    """XlsxWriter's worksheet, in which a text such as <r>…</r> stays a text; XlsxWriter takes it for formatted."""
    from xlsxwriter.worksheet import Worksheet

    def write_as_text(self: Any, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, True, attributes)

    return type("PlainWorksheet", (Worksheet,), {"_xml_rich_inline_string": write_as_text})


def _taken(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        ending = f"_{number}"
        found = f"{name[: _LONGEST_NAME - len(ending)]}{ending}"
    taken.add(found.lower())
    return found


def notes_of(written: Mapping[str, WrittenSheet]) -> Iterator[str]:
    """What a reader of the workbook has to know about its cells, and what was changed in them."""
    yield "Ids are text, because Excel rounds numbers of more than 15 digits; longer numbers are text too."
    yield "Days are dates. Instants are dates with a time in UTC, to the millisecond; a column …_local has local times."
    yield "No cell is a formula: a text that begins with =, +, - or @ is a text. A line end in a text is a line feed."
    yield "An empty cell is a missing value; an empty text looks the same."
    for sheet, done in written.items():
        for column, number in done.changes.cut.items():
            texts = counted(number, "text", "were")
            yield f"{sheet}, {column}: {texts} cut to {LONGEST_CELL:,} characters, because a cell cannot hold more."
        for column, number in done.changes.replaced.items():
            texts = counted(number, "text", "have")
            yield f"{sheet}, {column}: {texts} the sign \ufffd in the place of characters that Excel cannot hold."
