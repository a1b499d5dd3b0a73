"""Export tables of the published file, or the result of a query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports import database
from tt_pipeline.reports.exports.column_formats import ColumnFormat, is_id, is_integer
from tt_pipeline.reports.exports.folder import BOM, Export, ExportedFile, describe_folder, unfinished, whole_folder
from tt_pipeline.reports.exports.meanings import meanings
from tt_pipeline.reports.exports.names import safe_names
from tt_pipeline.reports.pseudonymous.pseudonymised import Pseudonymiser, Pseudonymous
from tt_pipeline.reports.pseudonymous.scan import WrittenTable, scan
from tt_pipeline.reports.pseudonymous.treatments import Treatment
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
_MEDIA: Final = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.DUCKDB: "application/vnd.duckdb",
}


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
        treatments: What happened to each column in a pseudonymous export; empty in any other.
    """

    name: str
    relation: str
    title: str
    table: Table | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    treatments: Mapping[str, Treatment] = field(default_factory=dict)


def export_tables(
    published: Path, tables: Sequence[str], folder: Path, shape: Shape, *, pseudonymous: Pseudonymous | None = None
) -> Export:
    """Write tables, or every table of a named schema.

    Args:
        published: The published file.
        tables: Names of tables or schemas.
        folder: A new folder.
        shape: How the files are written.
        pseudonymous: How accounts get pseudonyms; None writes the tables as they are.

    Raises:
        UsageError: Nothing is published, a table is unknown, or the folder exists.
        ExportFailed: The folder could not be written; its partial files were deleted.
        HandleLeft: A pseudonymous export has a handle in it; it was deleted.
    """
    with reading(published), open_published(published, folder=unfinished(folder)) as connection:
        named, title = _named(connection, tables), ", ".join(tables)
        if pseudonymous is None:
            sources = [Source(name=name, relation=name, title=name, table=TABLES.get(name)) for name in named]
            return write(connection, sources, folder, shape, title=title)
        pseudonymiser = Pseudonymiser(connection, pseudonymous)
        sources = [_pseudonymous_source(pseudonymiser, name) for name in named]
        return write(connection, sources, folder, shape, title=title, pseudonymiser=pseudonymiser)


def _pseudonymous_source(pseudonymiser: Pseudonymiser, name: str) -> Source:
    view = pseudonymiser.view_of(name)
    return Source(name=name, relation=view.relation, title=name, table=view.table, treatments=view.treatments)


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
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    folder: Path,
    shape: Shape,
    *,
    title: str,
    further: Mapping[str, Any] = MappingProxyType({}),
    pseudonymiser: Pseudonymiser | None = None,
) -> Export:
    """Write sources to a new folder, completely or not at all.

    Args:
        connection: A connection to the published file.
        sources: What is written.
        folder: The new folder.
        shape: How the files are written.
        title: The title in the description.
        further: Further entries of the description.
        pseudonymiser: Made the sources; the files are searched for its handles before they are kept.
    """
    tables = [source.name for source in sources if source.table]
    failed = failed_checks(connection, tables or None)
    described = [pseudonymiser.label(message) for message in failed] if pseudonymiser else failed
    package = {"name": _package_name(folder), "title": title, **_origin(connection, shape, described), **further}
    if pseudonymiser:
        package["pseudonymous"] = pseudonymiser.how.described()
    with whole_folder(folder) as unfinished:
        files = tuple(_write_files(connection, sources, unfinished, shape))
        describe_folder(unfinished, files, package=package, created=shape.created, for_excel=shape.for_excel)
        if pseudonymiser:
            written = [
                _written(source, unfinished / file.resource["path"])
                for source, file in zip(sources, files, strict=True)
            ]
            scan(unfinished, written, pseudonymiser.handles)
    return Export(folder=folder, files=files, failed_checks=tuple(failed))


def _written(source: Source, file: Path) -> WrittenTable:
    return WrittenTable(file=file, name=source.name, treatments=source.treatments)


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


def _write_files(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], folder: Path, shape: Shape
) -> Iterator[ExportedFile]:
    if shape.format is not ExportFormat.DUCKDB:
        yield from (_write_file(connection, source, folder, shape) for source in sources)
        return
    with database.attached(connection, folder / database.FILE):
        for source in sources:
            columns = _column_formats(connection, source)
            values = [f"{column.parquet()} as {sql_name(column.name)}" for column in columns]
            resource = _resource(source, columns, database.FILE, shape)
            rows = database.write_table(connection, source.name, f"select {', '.join(values)} from {_ordered(source)}")
            database.comment(connection, source.name, resource)
            yield ExportedFile(rows=rows, resource=resource)


def _ordered(source: Source) -> str:
    """The rows in the order of the keys, so that the same rows give the same bytes."""
    keys = source.table.keys if source.table else ()
    order = ", ".join(key for key in keys if not source.treatments or key in source.treatments)
    return f"(select * from {source.relation}{f' order by {order}' if order else ''})"


def _write_file(connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, shape: Shape) -> ExportedFile:
    columns = _column_formats(connection, source)
    path = folder / f"{source.name}.{shape.format}"
    if shape.format is ExportFormat.CSV:
        values, options = [column.csv(for_excel=shape.for_excel) for column in columns], "format csv, header"
    else:
        values, options = [column.parquet() for column in columns], "format parquet, compression zstd"
    selected = ", ".join(f'{value} as "{column.name}"' for value, column in zip(values, columns, strict=True))
    ((rows,),) = connection.execute(
        f"copy (select {selected} from {_ordered(source)}) to {sql_text(path.resolve())} ({options})"
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
    fields = [_with_treatment(_field(column, known, shape.format), source) for column in columns]
    description = {"description": source.table.comment} if source.table else {}
    schema = schema_of(source.table, fields) if source.table else {"fields": fields}
    masked = {name for name, treatment in source.treatments.items() if treatment is Treatment.MASKED}
    if not masked.isdisjoint(source.table.keys if source.table else ()):
        schema.pop("primaryKey", None)  # two texts can look the same when they are masked
    head = {"name": source.name, "title": source.title, "path": path, **description}
    kind = {"format": shape.format.value, "mediatype": _MEDIA[shape.format]}
    if shape.format is ExportFormat.DUCKDB:
        return {**head, **kind, "dialect": database.dialect(source.name), "schema": schema}
    return {**head, **kind, "encoding": "utf-8", "schema": schema}


def _with_treatment(properties: dict[str, Any], source: Source) -> dict[str, Any]:
    treatment = source.treatments.get(str(properties["name"]))
    if not treatment:
        return properties
    return properties | {
        "description": f"{properties['description']} {treatment}.",
        "treatment": treatment.name.lower(),
    }


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
