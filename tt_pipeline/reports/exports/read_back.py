"""Reads exported files row by row in every format that DuckDB does not read, for traces, scans and deletions."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports.extra_libraries import library_of
from tt_pipeline.reports.exports.workbook_reading import DAMAGES, pieces_of, shared_strings, sheets_of
from tt_pipeline.sql_text import sql_name
from tt_pipeline.vocabulary import ExportFormat

_AT_ONCE: Final = 20_000
OF_ACCOUNT: Final = "account"
"""The column of an account in the nodes and edges of a network."""
OF_HASHTAG: Final = "hashtag"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """A table in a file; its rows must be read before the next table."""

    name: str
    columns: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


def can_read(path: Path) -> bool:
    """Whether a file has one of the formats."""
    return path.suffix.lower() in _READERS


def read_tables(path: Path) -> Iterator[ReadTable]:
    """The tables of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged, or the library that reads it is not installed.
    """
    try:
        yield from _READERS[path.suffix.lower()](path)
    except (sqlite3.DatabaseError, *DAMAGES, UsageError) as error:
        raise ValueError(f"it is damaged, or cannot be read here ({error})") from error


def _read_json_lines(path: Path) -> Iterator[ReadTable]:
    with path.open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines if line.strip())
        first: dict[str, Any] = next(rows, {})
        yield ReadTable(
            name=path.stem, columns=[*first], rows=(tuple(map(row.get, first)) for row in chain([first], rows))
        )


def _read_sqlite(path: Path) -> Iterator[ReadTable]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by 1").fetchall():
            rows = connection.execute(f"select * from {sql_name(name)} order by rowid")
            yield ReadTable(name=name, columns=[column[0] for column in rows.description], rows=rows)


def _read_workbook(path: Path) -> Iterator[ReadTable]:
    with ZipFile(path) as workbook:
        strings = shared_strings(workbook)
        for sheet in sheets_of(workbook):
            with workbook.open(sheet.part) as stream:
                rows = (piece.cells for piece in pieces_of(stream, strings) if piece.row)
                head = next(rows, {})
                names = [head.get(place, "") for place in range(max(head, default=-1) + 1)]
                yield ReadTable(name=sheet.name, columns=names, rows=(as_tuple(cells, len(names)) for cells in rows))


def as_tuple(cells: Mapping[int, str], width: int) -> tuple[str | None, ...]:
    """The cells of a row, at least so many; None for those that are empty."""
    return tuple(map(cells.get, range(max(width, max(cells, default=-1) + 1))))


def _read_statistics(path: Path) -> Iterator[ReadTable]:
    pyreadstat = library_of(ExportFormat(path.suffix.lower().removeprefix(".")))
    read = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    try:
        _, described = read(path, metadataonly=True, output_format="polars")

        def rows() -> Iterator[tuple[Any, ...]]:
            for start in range(0, described.number_rows or 0, _AT_ONCE):
                piece, _ = read(path, row_offset=start, row_limit=_AT_ONCE, output_format="polars")
                yield from piece.iter_rows()

        yield ReadTable(name=path.stem, columns=described.column_names, rows=rows())
    except pyreadstat.ReadstatError as error:
        raise ValueError(str(error)) from error


def _read_network(path: Path) -> Iterator[ReadTable]:
    network = ReadNetwork(path)
    for name, elements in (("nodes", network.nodes), ("edges", network.edges)):
        attributes = network.attribute_names(elements)
        columns = [*network.ends(name), *attributes]
        rows = ((*network.keys(each), *map(network.attributes(each).get, attributes)) for each in elements)
        yield ReadTable(name=name, columns=columns, rows=rows)


class ReadNetwork:
    """A file of GEXF or GraphML.

    Attributes:
        tree: The whole file.
        nodes: The elements of the nodes.
        edges: The elements of the edges.
    """

    def __init__(self, path: Path) -> None:
        for prefix, address in _namespaces(path).items():
            ET.register_namespace(prefix, address)
        self.tree = ET.parse(path)  # noqa: S314 — see the import
        root = self.tree.getroot()
        self._space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
        self.nodes = [*root.iter(f"{self._space}node")]
        self.edges = [*root.iter(f"{self._space}edge")]
        self._names = {
            (each.attrib.get("id", "")): each.attrib.get("title") or each.attrib.get("attr.name") or ""
            for tag in ("attribute", "key")
            for each in root.iter(f"{self._space}{tag}")
        }
        # In GEXF attributes of nodes and of edges are numbered apart.
        self._names_of = {
            (kind.attrib.get("class", ""), each.attrib.get("id", "")): each.attrib.get("title", "")
            for kind in root.iter(f"{self._space}attributes")
            for each in kind.iter(f"{self._space}attribute")
        }
        self._is_of_hashtags = any(self.attributes(node).get("kind") == OF_HASHTAG for node in self.nodes[:1])

    def ends(self, table: str) -> tuple[str, ...]:
        """The names of the first columns: of the node, or of both ends of an edge."""
        name = OF_HASHTAG if self._is_of_hashtags else OF_ACCOUNT
        return (name,) if table == "nodes" else (name, name)

    def keys(self, element: ET.Element) -> tuple[str, ...]:
        """The node, or both ends of the edge."""
        attributes = element.attrib
        return (attributes["source"], attributes["target"]) if "source" in attributes else (attributes["id"],)

    def attribute_names(self, elements: Sequence[ET.Element]) -> list[str]:
        """The names of the attributes that any of the elements has."""
        return list(dict.fromkeys(chain.from_iterable(map(self.attributes, elements))))

    def attributes(self, element: ET.Element) -> dict[str, str]:
        """The attributes of a node or an edge as texts."""
        found = {name: value for name in ("label", "weight") if (value := element.attrib.get(name)) is not None}
        return found | {name: value for name, value, _ in self.values(element)}

    def values(self, element: ET.Element) -> Iterator[tuple[str, str, ET.Element]]:
        """Name, value and element of each attribute that has an element."""
        kind = element.tag.removeprefix(self._space)
        for each in element.iter(f"{self._space}attvalue"):
            number = each.attrib.get("for") or each.attrib.get("attr", "")
            yield self._names_of.get((kind, number), number), each.attrib.get("value", ""), each
        for each in element.iter(f"{self._space}data"):
            number = each.attrib.get("key", "")
            yield self._names.get(number, number), each.text or "", each


def _namespaces(path: Path) -> dict[str, str]:
    return dict(each for _, each in ET.iterparse(path, events=["start-ns"]))  # noqa: S314 — see the import


_READERS: Final[Mapping[str, Callable[[Path], Iterator[ReadTable]]]] = MappingProxyType(
    {
        ".jsonl": _read_json_lines,
        ".sqlite": _read_sqlite,
        ".xlsx": _read_workbook,
        ".dta": _read_statistics,
        ".sav": _read_statistics,
        ".gexf": _read_network,
        ".graphml": _read_network,
    }
)
