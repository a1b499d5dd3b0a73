"""Export tables of the published file, or the result of a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports.column_formats import ColumnFormat, is_id, is_integer
from tt_pipeline.reports.exports.folder import BOM, Export, ExportedFile, describe_folder, unfinished, whole_folder
from tt_pipeline.reports.exports.meanings import meanings
from tt_pipeline.reports.exports.names import safe_names
from tt_pipeline.reports.statements import check_statements
from tt_pipeline.settings import is_loopback
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import (
    SIMULATOR,
    SOURCE,
    TABLES,
    Column,
    Table,
    failed_checks,
    field_of,
    full_name,
    open_published,
    schema_of,
    title_of,
)

_EXACT: Final = 2**53
_ANSWER: Final = "the_answer"
_OF_A_QUERY: Final = "Column of a query: its SQL is the title of the file in datapackage.json."
_MEDIA: Final = {ExportFormat.CSV: "text/csv", ExportFormat.PARQUET: "application/vnd.apache.parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an export is written.

    Attributes:
        for_excel: CSV with a byte order mark, and an apostrophe before each id.
        created: The time of the export, UTC.
        base_url: The server that returned the data; None if it is not recorded.
    """

    format: ExportFormat
    created: datetime
    for_excel: bool = False
    base_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The content of one file.

    Attributes:
        name: Name of the file, without suffix.
        relation: Its name in SQL.
        title: Its title in the Data Package.
        table: The table in the catalog; None for a query.
        columns: Descriptions of columns by name, for a query.
    """

    name: str
    relation: str
    title: str
    table: Table | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)


def export_tables(published: Path, tables: Sequence[str], folder: Path, shape: Shape) -> Export:
    """Write tables, or every table of a named schema.

    Raises:
        UsageError: Nothing is published, a table is unknown, or the folder exists.
        ExportFailed: The folder could not be written; its partial files were deleted.
    """
    with reading(published), open_published(published, folder=unfinished(folder)) as connection:
        named = _named(connection, tables)
        sources = [Source(name=name, relation=name, title=name, table=TABLES.get(name)) for name in named]
        return write(connection, sources, folder, shape, title=", ".join(tables))


def export_query(published: Path, query: str, folder: Path, shape: Shape) -> Export:
    """Write the result of one SQL query.

    Raises:
        UsageError: Nothing is published, the query is invalid, or the folder exists.
        ExportFailed: The folder could not be written; its partial files were deleted.
    """
    with reading(published), open_published(published, folder=unfinished(folder)) as connection:
        try:
            check_statements(duckdb.extract_statements(query))
            connection.execute(f"create temp table {_ANSWER} as select * from (\n{query.rstrip().rstrip(';')}\n)")
        except duckdb.Error as error:
            raise UsageError(f"{error}\nTest the query with `tt sql` first.") from error
        _spell_out(connection)
        columns = meanings(connection, query)
        source = Source(name="answer", relation=_ANSWER, title=query.strip(), columns=columns)
        return write(connection, [source], folder, shape, title="Result of a query")


def write(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], folder: Path, shape: Shape, *, title: str
) -> Export:
    """Write sources to a new folder, completely or not at all."""
    tables = [source.name for source in sources if source.table]
    failed = failed_checks(connection, tables or None)
    package = {"name": _package_name(folder), "title": title, **_origin(connection, shape, failed)}
    with whole_folder(folder) as unfinished:
        files = tuple(_write_file(connection, source, unfinished, shape) for source in sources)
        describe_folder(unfinished, files, package=package, created=shape.created, for_excel=shape.for_excel)
    return Export(folder=folder, files=files, failed_checks=tuple(failed))


def _named(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> list[str]:
    sql = "select distinct schema_name || '.' || table_name as name from duckdb_columns() where not internal"
    published = {name for (name,) in connection.execute(sql).fetchall()}
    known = [name for name in TABLES if name in published]
    found: dict[str, None] = {}
    for table in tables:
        of_schema = [name for name in known if name.startswith(f"{table}.")]
        found |= dict.fromkeys(of_schema or [full_name(table, [*known, *sorted(published - TABLES.keys())])])
    return list(found)


def _spell_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Convert types that programs cannot read from files to text: intervals, and instants within lists."""
    for name, kind, *_ in connection.execute(f"describe {_ANSWER}").fetchall():
        depth = kind.count("[")
        if "INTERVAL" in kind or (depth and kind.startswith("TIMESTAMP")):
            connection.execute(f"alter table {_ANSWER} alter {sql_name(name)} type varchar{'[]' * depth}")


