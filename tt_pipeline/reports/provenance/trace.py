"""Finds the requests that returned a video, comment or account, and all files and tables that contain it.

It reads every landed line, table and export, so that no copy is overlooked that may have to be deleted. It does not
read the landing index, which is built from the landed files and follows their deletion. It writes nothing, not even a
lease, and needs neither a study nor a valid index, so it also works on an archived data dir.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import CorruptLanding
from tt_pipeline.json_text import NotJson, read_json
from tt_pipeline.landing import Envelope, Inventory, Location
from tt_pipeline.reports.exports.folder import DESCRIPTION, unfinished
from tt_pipeline.reports.exports.read_back import can_read, read_tables
from tt_pipeline.reports.provenance.export_registry import export_folders, exported_elsewhere, unfinished_exports
from tt_pipeline.reports.provenance.identifier import WORD_COLUMNS, Identifier
from tt_pipeline.safe_files import reading_if_free
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.warehouse import mart_of, overflow_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedPage:
    """A landed page that contains the id or handle.

    Attributes:
        file: The file, relative to the data dir.
        line: The line, from 1.
        fingerprint: Version of the search's query.
        places: Paths in the response that contain it; `request.…` if the request names it.
    """

    file: str
    line: int
    dataset: str
    search: str | None
    fingerprint: str | None
    look: int
    window_from: date
    window_to: date
    endpoint: str
    request: dict[str, Any]
    fetched_at: datetime
    status: int
    log_id: str | None
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRows:
    """The rows of one table or export that contain the id or handle.

    Attributes:
        file: The file, relative to the data dir; the whole path if it is outside.
        table: The table of the warehouse, or the file of the export; "" for other files.
        rows: Rows; for other files how often it stands there.
    """

    file: str
    table: str
    column: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All places that contain the id or handle.

    Attributes:
        files_read: Number of landed files that were read.
        exports: Folders of exports that were searched, named like `StoredRows.file`.
        not_read: Files that could not be read and may contain it, with the reason.
    """

    sought: str
    pages: tuple[LandedPage, ...]
    held: tuple[StoredRows, ...]
    files_read: int
    exports: tuple[str, ...]
    not_read: tuple[str, ...]


def _go_on() -> None:
    pass


def trace(files: DataDir, what: Identifier, *, before_each_file: Callable[[], None] = _go_on) -> Trace:
    """Search every landed file, both warehouses and every export, also exports outside the data dir.

    Args:
        files: The data dir.
        what: The id or handle.
        before_each_file: Called before a landed file is read; an exception of it ends the search.
    """
    not_read: list[str] = []
    inventory = Inventory(files.landing)
    landed = inventory.locations()
    pages = list[LandedPage]()
    for location in landed:
        before_each_file()
        pages += _pages(files, location, what, not_read)
    held = [*_in_published(files, what, not_read), *_in_writer(files, what, not_read)]
    exports = _exports(files, not_read)
    held += [found for folder in exports for found in _in_export(files, folder, what, not_read)]
    not_read += [f"{_landed(files, location)}: a damaged file that was renamed" for location in inventory.damaged()]
    not_read += [
        f"{_below(files, copy)}: a damaged file that was renamed" for copy in files.internal.glob("writer.duckdb.*-*Z")
    ]
    held += _in_other_files(files, what, not_read)
    left_out = {**inventory.left_out(), **inventory.closed()}
    not_read += [f"{_below(files, files.landing / name)}: {problem}" for name, problem in left_out.items()]
    return Trace(
        sought=what.text,
        pages=tuple(sorted(pages, key=lambda page: page.fetched_at)),
        held=tuple(held),
        files_read=len(landed),
        exports=tuple(_below(files, folder) for folder in exports),
        not_read=tuple(not_read),
    )


def _pages(files: DataDir, location: Location, what: Identifier, not_read: list[str]) -> Iterator[LandedPage]:
    file = _landed(files, location)
    try:
        for line, reading in enumerate(location.readings(), start=1):
            if isinstance(reading, CorruptLanding):
                not_read.append(f"{file}:{line}: {reading.problem}")
            elif places := _places(reading, what):
                yield _page(file, line, reading, places)
    except OSError as error:
        not_read.append(f"{file}: {error.strerror}")


