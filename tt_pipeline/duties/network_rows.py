"""Reads the nodes and edges of a network in an export, and writes the network without some of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from tt_pipeline.duties.row_tables import Row, RowFile, RowTable
from tt_pipeline.reports import ReadNetwork


def read_network(path: Path) -> RowFile:
    """Read a file of GEXF or GraphML; its tables are the nodes and the edges.

    Raises:
        OSError: It cannot be read.
        ElementTree.ParseError: It is damaged.
        ValueError: Something in it has no name.
    """
    try:
        return _read(path)
    except KeyError as error:
        raise ValueError(f"a node or an edge has no {error}") from error


def _read(path: Path) -> RowFile:
    network = ReadNetwork(path)
    elements = {"nodes": network.nodes, "edges": network.edges}
    names = {kind: network.attribute_names(found) for kind, found in elements.items()}
    tables = [
        RowTable(
            name=kind,
            names=(*network.ends(kind), *names[kind]),
            rows=[(*network.keys(each), *map(network.attributes(each).get, names[kind])) for each in found],
            has_profiles=kind == "nodes",
        )
        for kind, found in elements.items()
    ]

    def write(target: Path, kept: Sequence[Sequence[Row | None]]) -> None:
        changed = ReadNetwork(path)
        gone = [node for node, row in zip(changed.nodes, kept[0], strict=True) if row is None]
        ends = {changed.keys(node)[0] for node in gone}
        gone += [
            edge
            for edge, row in zip(changed.edges, kept[1], strict=True)
            if row is None or not ends.isdisjoint(changed.keys(edge))
        ]
        for found, rows, kind in zip((changed.nodes, changed.edges), kept, elements, strict=True):
            _mask(changed, found, rows, names[kind])
        _remove(changed.tree.iter(), set(gone))
        changed.tree.write(target, encoding="utf-8", xml_declaration=True)

    return RowFile(path=path, tables=tables, write=write)


def _mask(network: ReadNetwork, found: Sequence[Element], rows: Sequence[Row | None], names: Sequence[str]) -> None:
    for element, row in zip(found, rows, strict=True):
        if row is None:
            continue
        new = dict(zip(names, row[-len(names) :] if names else (), strict=True))
        for name in ("label", "weight"):
            if name in element.attrib and element.attrib[name] != new.get(name):
                element.attrib[name] = new.get(name) or ""
        _remove(element.iter(), {each for name, value, each in network.values(element) if new.get(name) is None})
        for name, value, each in network.values(element):
            if new[name] != value:
                _set(each, new[name])


def _set(element: Element, value: str) -> None:
    if "value" in element.attrib:
        element.attrib["value"] = value
    else:
        element.text = value


def _remove(parents: Iterable[Element] | Iterator[Element], gone: set[Element]) -> None:
    for parent in list(parents):
        for child in [each for each in parent if each in gone]:
            parent.remove(child)
