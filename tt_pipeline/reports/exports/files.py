"""Writes the tables of an export as files of one format, each by the module of that format."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports import database, sqlite_tables
from tt_pipeline.reports.exports.column_formats import ColumnFormat
from tt_pipeline.reports.exports.extra_libraries import check_library
from tt_pipeline.reports.exports.folder import BOM, ExportedFile
from tt_pipeline.reports.exports.plain_texts import TextChanges
from tt_pipeline.reports.exports.resources import codebook_rows, described_columns, resource
from tt_pipeline.reports.exports.source import Shape, Source, column_formats, count_rows, rows_of
from tt_pipeline.reports.exports.stata_spss import write_statistics
from tt_pipeline.reports.exports.workbook import (
    Sheet,
    WrittenSheet,
    check_size,
    notes_of,
    sheet_names,
    write_workbook,
)
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import caveat_of


def check_sources(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], format_: ExportFormat) -> None:
    """Check, before anything is written, that a format can hold the tables and that its library is installed.

    Raises:
        UsageError: It cannot, or it is not; the message has the remedy.
    """
    if format_.is_network:
        raise UsageError(f"{format_} files have networks, not tables; use another format, for example csv.")
    check_library(format_)
    if format_ is ExportFormat.XLSX:
        for source in sources:
            columns = connection.execute(f"describe {source.relation}").fetchall()
            check_size(source.name, count_rows(connection, source), len(columns))


def write_files(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    folder: Path,
    shape: Shape,
    package: Mapping[str, Any],
) -> Iterator[ExportedFile]:
    """Write each source.

    Args:
        connection: A connection to the published file.
        sources: The tables.
        folder: Where the files are written.
        shape: How they are written.
        package: The head of the description, of which a workbook repeats what its readers have to know.

    Yields:
        What was written, in the order of the sources.
    """
    match shape.format:
        case ExportFormat.DUCKDB:
            yield from _write_database(connection, sources, folder)
        case ExportFormat.SQLITE:
            yield from _write_sqlite(connection, sources, folder)
        case ExportFormat.XLSX:
            yield from _write_workbook(connection, sources, folder, shape, package)
        case ExportFormat.DTA | ExportFormat.SAV:
            yield from (_write_statistics(connection, source, folder, shape.format) for source in sources)
        case _:
            yield from (_copy(connection, source, folder, shape) for source in sources)


def _write_database(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], folder: Path
) -> Iterator[ExportedFile]:
    with database.attached(connection, folder / database.FILE):
        for source in sources:
            columns = column_formats(connection, source)
            values = [f"{column.parquet()} as {sql_name(column.name)}" for column in columns]
            described = resource(source, columns, database.FILE, ExportFormat.DUCKDB, place=source.name)
            rows = database.write_table(connection, source.name, f"select {', '.join(values)} from {source.ordered}")
            database.comment(connection, source.name, described)
            yield ExportedFile(rows=rows, resource=described, place=source.name)


def _write_sqlite(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], folder: Path
) -> Iterator[ExportedFile]:
    with sqlite_tables.new_file(folder / sqlite_tables.FILE) as file:
        for source in sources:
            columns, changes = column_formats(connection, source), TextChanges()
            read = rows_of(connection, source, [column.sqlite() for column in columns])
            rows = sqlite_tables.write_table(file, source.name, columns, read, changes)
            described = resource(source, columns, sqlite_tables.FILE, ExportFormat.SQLITE, place=source.name)
            yield ExportedFile(rows=rows, resource=described, place=source.name, replaced=changes.replaced)


def _write_workbook(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    folder: Path,
    shape: Shape,
    package: Mapping[str, Any],
) -> Iterator[ExportedFile]:
    names = sheet_names([source.name for source in sources])
    formats = [column_formats(connection, source) for source in sources]
    file = folder / (f"{sources[0].name}.xlsx" if len(sources) == 1 else "tables.xlsx")

    def sheet(name: str, source: Source, columns: Sequence[ColumnFormat]) -> Sheet:
        values = [column.plain() for column in columns]
        return Sheet(
            name=name,
            columns=[column.name for column in columns],
            rows=lambda: rows_of(connection, source, values),
        )

    def notes(written: Mapping[str, WrittenSheet]) -> list[str]:
        return [*_notes(sources, shape, package), *notes_of(written)]

    written = write_workbook(
        file,
        [sheet(*each) for each in zip(names, sources, formats, strict=True)],
        created=shape.created,
        codebook=[row for each in zip(names, sources, formats, strict=True) for row in codebook_rows(*each)],
        notes=notes,
    )
    for name, source, columns in zip(names, sources, formats, strict=True):
        done = written[name]
        yield ExportedFile(
            rows=done.rows,
            resource=resource(source, columns, file.name, ExportFormat.XLSX, place=name),
            place=name,
            cut=done.changes.cut,
            replaced=done.changes.replaced,
        )


def _notes(sources: Sequence[Source], shape: Shape, package: Mapping[str, Any]) -> Iterator[str]:
    """Where the data is from, what the checks found, and what each table has."""
    warehouse = package["warehouse"]
    yield f"Written by {warehouse['made_by']} at {shape.created:%Y-%m-%d %H:%M:%S} UTC."
    yield f"The data was published at {warehouse['published_at']}."
    if warehouse["last_fetched_at"]:
        yield f"The latest answer of the API in it is from {warehouse['last_fetched_at']}."
    yield from (f"Source: {source['title']}." for source in package["sources"])
    yield from (f"A check failed: {message}" for message in warehouse["failed_checks"])
    if not warehouse["failed_checks"]:
        yield "No check of the data failed."
    if "pseudonymous" in package:
        yield f"Pseudonymous: accounts have pseudonyms. {package['pseudonymous']['note']}"
    yield from (f"{source.name}: {source.table.comment}" for source in sources if source.table)
    caveats = {source.name: caveat_of(source.table.full_name) for source in sources if source.table}
    yield from (f"Caveat of {name}: {caveat}" for name, caveat in caveats.items() if caveat)
    if shape.zone:
        yield f"Columns …_local have the time in {shape.zone}; when clocks are set back, an hour comes twice."
    yield "What must be deleted has to be deleted from this copy too. The sheet codebook explains the columns."


def _write_statistics(
    connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, format_: ExportFormat
) -> ExportedFile:
    columns, known = column_formats(connection, source), described_columns(source)
    meanings = {each.name: known[each.called].meaning for each in columns if each.called in known}
    file = folder / f"{source.name}.{format_}"
    done = write_statistics(connection, source, columns, file, meanings)
    return ExportedFile(
        rows=done.rows,
        resource=resource(source, columns, file.name, format_, labels=done.labels),
        cut=done.changes.cut,
        replaced=done.changes.replaced,
    )


def _copy(connection: duckdb.DuckDBPyConnection, source: Source, folder: Path, shape: Shape) -> ExportedFile:
    """Let DuckDB write a file, which needs no memory for it."""
    columns = column_formats(connection, source)
    path = folder / f"{source.name}.{shape.format}"
    match shape.format:
        case ExportFormat.CSV:
            values, options = [column.csv(for_excel=shape.for_excel) for column in columns], "format csv, header"
        case ExportFormat.JSONL:
            values, options = [column.json() for column in columns], "format json"
        case _:
            values, options = [column.parquet() for column in columns], "format parquet, compression zstd"
    selected = ", ".join(f'{value} as "{column.name}"' for value, column in zip(values, columns, strict=True))
    ((rows,),) = connection.execute(
        f"copy (select {selected} from {source.ordered}) to {sql_text(path.resolve())} ({options})"
    ).fetchall()
    cut = {}
    if shape.for_excel:
        _mark(path)
        cut = _cut_texts(connection, source, columns)
    return ExportedFile(rows=int(rows), resource=resource(source, columns, path.name, shape.format), cut=cut)


def _cut_texts(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[ColumnFormat]
) -> dict[str, int]:
    """How many texts of each column do not fit into a cell of Excel."""
    counts = ", ".join(f"count(*) filter ({column.is_too_long()})" for column in columns)
    (numbers,) = connection.execute(f"select {counts} from {source.relation}").fetchall()
    return {column.name: number for column, number in zip(columns, numbers, strict=True) if number}


def _mark(path: Path) -> None:
    """Insert the byte order mark, by which Excel detects UTF-8."""
    plain = path.rename(path.with_name(f"{path.name}.plain"))
    with plain.open("rb") as source, path.open("wb") as target:
        target.write(BOM)
        while chunk := source.read(1 << 20):
            target.write(chunk)
    plain.unlink()