def _write_file(connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, shape: Shape) -> ExportedFile:
    columns = _column_formats(connection, source)
    path = folder / f"{source.name}.{shape.format}"
    if shape.format is ExportFormat.CSV:
        values, options = [column.csv(for_excel=shape.for_excel) for column in columns], "format csv, header"
    else:
        values, options = [column.parquet() for column in columns], "format parquet, compression zstd"
    selected = ", ".join(f'{value} as "{column.name}"' for value, column in zip(values, columns, strict=True))
    order = (
        f" order by {', '.join(source.table.keys)}" if source.table else ""
    )  # so that the same rows give the same bytes
    inner = f"(select * from {source.relation}{order})"
    ((rows,),) = connection.execute(
        f"copy (select {selected} from {inner}) to {sql_text(path.resolve())} ({options})"
    ).fetchall()
    cut = {}
    if shape.for_excel:
        _mark(path)
        cut = _cut_texts(connection, source, columns)
    return ExportedFile(rows=int(rows), resource=_resource(source, columns, path.name, shape), cut=cut)


def _cut_texts(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[ColumnFormat]
) -> dict[str, int]:
    """How many texts of each column do not fit into a cell of Excel."""
    counts = ", ".join(f"count(*) filter ({column.is_too_long()})" for column in columns)
    (numbers,) = connection.execute(f"select {counts} from {source.relation}").fetchall()
    return {column.name: number for column, number in zip(columns, numbers, strict=True) if number}


def _column_formats(connection: duckdb.DuckDBPyConnection, source: Source) -> list[ColumnFormat]:
    found = connection.execute(f"describe {source.relation}").fetchall()
    names = safe_names([column[0] for column in found])
    return [
        ColumnFormat(
            name=name,
            called=called,
            type=type_,
            is_id=is_id(called, type_) or _rounds(connection, source, called, type_),
        )
        for name, (called, type_, *_) in zip(names, found, strict=True)
    ]


def _rounds(connection: duckdb.DuckDBPyConnection, source: Source, called: str, type_: str) -> bool:
    """Whether a column of a query contains integers beyond 2^53, most likely ids under another name."""
    if source.table or not is_integer(type_):
        return False
    sql = f"select max(abs(cast({sql_name(called)} as hugeint))) > {_EXACT} from {source.relation}"
    return bool(connection.execute(sql).fetchall()[0][0])


def _mark(path: Path) -> None:
    """Insert the byte order mark, by which Excel detects UTF-8."""
    plain = path.rename(path.with_name(f"{path.name}.plain"))
    with plain.open("rb") as source, path.open("wb") as target:
        target.write(BOM)
        while chunk := source.read(1 << 20):
            target.write(chunk)
    plain.unlink()


def _resource(source: Source, columns: Sequence[ColumnFormat], path: str, shape: Shape) -> dict[str, Any]:
    known = _known(source)
    fields = [_field(column, known, shape.format) for column in columns]
    description = {"description": source.table.comment} if source.table else {}
    schema = schema_of(source.table, fields) if source.table else {"fields": fields}
    head = {"name": source.name, "title": source.title, "path": path, **description}
    kind = {"format": shape.format.value, "mediatype": _MEDIA[shape.format], "encoding": "utf-8"}
    return {**head, **kind, "schema": schema}


def _known(source: Source) -> Mapping[str, dict[str, Any]]:
    """Descriptions of the columns by name; columns of a query may have missing values that the table never has."""
    if source.table:
        return {column.name: field_of(column) for column in source.table.columns}
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


def _origin(connection: duckdb.DuckDBPyConnection, shape: Shape, failed: Sequence[str]) -> dict[str, Any]:
    sql = "select made_by, published_at, last_fetched_at from ops.publish_info"
    ((made_by, published_at, last_fetched_at),) = connection.execute(sql).fetchall()
    is_simulated = shape.base_url is not None and is_loopback(shape.base_url)
    return {
        "sources": [SIMULATOR if is_simulated else SOURCE],
        "warehouse": {
            "made_by": f"tt_pipeline {made_by}",
            "published_at": published_at.isoformat(),
            "last_fetched_at": last_fetched_at and last_fetched_at.isoformat(),
            "api_base_url": shape.base_url,
            "failed_checks": [*failed],
        },
    }


def _package_name(folder: Path) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in folder.name.lower())
