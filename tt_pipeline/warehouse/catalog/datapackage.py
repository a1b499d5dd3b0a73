"""Describes the tables of the catalog as a Data Package, for programs that read exports.

The module that writes an export adds the size, hash and time of each file.

Source: https://datapackage.org/standard/data-package/ (version 2)
"""

from typing import Any

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.catalog.model import Column, SqlType, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SOURCE = {"title": "TikTok Research API", "path": "https://developers.tiktok.com/products/research-api/"}
SIMULATOR = {"title": "The simulator of tt_pipeline: people and videos are invented"}

_TYPES = {
    SqlType.BIGINT: "integer",
    SqlType.VARCHAR: "string",
    SqlType.DATE: "date",
    SqlType.TIMESTAMPTZ: "datetime",
    SqlType.BOOLEAN: "boolean",
    SqlType.DOUBLE: "number",
}


def warehouse_package() -> dict[str, Any]:
    """The Data Package of the published file, as `tt describe --datapackage` prints it."""
    return {
        "$schema": PROFILE,
        "name": "tt_pipeline-warehouse",
        "title": "Every table and column of warehouse.duckdb",
        "sources": [SOURCE],
        "resources": [_in_the_warehouse(table) for table in TABLES.values()],
    }


def _in_the_warehouse(table: Table) -> dict[str, Any]:
    return {
        "name": table.full_name,
        "path": "warehouse.duckdb",
        "format": "duckdb",
        "dialect": {"type": "database", "table": table.full_name},
        "description": table.comment,
        "schema": schema_of(table, [field_of(column) for column in table.columns]),
    }


def schema_of(table: Table, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A table's fields and its primary key; without the key if one of its columns can be NULL or is not exported."""
    needs_request = {column.name for column in table.columns if column.missing}
    has_key = needs_request.isdisjoint(table.keys) and set(table.keys) <= {field["name"] for field in fields}
    return {"fields": fields, **({"primaryKey": list(table.keys)} if has_key else {})}


def field_of(column: Column) -> dict[str, Any]:
    """The description of a column."""
    facts = {
        "name": column.name,
        "type": _TYPES[column.type],
        "title": title_of(column.name),
        "description": column.comment,
    }
    required = {} if column.missing else {"constraints": {"required": True}}
    source = {"source": column.source} if column.source else {}
    privacy = {} if column.privacy is Privacy.NONE else {"privacy": column.privacy.value}
    return {**facts, **required, **source, **privacy}


def title_of(name: str) -> str:
    """A column's name as a title: `view_count` becomes "View count"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