def _page(file: str, line: int, envelope: Envelope, places: tuple[str, ...]) -> LandedPage:
    return LandedPage(
        file=file,
        line=line,
        dataset=envelope.dataset.value,
        search=envelope.search,
        fingerprint=envelope.fingerprint,
        look=envelope.look,
        window_from=envelope.window_from,
        window_to=envelope.window_to,
        endpoint=envelope.endpoint,
        request=envelope.request,
        fetched_at=envelope.fetched_at,
        status=envelope.status,
        log_id=envelope.log_id,
        places=places,
    )


def _places(envelope: Envelope, what: Identifier) -> tuple[str, ...]:
    places = list(dict.fromkeys(_paths(envelope.request, "request", what)))
    if not places and what.is_in(envelope.subject or ""):
        places.append("request")
    places += ["rejected"] if any(what.is_in(each.get("head")) for each in envelope.rejected) else []
    if not what.may_be_in(envelope.body):  # nearly every page ends here
        return tuple(places)
    try:
        answer = read_json(envelope.body).value
    except NotJson:
        return (*places, *(["body"] if what.is_in(envelope.body) else []))
    return tuple(dict.fromkeys([*places, *sorted(_paths(answer, "", what))]))  # a server may change the order of keys


def _paths(value: Any, path: str, what: Identifier) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            place = f"{path}.{key}" if path else key
            if what.is_in(key):
                yield place
            yield from _paths(inner, place, what)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{path}[]", what)
    elif what.is_in(value, path.rpartition(".")[2].rstrip("[]")):
        yield path


def _in_published(files: DataDir, what: Identifier, not_read: list[str]) -> list[StoredRows]:
    return _in_database(files, files.published, what, not_read) if files.published.exists() else []


def _in_writer(files: DataDir, what: Identifier, not_read: list[str]) -> list[StoredRows]:
    if not files.writer.exists():
        return []
    with reading_if_free(files.internal / "writer.lease") as is_free:
        if is_free:
            return _in_database(files, files.writer, what, not_read)
    not_read.append(f"{_below(files, files.writer)}: is being written")
    return []


def _in_database(files: DataDir, file: Path, what: Identifier, not_read: list[str]) -> list[StoredRows]:
    try:
        with duckdb.connect(file, read_only=True) as connection:
            sql = (
                "select schema_name || '.' || table_name, list(column_name), list(data_type)"
                " from duckdb_columns() join duckdb_tables() using (schema_name, table_name, database_name)"
                " where not duckdb_columns.internal group by 1 order by 1"
            )
            found = connection.execute(sql).fetchall()
            counted = [
                (table, _count(connection, table, zip(names, kinds, strict=True), what))
                for table, names, kinds in found
            ]
    except duckdb.Error as error:
        not_read.append(f"{_below(files, file)}: {error}")
        return []
    place = _below(files, file)
    return [
        StoredRows(file=place, table=mart_of(table), column=column, rows=rows)
        for table, columns in counted
        for column, rows in columns
    ]


def _count(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Any, what: Identifier
) -> list[tuple[str, int]]:
    """Number of rows that contain it, for each column with such rows; ids are compared as numbers, texts by word."""
    tests = {name: test for name, kind in columns if (test := _test(name, kind, what))}
    if not tests:
        return []
    counts = ", ".join(f"count(*) filter ({test})" for test in tests.values())
    values = {"word": what.word, "pattern": what.pattern, "mention": what.mention}
    used = {name: value for name, value in values.items() if f"${name}" in counts}
    (found,) = connection.execute(f"select {counts} from {relation}", used).fetchall()
    return [(name, rows) for name, rows in zip(tests, found, strict=True) if rows]


def _test(name: str, kind: str, what: Identifier) -> str | None:
    column = sql_name(name)
    if kind in {"BIGINT", "HUGEINT"}:
        return f"{column} = try_cast($word as hugeint)" if what.is_id and name.endswith("_id") else None
    if kind.startswith("VARCHAR"):  # lists of texts too
        text = f"cast({column} as varchar)"
        pattern = "mention" if name in WORD_COLUMNS else "pattern"
        return f"contains(lower({text}), lower($word)) and regexp_matches({text}, ${pattern})"
    return None


def _in_other_files(files: DataDir, what: Identifier, not_read: list[str]) -> list[StoredRows]:
    """Occurrences in all other files of the data dir, such as logs and Dagster's storage, byte by byte."""
    apart = (files.landing, files.exports, files.deletions)
    databases = {files.published, files.writer}
    held = []
    for path in sorted(files.root.rglob("*")):
        if path in databases or any(path.is_relative_to(folder) for folder in apart):
            continue
        if path.is_symlink() or not path.is_file() or path.name.startswith("writer.duckdb."):
            continue
        try:
            occurrences = what.count_in(path.read_bytes())
        except OSError as error:
            not_read.append(f"{_below(files, path)}: {error.strerror}")
            continue
        if occurrences:
            held.append(StoredRows(file=_below(files, path), table="", column="", rows=occurrences))
    return held


