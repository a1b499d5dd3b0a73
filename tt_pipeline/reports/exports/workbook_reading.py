"""Reads the cells of a workbook (.xlsx) row by row, whoever wrote it; needs no library of the extra `formats`."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SHARED: Final = "xl/sharedStrings.xml"
_ROW: Final = re.compile(rb"<row\b[^>]*/>|<row\b[^>]*[^/>]>.*?</row>|<row>.*?</row>", re.DOTALL)
_PREFIXES: Final = re.compile(rb'xmlns:\w+="[^"]*"')
_LETTERS: Final = re.compile(r"[A-Z]+")
_PIECE: Final = 1 << 20
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPart:
    """A sheet and the part of the zip file that has its cells."""

    name: str
    part: str


DAMAGES: Final = (BadZipFile, ET.ParseError, KeyError, IndexError, EOFError, RuntimeError, zlib.error)
"""What reading a damaged workbook, or one with a password, raises."""


def sheets_of(workbook: ZipFile) -> list[SheetPart]:
    """The sheets of a workbook in their order.

    Raises:
        ValueError: It is no workbook, or is damaged.
    """
    try:
        targets = {
            each.attrib["Id"]: each.attrib["Target"] for each in _xml(workbook.read("xl/_rels/workbook.xml.rels"))
        }
        described = _xml(workbook.read("xl/workbook.xml")).iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
        return [
            SheetPart(name=each.attrib["name"], part=_part(targets[each.attrib[_RELATION]]))
            for each in described
            if "worksheets/" in targets[each.attrib[_RELATION]]
        ]
    except (KeyError, BadZipFile, ET.ParseError) as error:
        raise ValueError(f"it is no workbook, or it is damaged ({error})") from error


def _part(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def shared_strings(workbook: ZipFile) -> list[str]:
    """The texts that cells refer to by their number."""
    if SHARED not in workbook.namelist():
        return []
    return ["".join(_texts(each)) for each in _xml(workbook.read(SHARED)).iterfind(f"{_MAIN}si")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPiece:
    """A part of a sheet: what is before a row, and the row; the last one has no row.

    Attributes:
        row: The XML of the row.
        cells: Its values as text by column, from 0.
        shared: The shared strings that the cells use, by column.
        prefixes: The prefixes of names that the XML of the sheet uses.
    """

    before: bytes
    row: bytes
    cells: Mapping[int, str]
    shared: Mapping[int, int]
    prefixes: bytes = b""


def pieces_of(stream: IO[bytes], strings: Sequence[str]) -> Iterator[SheetPiece]:
    """The pieces of a sheet, which together are all its bytes.

    Raises:
        ValueError: A row is damaged.
        IndexError: A cell refers to a text that is not there.
    """
    unread, prefixes = b"", b""
    while chunk := stream.read(_PIECE):
        unread += chunk
        prefixes = prefixes or b" ".join(_PREFIXES.findall(unread.partition(b"<sheetData")[0]))
        end = 0
        for found in _ROW.finditer(unread):
            cells, shared = _cells(found[0], prefixes, strings)
            before = unread[end : found.start()]
            yield SheetPiece(before=before, row=found[0], cells=cells, shared=shared, prefixes=prefixes)
            end = found.end()
        unread = unread[end:]
    yield SheetPiece(before=unread, row=b"", cells={}, shared={})


def parsed_row(row: bytes, prefixes: bytes = b"") -> ET.Element:
    """The element of a row.

    Raises:
        ValueError: It is damaged.
    """
    try:
        return _xml(b"<rows " + prefixes + b">" + row + b"</rows>")[0]
    except ET.ParseError as error:
        raise ValueError(f"a row is damaged ({error})") from error


def column_of(place: str) -> int:
    """The column of a cell, from 0: that of AB12 is 27."""
    number = 0
    for letter in _LETTERS.match(place)[0]:  # type: ignore[index]  # every place begins with letters
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cells(row: bytes, prefixes: bytes, strings: Sequence[str]) -> tuple[dict[int, str], dict[int, int]]:
    cells, shared = dict[int, str](), dict[int, int]()
    for place, cell in enumerate(parsed_row(row, prefixes)):
        column = column_of(cell.attrib["r"]) if "r" in cell.attrib else place
        if cell.attrib.get("t") == "s":
            number = int(cell.findtext("v") or 0)
            cells[column], shared[column] = strings[number], number
        elif cell.attrib.get("t") == "inlineStr":
            cells[column] = _unescaped("".join(_texts(cell)))
        elif (value := cell.findtext("v")) is not None:
            cells[column] = _unescaped(value) if cell.attrib.get("t") == "str" else value
    return cells, shared


def _texts(element: ET.Element) -> Iterator[str]:
    """The texts of an element, without those that only show how Japanese is read."""
    for child in element:
        tag = child.tag.removeprefix(_MAIN)
        if tag == "t":
            yield _unescaped(child.text or "")
        elif tag in {"is", "r"}:
            yield from _texts(child)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _xml(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 — see the import
