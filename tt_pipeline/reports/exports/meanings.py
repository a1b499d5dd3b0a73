"""What the columns of a query mean, as far as that is sure.

A column has the meaning that the catalog gives it where the query takes it as it is from one table. Whatever is
computed, joined or nested means what its query says, whatever it is called.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from tt_pipeline.warehouse import TABLES, Column, Table

_AS_JSON = "select json_serialize_sql($query)"


def meanings(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Column]:
    """The columns of an answer that are a table's own, by their name in the answer.

    Args:
        connection: To any database.
        query: One question that DuckDB answers.
    """
    ((told,),) = connection.execute(_AS_JSON, {"query": query}).fetchall()
    parsed = json.loads(told)
    if parsed["error"]:  # a question that is no select, a pivot for example
        return {}
    node = parsed["statements"][0]["node"]
    table = _only_table(node)
    found: dict[str, Column | None] = {}
    for name, column in _own(node["select_list"], table, node["from_table"]) if table else ():
        found.setdefault(name, column)  # DuckDB gives a name to the first who wants it
    return {name: column for name, column in found.items() if column}


def _only_table(node: Mapping[str, Any]) -> Table | None:
    named = node.get("from_table") or {}
    # A name without a schema may be one that the query itself made.
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
