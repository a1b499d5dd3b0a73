"""Reads the rows of a workbook (.xlsx) in an export, and writes a workbook without some of them.

All else stays as it is: sheets, formats, formulas, and what people have filled in. If something in the workbook refers
to rows by their number, such as a formula, the removed rows stay empty; otherwise the others move up.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZipFile

from tt_pipeline.duties.row_tables import Row, RowFile, RowTable
from tt_pipeline.erased_subjects import ErasedSubjects, without
from tt_pipeline.reports import (
    DAMAGES,
    SHARED,
    SheetPiece,
    as_tuple,
    column_of,
    parsed_row,
    pieces_of,
    shared_strings,
    sheets_of,
)

_REFERS: Final = re.compile(
    rb"<(?:f|mergeCell|tablePart|dataValidation|conditionalFormatting|hyperlink|legacyDrawing|drawing)[ />]"
)
_ROW_NUMBER: Final = re.compile(rb'(<row\b[^>]*?\br=")\d+')
_CELL_NUMBER: Final = re.compile(rb'(<c\b[^>]*?\br="[A-Z]+)\d+')
_STRING: Final = re.compile(rb"<si\s*/>|<si\b.*?</si>", re.DOTALL)
_EMPTY: Final = b"<si><t/></si>"
_ESCAPE: Final = re.compile("_(x[0-9A-Fa-f]{4}_)")
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadSheet:
    part: str
    table: RowTable
    refers: bool


def read_workbook(path: Path) -> RowFile:
    """Read a workbook.

    Raises:
        ValueError: It is no workbook, or it is damaged.
    """
    try:
        with ZipFile(path) as workbook:
            strings = shared_strings(workbook)
            for name in workbook.namelist():  # a part that cannot be copied is found before anything is written
                if not name.startswith("xl/worksheets/sheet"):
                    workbook.read(name)
            sheets = [_read_sheet(workbook, each.name, each.part, strings) for each in sheets_of(workbook)]
    except DAMAGES as error:
        raise ValueError(f"it is no workbook, or it is damaged ({error})") from error
    moves_up = not any(sheet.refers for sheet in sheets)

    def write(target: Path, kept: Sequence[Sequence[Row | None]]) -> None:
        used = set[int]()
        parts = {sheet.part: (sheet, rows) for sheet, rows in zip(sheets, kept, strict=True)}
        with ZipFile(path) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
            for name in old.namelist():
                if name == SHARED:
                    continue
                with old.open(name) as source, new.open(name, "w", force_zip64=True) as written:
                    if name in parts:
                        sheet, rows = parts[name]
                        for piece in _changed(
                            pieces_of(source, strings), sheet.table.rows, rows, used, moves_up=moves_up
                        ):
                            written.write(piece)
                    else:
                        written.write(source.read())
            if strings:
                new.writestr(SHARED, _without_unused(old.read(SHARED), used))

    return RowFile(path=path, tables=[sheet.table for sheet in sheets], write=write)


def parts_with(path: Path, erased: ErasedSubjects) -> list[str]:
    """The parts of a workbook beside its cells, such as notes on cells, that name what is erased.

    Raises:
        ValueError: It is no workbook.
    """
    with ZipFile(path) as workbook:
        cells = {SHARED, *(sheet.part for sheet in sheets_of(workbook))}
        others = [
            name for name in workbook.namelist() if name not in cells and name.endswith((".xml", ".vml", ".rels"))
        ]
        texts = {name: workbook.read(name).decode("utf-8", "replace") for name in others}
    return [name for name, text in texts.items() if without(text, erased) != text]


def _read_sheet(workbook: ZipFile, name: str, part: str, strings: Sequence[str]) -> _ReadSheet:
    refers, rows = False, list[Mapping[int, str]]()
    with workbook.open(part) as stream:
        for piece in pieces_of(stream, strings):
            refers = refers or bool(_REFERS.search(piece.before) or _REFERS.search(piece.row))
            if piece.row:
                rows.append(piece.cells)
    head, body = (rows[0], rows[1:]) if rows else ({}, [])
    names = [head.get(place, "") for place in range(max(head, default=-1) + 1)]
    table = RowTable(name=name, names=names, rows=[as_tuple(cells, len(names)) for cells in body])
    return _ReadSheet(part=part, table=table, refers=refers)


def _changed(
    pieces: Iterator[SheetPiece],
    before: Sequence[Row],
    after: Sequence[Row | None],
    used: set[int],
    *,
    moves_up: bool,
) -> Iterator[bytes]:
    """The pieces of a sheet with other rows; `used` gets the numbers of the shared strings that are still used."""
    body, removed, is_head = iter(zip(before, after, strict=True)), 0, True
    for piece in pieces:
        yield piece.before
        if not piece.row:
            continue
        old, new = ((), ()) if is_head else next(body)
        is_head = False
        if new is None:
            removed += 1
            continue
        changed = {place: value for place, value in enumerate(new) if value != old[place]}
        used.update(number for place, number in piece.shared.items() if place not in changed)
        row = _with_cells(piece, changed) if changed else piece.row
        yield _moved(row, removed) if removed and moves_up else row


def _moved(row: bytes, by: int) -> bytes:
    """The row, that many places further up."""
    found = re.search(rb'<row\b[^>]*?\br="(\d+)', row)
    if not found:
        return row
    number = str(int(found[1]) - by).encode()
    return _CELL_NUMBER.sub(rb"\g<1>" + number, _ROW_NUMBER.sub(rb"\g<1>" + number, row, count=1))


def _with_cells(piece: SheetPiece, changed: Mapping[int, object]) -> bytes:
    element = parsed_row(piece.row, piece.prefixes)
    for place, cell in enumerate(element):
        column = column_of(cell.attrib["r"]) if "r" in cell.attrib else place
        if column not in changed:
            continue
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if value := changed[column]:
            cell.attrib["t"] = "inlineStr"
            text = ET.SubElement(ET.SubElement(cell, "is"), "t", {_SPACE: "preserve"})
            text.text = _ESCAPE.sub(r"_x005F_\1", str(value))
    return bytes(ET.tostring(element, encoding="utf-8"))


def _without_unused(content: bytes, used: set[int]) -> bytes:
    """The shared strings, empty in the place of those that no cell uses any more; their numbers stay."""
    number = -1

    def kept(found: re.Match[bytes]) -> bytes:
        nonlocal number
        number += 1
        return found[0] if number in used else _EMPTY

    return _STRING.sub(kept, content)
