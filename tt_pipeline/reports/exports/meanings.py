"""Find the catalog's descriptions for the columns of a query, as far as they certainly apply.

A column that the query takes unchanged from one table has the meaning from the catalog. For computed, joined or nested
columns no description is used, whatever their names.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from tt_pipeline.warehouse import TABLES, Column, Table

_AS_JSON = "select json_serialize_sql($query)"


def meanings(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Column]:
    """The columns of a query result that come unchanged from a table, by their names in the result.

    Args:
        connection: A connection to any database.
        query: One valid query.
    """
    ((parse_tree,),) = connection.execute(_AS_JSON, {"query": query}).fetchall()
    parsed = json.loads(parse_tree)
    if parsed["error"]:  # a query that is not a select, for example a pivot
        return {}
    node = parsed["statements"][0]["node"]
    table = _only_table(node)
    found: dict[str, Column | None] = {}
    for name, column in _own(node["select_list"], table, node["from_table"]) if table else ():
        found.setdefault(name, column)  # of columns with the same name, DuckDB keeps the name for the first
    return {name: column for name, column in found.items() if column}


def _only_table(node: Mapping[str, Any]) -> Table | None:
    named = node.get("from_table") or {}
    # A name without a schema may be defined in the query itself.
    return (
        TABLES.get(f"{named.get('schema_name')}.{named.get('table_name')}") if not named.get("catalog_name") else None
    )


def _own(selected: list[dict[str, Any]], table: Table, named: Mapping[str, Any]) -> Iterator[tuple[str, Column | None]]:
    columns = {column.name: column for column in table.columns}
    names_of_table = {named["alias"], table.name} - {""}
    for item in selected:
        if item["type"] == "STAR" and not (item["columns"] or item["replace_list"] or item["rename_list"]):
            yield from columns.items()
        *of, name = item.get("column_names") or [""]
        is_own = not of or (len(of) == 1 and of[0] in names_of_table)
        yield item["alias"] or name, columns.get(name) if is_own else None