def _exports(files: DataDir, not_read: list[str]) -> list[Path]:
    elsewhere, begun = exported_elsewhere(files), unfinished_exports(files)
    not_read += [f"{_below(files, folder)}: an export that was not finished; delete it" for folder in begun]
    not_read += [
        f"{folder}: an export was written there, and it is there no more; if it was deleted and not moved, "
        f"take its line out of {_below(files, files.exported)}"
        for folder in elsewhere
        if not folder.exists() and unfinished(folder) not in begun
    ]
    return export_folders(files)


def _in_export(files: DataDir, folder: Path, what: Identifier, not_read: list[str]) -> list[StoredRows]:
    held: list[StoredRows] = []
    if _has_pseudonyms(folder, what):
        not_read.append(
            f"{_below(files, folder)}: {what.text} has a pseudonym in this export and was not found by it; if it must "
            "be deleted, delete this export and make it again"
        )
    for path in () if folder.is_file() else sorted(folder.glob("*.duckdb")):
        held += _in_database(files, path, what, not_read)
    for path in [] if folder.is_file() else sorted(path for path in folder.iterdir() if can_read(path)):
        held += _in_tables(files, folder, path, what, not_read)
    for path in [folder] if folder.is_file() else sorted([*folder.glob("*.csv"), *folder.glob("*.parquet")]):
        relation = _relation(path)
        try:
            with (
                overflow_folder(files.internal) as overflow,
                duckdb.connect(config={"temp_directory": overflow}) as connection,
            ):
                kinds = [(row[0], row[1]) for row in connection.execute(f"describe from {relation}").fetchall()]
                counted = _count(connection, relation, kinds, what)
        except duckdb.Error as error:
            not_read.append(f"{_below(files, path)}: {error}")
            continue
        place = _below(files, folder)
        held += [StoredRows(file=place, table=path.name, column=column, rows=rows) for column, rows in counted]
    return held


def _in_tables(files: DataDir, folder: Path, path: Path, what: Identifier, not_read: list[str]) -> Iterator[StoredRows]:
    """Rows of a file that DuckDB does not read, such as a workbook, for each table and column that contains it."""
    try:
        for table in read_tables(path):
            counts = Counter[str]()
            for row in table.rows:
                counts.update(
                    {name for name, value in zip(table.columns, row, strict=False) if _is_in(value, name, what)}
                )
            # A file with one table is named like it.
            name = path.name if table.name == path.stem else f"{path.name}, {table.name}"
            for column, rows in counts.items():
                yield StoredRows(file=_below(files, folder), table=name, column=column, rows=rows)
    except (OSError, ValueError) as error:
        not_read.append(f"{_below(files, path)}: {error}")


def _is_in(value: Any, column: str, what: Identifier) -> bool:
    """Whether a value has it; JSON has lists too."""
    if isinstance(value, list):
        return any(what.is_in(item, column) for item in value)
    return what.is_in(value, column)


def _has_pseudonyms(folder: Path, what: Identifier) -> bool:
    """Whether an export has a pseudonym in the place of this handle or id."""
    package = folder / DESCRIPTION
    if not package.is_file():
        return False
    try:
        described = json.loads(package.read_text(encoding="utf-8")).get("pseudonymous")
    except (ValueError, AttributeError, OSError):  # not as we wrote it
        return False
    return isinstance(described, dict) and (not what.is_id or described.get("ids") == "hidden")


def _relation(path: Path) -> str:
    """A file of an export as a table in SQL; in JSON lists and objects are texts."""
    name = sql_text(path)
    match path.suffix.lower():
        case ".csv":
            return f"read_csv({name}, all_varchar = true)"
        case ".parquet":
            return f"read_parquet({name})"
        case _:
            return f"(select columns(*)::varchar from read_json({name}, format = 'newline_delimited'))"


def _landed(files: DataDir, location: Location) -> str:
    return _below(files, files.landing / location.name)


def _below(files: DataDir, path: Path) -> str:
    return path.relative_to(files.root).as_posix() if path.is_relative_to(files.root) else str(path)
