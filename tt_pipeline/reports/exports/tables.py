"""Export tables of the published file, or the result of a query."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports.files import check_sources, write_files
from tt_pipeline.reports.exports.folder import Export, ExportedFile, describe_folder, unfinished, whole_folder
from tt_pipeline.reports.exports.local_times import with_local_times
from tt_pipeline.reports.exports.meanings import meanings
from tt_pipeline.reports.exports.source import Shape, Source, memory_for
from tt_pipeline.reports.pseudonymous.pseudonymised import Pseudonymiser, Pseudonymous
from tt_pipeline.reports.pseudonymous.scan import WrittenTable, scan
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.reports.statements import check_statements
from tt_pipeline.settings import is_loopback
from tt_pipeline.sql_text import sql_name
from tt_pipeline.warehouse import (
    SIMULATOR,
    SOURCE,
    TABLES,
    failed_checks,
    full_name,
    open_published,
)

_ANSWER: Final = "the_answer"


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
    with (
        reading(published),
        open_published(published, settings=memory_for(published), folder=unfinished(folder)) as connection,
    ):
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
    with (
        reading(published),
        open_published(published, settings=memory_for(published), folder=unfinished(folder)) as connection,
    ):
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
    if shape.zone:
        sources = with_local_times(connection, sources, shape.zone)
    check_sources(connection, sources, shape.format)
    return write_folder(
        connection,
        folder,
        shape,
        title=title,
        tables=[source.name for source in sources if source.table],
        files=lambda place, package: (
            (file, source.treatments)
            for file, source in zip(write_files(connection, sources, place, shape, package), sources, strict=True)
        ),
        further=further,
        pseudonymiser=pseudonymiser,
    )


Files = Callable[[Path, Mapping[str, Any]], Iterable[tuple[ExportedFile, Mapping[str, Treatment]]]]
"""Writes files into a folder; returns what each has, and what happened to its columns in a pseudonymous export."""


def write_folder(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    shape: Shape,
    *,
    title: str,
    tables: Sequence[str],
    files: Files,
    further: Mapping[str, Any] = MappingProxyType({}),
    pseudonymiser: Pseudonymiser | None = None,
) -> Export:
    """Write files to a new folder, completely or not at all.

    Args:
        connection: A connection to the published file.
        folder: The new folder.
        shape: How the files are written.
        title: The title in the description.
        tables: The tables whose failed checks are named; of none, all are.
        files: Writes the files.
        further: Further entries of the description.
        pseudonymiser: Made the sources; the files are searched for its handles before they are kept.
    """
    failed = failed_checks(connection, tables or None)
    described = [pseudonymiser.label(message) for message in failed] if pseudonymiser else failed
    package = {"name": _package_name(folder), "title": title, **_origin(connection, shape, described), **further}
    if pseudonymiser:
        package["pseudonymous"] = pseudonymiser.how.described()
    with whole_folder(folder) as unfinished:
        written = [*files(unfinished, package)]
        exported = tuple(file for file, _ in written)
        describe_folder(unfinished, exported, package=package, created=shape.created, for_excel=shape.for_excel)
        if pseudonymiser:
            tables_of = [
                WrittenTable(file=unfinished / file.resource["path"], name=file.place, treatments=treatments)
                for file, treatments in written
            ]
            scan(unfinished, tables_of, pseudonymiser.handles, zone=shape.zone or "")
    return Export(folder=folder, files=exported, failed_checks=tuple(failed))


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
