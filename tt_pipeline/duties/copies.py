"""Removes erased rows from exports and from backups, wherever they were written.

The rows are cut out of the files, because people add codes to a coding sheet that nobody could make again. A copy that
cannot be read is named, so that a person deletes it.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from tt_pipeline.codebook.fields import PROFILE_TEXTS
from tt_pipeline.coverage import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.row_files import has_rows, read_rows
from tt_pipeline.duties.row_tables import Row, RowFile, RowTable, replace_file
from tt_pipeline.duties.traces import has_erased
from tt_pipeline.duties.workbook_rows import parts_with
from tt_pipeline.erased_subjects import ERASED, ErasedSubjects, NamedSubjects, is_erased_id, without
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.ids import id_number
from tt_pipeline.reports import (
    DESCRIPTION,
    OF_ACCOUNT,
    WORD_COLUMNS,
    export_folders,
    exported_elsewhere,
    unfinished_exports,
)
from tt_pipeline.safe_files import storing
from tt_pipeline.safekeeping import back_up, is_backup, known_backups

_IDS: Final = frozenset({"video_id", "comment_id"})
"""Columns that say which video or comment a row is about."""
_NAMES: Final = frozenset(
    {"username", "creator_id", "creator", "reposter", "renamed_to", "follower", "followed", "subject", OF_ACCOUNT}
)
"""Columns that say whose row it is."""
_SEPARATOR: Final = "; "
_ZIP: Final = b"PK\x03\x04"
_ANSWER: Final = "answer"
"""The file of an export that was made by a query."""
_WORKBOOK: Final = ".xlsx"
_CHECKSUMS: Final = "checksums.sha256"
_QUOTED: Final = re.compile(r"'([^'\\s]+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesReport:
    """What became of the copies.

    Attributes:
        rows: Rows of each file that were removed or masked.
        backups: Backups that were made again without the data.
        by_hand: Copies that a person has to delete or look at, as sentences.
        unreached: Copies that were not there or could not be written; they are cleaned when they can be.
    """

    rows: Mapping[Path, int]
    backups: tuple[Path, ...]
    by_hand: tuple[str, ...]
    unreached: tuple[Path, ...]


def copies_with(files: DataDir, erased: NamedSubjects) -> dict[Path, int]:
    """Rows of each file of the exports that would be removed or masked; files that cannot be read are left out."""
    found: dict[Path, int] = {}
    for file in (file for place in export_folders(files) for file in _files_of(place)):
        with suppress(OSError, ValueError):
            found[file] = rows_with(file, erased)
    return {file: rows for file, rows in found.items() if rows}


def rows_with(file: Path, erased: ErasedSubjects) -> int:
    """Rows of a file that have what is erased.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged, or in another format.
    """
    return _number_of_changes(*_cleaned(file, erased))


def clean_copies(workspace: Workspace, study_file: Path, erased: ErasedSubjects) -> CopiesReport:
    """Remove what is erased from every export and backup that is known and can be reached."""
    files, rows, by_hand, unreached = workspace.files, dict[Path, int](), list[str](), list[Path]()
    for place in unfinished_exports(files):  # of killed processes: nobody needs them
        with storing("Deleting an export that was not finished", place):
            shutil.rmtree(place)
    for place in export_folders(files):
        cleaned = clean_export(place, erased)
        rows |= cleaned.rows
        by_hand += [*cleaned.by_hand, *_of_others(place, erased)]
    for place in exported_elsewhere(files):
        if not place.exists():
            by_hand.append(
                f"{place}: an export was written there, and it is there no more; when it is back, `tt refresh` deletes"
                " the data there. If it was moved, delete the data yourself."
            )
            unreached.append(place)
    backups, problems = _renew_backups(workspace, study_file)
    by_hand += [
        f"{folder}: this backup still has the data ({problem}). When it can be reached, `tt refresh` removes it there."
        for folder, problem in problems.items()
    ]
    by_hand += [
        f"{folder}: the study names this folder as a copy; delete the data there. `tt refresh` looks for it."
        for folder in workspace.study.compliance.copies
    ]
    return CopiesReport(rows=rows, backups=tuple(backups), by_hand=tuple(by_hand), unreached=(*unreached, *problems))


def _renew_backups(workspace: Workspace, study_file: Path) -> tuple[list[Path], dict[Path, str]]:
    """Make every backup again, which deletes there what is deleted here; returns them, and what hindered others."""
    renewed, problems = list[Path](), dict[Path, str]()
    for known in known_backups(workspace.files):
        if not is_backup(known.folder):
            problems[known.folder] = "it is not there"
            continue
        try:
            back_up(workspace, study_file, known.folder, workspace.clock.now())
            renewed.append(known.folder)
        except (OSError, TtPipelineError) as error:
            problems[known.folder] = str(error).partition("\n")[0]
    return renewed, problems


def _files_of(place: Path) -> list[Path]:
    found = [place] if place.is_file() else sorted(place.iterdir())
    return [file for file in found if has_rows(file)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedExport:
    """An export after its cleaning.

    Attributes:
        rows: Rows of each file that were removed or masked.
        by_hand: Files that cannot be read or written, as sentences; the others were cleaned.
    """

    rows: Mapping[Path, int]
    by_hand: tuple[str, ...]


def clean_export(place: Path, erased: ErasedSubjects) -> CleanedExport:
    """Remove what is erased from each file of an export that can be read."""
    changed, by_hand = dict[Path, int](), list[str]()
    for file in _files_of(place):
        try:
            found, kept = _cleaned(file, erased)
            if any(_shows_expired(table.names, row, erased) for table in _answers(found) for row in table.rows):
                by_hand.append(
                    f"{file}: this result of a query names accounts whose profile texts are deleted; a text that is"
                    " still under another column name was not found: look at it."
                )
            if number := _number_of_changes(found, kept):
                found.replace_rows(kept)
                changed[file] = number
            by_hand += _of_workbook(file, erased)
        except (OSError, ValueError, TtPipelineError) as error:
            problem = str(error).partition("\n")[0]
            by_hand.append(f"{file}: this file of an export cannot be read or written ({problem}); delete it yourself.")
    try:
        if place.is_dir():
            _describe_again(place, changed, erased)
    except (OSError, ValueError, TtPipelineError) as error:
        problem = str(error).partition("\n")[0]
        by_hand.append(f"{place}: the description of this export cannot be read or written ({problem}).")
    return CleanedExport(rows=changed, by_hand=tuple(by_hand))


def _of_workbook(file: Path, erased: ErasedSubjects) -> list[str]:
    """A sentence if a workbook names what is erased outside its cells."""
    parts = parts_with(file, erased) if file.suffix.lower() == _WORKBOOK else []
    return [
        f"{file}: this workbook names what was deleted outside its cells ({part}), for example in a note on a cell; "
        "delete it there."
        for part in parts[:1]
    ]


def _cleaned(file: Path, erased: ErasedSubjects) -> tuple[RowFile, list[list[Row | None]]]:
    found = read_rows(file)
    return found, [[_kept_of(table, row, erased) for row in table.rows] for table in found.tables]


def _answers(found: RowFile) -> list[RowTable]:
    return [table for table in found.tables if table.name == _ANSWER]


def _kept_of(table: RowTable, row: Row, erased: ErasedSubjects) -> Row | None:
    if table.has_profiles and _is_profile_of(table, row, erased):
        return (row[0], *(None for _ in row[1:]))  # the profile goes, and what others did to the account stays
    # Coders write what they like into a sheet; in the result of a query every value comes from the data.
    return _kept(table.names, row, erased, WORD_COLUMNS if table.name == _ANSWER else None)


def _is_profile_of(table: RowTable, row: Row, erased: ErasedSubjects) -> bool:
    """Whether a row describes an account of which only the profile is erased."""
    named = [cell for name, cell in zip(table.names, row, strict=True) if name in _NAMES and isinstance(cell, str)]
    return any(map(erased.creator, named)) and not any(map(erased.user, named))


def _number_of_changes(found: RowFile, kept: Sequence[Sequence[Row | None]]) -> int:
    tables = zip(found.tables, kept, strict=True)
    return sum(new != row for table, rows in tables for new, row in zip(rows, table.rows, strict=True))


def _kept(names: Sequence[str], row: Row, erased: ErasedSubjects, words: frozenset[str] | None) -> Row | None:
    """A row without what is erased; None if it is about one of them.

    Args:
        names: The columns.
        row: The cells.
        erased: What is erased.
        words: Columns in which a text may be equal to a username and is none; None for all.
    """
    cells = list(zip_longest(names, row, fillvalue=""))[: len(row)]
    is_of_something = any(name in _IDS for name in names)
    if any(_is_about_erased(str(name), cell, erased, is_of_something=is_of_something) for name, cell in cells):
        return None
    is_expired = _is_expired(cells, erased)
    return tuple(
        ("" if isinstance(cell, str) else None)
        if is_expired and name in PROFILE_TEXTS
        else ERASED
        if words is not None and name not in words and isinstance(cell, str) and erased.user(cell)
        else _masked(str(name), cell, erased)
        for name, cell in cells
    )


def _shows_expired(names: Sequence[str], row: Row, erased: ErasedSubjects) -> bool:
    return _is_expired(list(zip(names, row, strict=False)), erased)


def _is_expired(cells: Sequence[tuple[Any, Any]], erased: ErasedSubjects) -> bool:
    """Whether a row shows a profile that loses its texts; the handle decides before a creator of several handles."""
    names = {name: cell.removeprefix("'") for name, cell in cells if name in _NAMES and isinstance(cell, str)}
    shown = [names["username"]] if names.get("username") else names.values()
    return any(map(erased.profile_text, shown))


def _is_about_erased(column: str, value: object, erased: ErasedSubjects, *, is_of_something: bool) -> bool:
    """Whether a cell says that its row is about a video, comment or account that is erased.

    An id counts in every column, because people name the columns of their own queries. Of a creator of whom no video is
    left, only rows go that are about nothing else.
    """
    if not isinstance(value, int | str) or isinstance(value, bool):
        return False
    text = str(value).removeprefix("'")  # an id in a file for Excel
    if is_erased_id(id_number(text) or 0, erased):
        return True
    if column not in _NAMES:
        return False
    is_of_creator = column in {"username", "creator_id"} and not is_of_something
    return erased.creator(text) if is_of_creator else erased.user(text)


def _masked(column: str, value: Any, erased: ErasedSubjects) -> Any:
    has_names = "mention" in column or "username" in column
    if isinstance(value, str):
        items = value.split(_SEPARATOR) if has_names else [value]
        return _SEPARATOR.join(without(item, erased) for item in items if not (has_names and erased.user(item)))
    if isinstance(value, list):
        return [
            _masked(column, item, erased)
            for item in value
            if not (has_names and isinstance(item, str) and erased.user(item))
        ]
    if isinstance(value, dict):
        return {key: _masked(key, inner, erased) for key, inner in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return None if is_erased_id(value, erased) else value
    return value


def _of_others(place: Path, erased: ErasedSubjects) -> Iterator[str]:
    """The files of an export that tt_pipeline did not write and cannot change, as sentences."""
    for file in sorted(place.iterdir()) if place.is_dir() else ():
        if not file.is_file() or has_rows(file) or file.name in {DESCRIPTION, _CHECKSUMS}:
            continue
        try:
            content = file.read_bytes()
        except OSError as error:
            yield f"{file}: this file is yours and cannot be read ({error.strerror}); look whether it has the data."
            continue
        if content.startswith(_ZIP):
            yield f"{file}: this file is yours and is compressed (such as a workbook); look whether it has the data."
        elif has_erased(content, erased):
            yield f"{file}: this file is yours and names what was deleted; it was not changed."


def _describe_again(folder: Path, changed: Mapping[Path, int], erased: ErasedSubjects) -> None:
    """Correct sizes and checksums of an export, and say in its description that rows were removed or masked.

    A query that the export was made by may name what is erased.
    """
    description, checksums = folder / DESCRIPTION, folder / _CHECKSUMS
    is_new = bool(changed)
    if description.exists():
        before = description.read_text(encoding="utf-8")
        text = _QUOTED.sub(lambda each: f"'{ERASED}'" if erased.user(each[1]) else each[0], without(before, erased))
        package = json.loads(text)
        for resource in package.get("resources", ()):
            file = folder / resource["path"]
            if file in changed:
                resource |= {"bytes": file.stat().st_size, "hash": f"sha256:{_sha256(file)}"}
                resource["rowsDeletedOrMasked"] = resource.get("rowsDeletedOrMasked", 0) + changed[file]
        is_new = is_new or text != before
        if is_new:
            _write_text(description, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    if is_new and checksums.exists():
        _write_text(checksums, "".join(_sums(folder, checksums)))


def _sums(folder: Path, checksums: Path) -> Iterator[str]:
    for line in checksums.read_text(encoding="utf-8").splitlines():
        name = line.partition("  ")[2]
        if (folder / name).exists():
            yield f"{_sha256(folder / name)}  {name}\n"


def _write_text(file: Path, text: str) -> None:
    def write(unfinished: Path) -> None:
        unfinished.write_text(text, encoding="utf-8")

    replace_file(file, write)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
