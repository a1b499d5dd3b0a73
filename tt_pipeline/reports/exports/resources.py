"""The entry of a table in the Data Package of an export: its file, and the meaning of each column."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tt_pipeline.reports.exports.column_formats import INSTANT, ColumnFormat
from tt_pipeline.reports.exports.source import Source
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import Column, field_of, schema_of, title_of

_OF_A_QUERY: Final = "Column of a query: its SQL is the title of the file in datapackage.json."
_MEDIA: Final = MappingProxyType(
    {
        ExportFormat.CSV: "text/csv",
        ExportFormat.PARQUET: "application/vnd.apache.parquet",
        ExportFormat.DUCKDB: "application/vnd.duckdb",
        ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat.DTA: "application/x-stata-dta",
        ExportFormat.SAV: "application/x-spss-sav",
        ExportFormat.JSONL: "application/jsonl",
        ExportFormat.SQLITE: "application/vnd.sqlite3",
        ExportFormat.GEXF: "application/gexf+xml",
        ExportFormat.GRAPHML: "application/graphml+xml",
    }
)


def resource(
    source: Source,
    columns: Sequence[ColumnFormat],
    path: str,
    format_: ExportFormat,
    *,
    place: str = "",
    labels: Mapping[str, Mapping[int, str]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The entry of a table.

    Args:
        source: The table.
        columns: Its columns.
        path: The file.
        format_: The format of the file.
        place: The name under which a file of many tables has it.
        labels: Of the columns that are numbers with labels in this format: the label of each number.
    """
    known = _known(source)
    fields = [_labelled(_with_treatment(_field(column, known, format_), source), labels) for column in columns]
    description = {"description": source.table.comment} if source.table else {}
    schema = schema_of(source.table, fields) if source.table else {"fields": fields}
    masked = {name for name, treatment in source.treatments.items() if treatment is Treatment.MASKED}
    if not masked.isdisjoint(source.table.keys if source.table else ()):
        schema.pop("primaryKey", None)  # two texts can look the same when they are masked
    head = {"name": source.name, "title": source.title, "path": path, **description, **kind_of(format_)}
    match format_:
        case ExportFormat.DUCKDB | ExportFormat.SQLITE:
            return {**head, "dialect": {"type": "database", "table": place}, "schema": schema}
        case ExportFormat.XLSX:
            return {**head, "dialect": {"type": "spreadsheet", "sheetName": place}, "schema": schema}
        case ExportFormat.CSV | ExportFormat.PARQUET | ExportFormat.JSONL:
            return {**head, "encoding": "utf-8", "schema": schema}
        case _:
            return {**head, "schema": schema}


def described_columns(source: Source) -> dict[str, Column]:
    """The descriptions of the columns of a source by name, as far as there are any."""
    return {
        column.name: column for column in (*(source.table.columns if source.table else ()), *source.columns.values())
    }


def codebook_rows(sheet: str, source: Source, columns: Sequence[ColumnFormat]) -> Iterator[tuple[str, ...]]:
    """The rows of a codebook: sheet, name, type, meaning, unit, what a missing value means, privacy, field, called."""
    known = described_columns(source)
    for column in columns:
        found = known.get(column.called)
        treatment = source.treatments.get(column.called)
        meaning = f"{found.meaning}." if found else "Column of a query: datapackage.json has its SQL."
        missing = (found.missing or "it is never empty") if found else ""
        yield (
            *(sheet, column.name, column.field_type, f"{meaning} {treatment}." if treatment else meaning),
            *(_unit(column), missing, found.privacy.value if found else "", found.source if found else ""),
            column.called if column.called != column.name else "",
        )


def _unit(column: ColumnFormat) -> str:
    """The unit, as far as name and type show it; other units are in the meaning."""
    if column.name.endswith("_s"):
        return "seconds"
    if column.field_type == "datetime":
        return "UTC" if column.type == INSTANT else "local time"
    kinds = {"date": "UTC day", "boolean": "true or false"}
    return "number" if column.name.endswith("_count") else kinds.get(column.field_type, "")


def kind_of(format_: ExportFormat) -> dict[str, str]:
    """The format of a file for programs."""
    return {"format": format_.value, "mediatype": _MEDIA[format_]}


def _with_treatment(properties: dict[str, Any], source: Source) -> dict[str, Any]:
    treatment = source.treatments.get(str(properties["name"]))
    if not treatment:
        return properties
    return properties | {
        "description": f"{properties['description']} {treatment}.",
        "treatment": treatment.name.lower(),
    }


def _labelled(properties: dict[str, Any], labels: Mapping[str, Mapping[int, str]]) -> dict[str, Any]:
    if properties["name"] not in labels:
        return properties
    categories = [{"value": value, "label": label} for value, label in labels[properties["name"]].items()]
    return properties | {"type": "integer", "categories": categories}


def _known(source: Source) -> Mapping[str, dict[str, Any]]:
    """Descriptions of the columns by name; columns of a query may have missing values that the table never has."""
    if source.table:
        return {column.name: field_of(column) for column in (*source.table.columns, *source.columns.values())}
    return {name: _may_be_missing(column) for name, column in source.columns.items()}


def _may_be_missing(column: Column) -> dict[str, Any]:
    properties = {key: value for key, value in field_of(column).items() if key != "constraints"}
    return properties | {"description": f"{column.meaning}."}


def _field(column: ColumnFormat, known: Mapping[str, dict[str, Any]], format_: ExportFormat) -> dict[str, Any]:
    properties = known.get(column.called, {"title": title_of(column.called), "description": _OF_A_QUERY})
    called = {"called": column.called} if column.called != column.name else {}
    # In CSV an empty cell is a missing value, but an empty text in a column that is never missing.
    missing = {"missingValues": [] if "constraints" in properties else [""]} if format_ is ExportFormat.CSV else {}
    return properties | {"name": column.name, "type": column.field_type} | called | missing
