"""Writes networks as GEXF (Gephi) or GraphML: one file for each, of hashtags one for each search."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.reports.exports.extra_libraries import library_of
from tt_pipeline.reports.exports.folder import ExportedFile
from tt_pipeline.reports.exports.networks import MEANINGS, Network, check_edges
from tt_pipeline.reports.exports.plain_texts import TextChanges, for_xml
from tt_pipeline.reports.exports.resources import kind_of
from tt_pipeline.vocabulary import ExportFormat

ACCOUNT: Final = "account"
HASHTAG: Final = "hashtag"
_SHORT: Final = 8
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPart:
    """What one file has.

    Attributes:
        name: Name of the file, without suffix.
        values: Values of the SQL.
    """

    network: Network
    name: str
    values: Mapping[str, str]
    edges: str
    nodes: str


def parts_of(
    connection: duckdb.DuckDBPyConnection,
    networks: Sequence[Network],
    relation_of: Callable[[str], str],
    format_: ExportFormat,
) -> list[NetworkPart]:
    """The files of networks.

    Raises:
        UsageError: One is too large to be built in memory; nothing was written.
    """
    found = [part for network in networks for part in _parts(connection, network, relation_of)]
    for part in found:
        check_edges(connection, part.network, part.edges, part.values, format_)
    return found


def _parts(
    connection: duckdb.DuckDBPyConnection, network: Network, relation_of: Callable[[str], str]
) -> Iterator[NetworkPart]:
    edges, nodes = network.sql(network.edges, relation_of), network.sql(network.nodes, relation_of)
    if not network.parts:
        yield NetworkPart(network=network, name=network.name, values={}, edges=edges, nodes=nodes)
        return
    versions = connection.execute(network.sql(network.parts, relation_of)).fetchall()
    for search, fingerprint, is_current in versions or [("", "", True)]:
        # An edited query is another query, and its lifts cannot be compared.
        parts = (network.name, _NOT_IN_A_NAME.sub("_", search), "" if is_current else fingerprint[:_SHORT])
        yield NetworkPart(
            network=network,
            name=".".join(part for part in parts if part),
            values={"search": search, "fingerprint": fingerprint},
            edges=edges,
            nodes=nodes,
        )


def write_network(
    connection: duckdb.DuckDBPyConnection, part: NetworkPart, folder: Path, format_: ExportFormat
) -> ExportedFile:
    """Write the file of a network; its rows are the edges."""
    networkx = library_of(format_)
    network, changes = part.network, TextChanges()
    graph = networkx.DiGraph() if network.is_directed else networkx.Graph()
    edge_names, edges = _read(connection, part.edges, part.values)
    for start, end, *values in edges:
        ends = for_xml(start, "source", changes), for_xml(end, "target", changes)
        attributes = _attributes(edge_names[2:], values, changes)
        if graph.has_edge(*ends):  # two masked hashtags can look the same
            graph.edges[ends]["weight"] += attributes["weight"]
        else:
            graph.add_edge(*ends, **attributes)
    node_names, nodes = _read(connection, part.nodes, part.values)
    for name in graph:
        graph.nodes[name].update(label=name, kind=ACCOUNT if network.of_accounts else HASHTAG)
    for node, *values in nodes:
        if (name := for_xml(node, "node", changes)) in graph:
            graph.nodes[name].update(_attributes(node_names[1:], values, changes))
    file = folder / f"{part.name}.{format_}"
    if format_ is ExportFormat.GEXF:
        networkx.write_gexf(graph, file)
    else:
        graph.graph["name"] = network.title
        networkx.write_graphml_xml(graph, file)
    described = _resource(part, file.name, format_, (edge_names, node_names))
    return ExportedFile(rows=graph.number_of_edges(), resource=described, replaced=changes.replaced)


def _read(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, str]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    answer = connection.execute(sql, dict(values))
    return [column[0] for column in answer.description or ()], answer.fetchall()


def _attributes(names: Sequence[str], values: Sequence[Any], changes: TextChanges) -> dict[str, Any]:
    """The attributes that are not missing; both formats have no other way to say that one is."""
    return {
        name: for_xml(value, name, changes) if isinstance(value, str) else value
        for name, value in zip(names, values, strict=True)
        if value is not None
    }


def _resource(
    part: NetworkPart, path: str, format_: ExportFormat, names: tuple[Sequence[str], Sequence[str]]
) -> dict[str, Any]:
    edges, nodes = names
    fields = [
        {"name": f"edge.{end}", "type": "string", "description": f"{what} of the edge: {column}", "privacy": privacy}
        for end, what, column in (("source", "Begin", edges[0]), ("target", "End", edges[1]))
        for privacy in ("identifying" if part.network.of_accounts else "content",)
    ]
    described = [(f"edge.{name}", name) for name in edges[2:]] + [
        (f"node.{name}", name) for name in (*nodes[1:], "kind")
    ]
    return {
        "name": part.name.lower(),
        "title": ", of the search ".join(each for each in (part.network.title, part.values.get("search")) if each),
        "path": path,
        "description": f"A network from {', '.join(part.network.tables[:1])}; {_DIRECTION[part.network.is_directed]}.",
        **kind_of(format_),
        "schema": {
            "fields": [
                *fields,
                *({"name": name, "type": "any", "description": f"{MEANINGS[called]}."} for name, called in described),
            ]
        },
    }


_DIRECTION: Final = {
    True: "an edge leads from the account that acts",
    False: "its edges have no direction",
}
