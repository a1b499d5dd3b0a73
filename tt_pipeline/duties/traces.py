"""Removes ids and @usernames from what else is in the data dir: Dagster's storage, logs, files of killed processes.

None of these should have them. What an earlier version wrote, or an error message quoted, is found by reading every
byte.
"""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from tt_pipeline.data_dir import DataDir
from tt_pipeline.erased_subjects import ErasedSubjects, id_places_in, is_erased_id, without
from tt_pipeline.errors import StorageFailed
from tt_pipeline.safe_files import storing
from tt_pipeline.studies import files_of_study
from tt_pipeline.warehouse import delete_left_over_scratch

_SQLITE: Final = b"SQLite format 3\x00"
_DUCKDB: Final = b"DUCK"
_HANDLE: Final = re.compile(rb"@([A-Za-z0-9_.]+)")
_LEFT_OVER: Final = ("writer.duckdb.*-*Z*", "writer.duckdb.tmp", "writer.anew.duckdb*", ".deletion.json.*.tmp")


def clean_traces(files: DataDir, study_file: Path, erased: ErasedSubjects) -> Iterator[str]:
    """Remove what is erased from files of the data dir that are neither answers, warehouse nor exports.

    Yields:
        What a person has to look at, as sentences: the study's own files, and databases that are not ours.
    """
    ours = {file.resolve() for file in (study_file, *files_of_study(study_file))}
    for path in sorted(ours):
        if path.exists() and has_erased(path.read_bytes(), erased):
            yield f"{path}: this file of the study names what was deleted; it is yours and was not changed."
    _delete_left_over(files)
    for path in _others(files, ours):
        yield from _clean(files, path, erased)


def _delete_left_over(files: DataDir) -> None:
    """Delete what killed processes left of databases, pages and lists of names, and what marimo keeps of outputs."""
    pages = (path for page in files.pages for path in page.parent.glob(f".{page.name}.*.tmp"))
    left = (path for pattern in _LEFT_OVER for path in files.internal.glob(pattern))
    for path in (*left, *pages, files.notebook_outputs):
        if path.exists():
            with storing("Removing data", path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    delete_left_over_scratch(files.internal)


def _others(files: DataDir, ours: set[Path]) -> Iterator[Path]:
    apart = (files.landing, files.exports, files.deletions)
    known = {
        *(files.published, files.writer, files.deletion, files.audit),
        *(files.internal / name for name in ("tombstones.jsonl", "tombstone.key")),
    }
    for path in sorted(files.root.rglob("*")):
        if any(path.is_relative_to(folder) for folder in apart) or path in known or path.resolve() in ours:
            continue
        if path.is_file() and not path.is_symlink():
            yield path


def _clean(files: DataDir, path: Path, erased: ErasedSubjects) -> Iterator[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        yield f"{path}: cannot be read ({error.strerror}); look whether it has what was deleted."
        return
    if content[8:12] == _DUCKDB:
        yield f"{path}: this database is not one of tt_pipeline's; delete what it has yourself."
        return
    if not has_erased(content, erased):
        return
    if path in files.pages:
        path.unlink()
        yield f"{path}: the report had what was deleted and was deleted; make it again."
    elif not path.is_relative_to(files.internal):
        yield f"{path}: this file is yours and names what was deleted; it was not changed."
    elif content.startswith(_SQLITE):
        try:
            with storing("Removing data", path):
                _clean_sqlite(path, erased)
        except sqlite3.OperationalError as error:  # another process has it open and writes
            remedy = "Stop `tt up`, then run `tt purge --continue`"
            raise StorageFailed("Removing data", path, str(error), remedy=remedy) from error
        except sqlite3.DatabaseError as error:
            yield f"{path}: this database is damaged ({error}) and names what was deleted; delete it yourself."
    elif path.name.endswith(("-wal", "-shm", "-journal")):
        return  # belongs to the database beside it
    else:
        with storing("Removing data", path):
            _mask(path, content, erased)


def has_erased(content: bytes, erased: ErasedSubjects) -> bool:
    """Whether the bytes of a file have an erased id, or an erased username after an @."""
    return next(_places(content, erased), None) is not None


def _places(content: bytes, erased: ErasedSubjects) -> Iterator[tuple[int, int]]:
    """Where erased ids and @usernames begin and end."""
    yield from (found.span() for found in id_places_in(content) if is_erased_id(int(found[0]), erased))
    for found in _HANDLE.finditer(content):
        # A full stop can belong to the username, or follow it.
        ends = [len(found[1]), *(dot.start() for dot in reversed([*re.finditer(rb"\.", found[1])]))]
        if end := next((end for end in ends if erased.user(found[1][:end].decode())), None):
            yield found.start(), found.start(1) + end


def _mask(path: Path, content: bytes, erased: ErasedSubjects) -> None:
    """Write stars over what is erased, in place, because a process may be adding lines to the file."""
    with path.open("r+b") as file:
        for start, end in _places(content, erased):
            file.seek(start)
            file.write(b"*" * (end - start))
        file.flush()
        os.fsync(file.fileno())


def _clean_sqlite(path: Path, erased: ErasedSubjects) -> None:
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        connection.execute("begin immediate")
        for (table,) in tables:
            _clean_table(connection, table, erased)
        connection.execute("commit")
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")


def _clean_table(connection: sqlite3.Connection, table: str, erased: ErasedSubjects) -> None:
    name = _quoted(table)
    described = connection.execute(f"pragma table_info({name})").fetchall()
    try:
        connection.execute(f"select rowid from {name} limit 1")
        keys = ["rowid"]
    except sqlite3.OperationalError:  # a table without rowid
        keys = [_quoted(row[1]) for row in described if row[5]]
    where = " and ".join(f"{key} is ?" for key in keys)
    for column in (_quoted(row[1]) for row in described):
        rows = connection.execute(
            f"select {', '.join(keys)}, {column} from {name} where typeof({column}) <> 'null'"
        ).fetchall()
        changed = [(new, *row[:-1]) for row in rows if (new := _without(row[-1], erased)) != row[-1]]
        # Where a masked value must be unique and another row has it already, that row goes.
        connection.executemany(f"update or replace {name} set {column} = ? where {where}", changed)


def _without(value: object, erased: ErasedSubjects) -> object:
    if isinstance(value, str):
        return without(value, erased)
    if isinstance(value, bytes):
        return _starred(value, erased)
    return 0 if isinstance(value, int) and is_erased_id(value, erased) else value


def _starred(content: bytes, erased: ErasedSubjects) -> bytes:
    masked = bytearray(content)
    for start, end in _places(content, erased):
        masked[start:end] = b"*" * (end - start)
    return bytes(masked)


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
