"""Removes erased rows from exports and from backups, wherever they were written.

The rows are cut out of the files, because people add codes to a coding sheet that nobody could make again. A copy that
cannot be read is named, so that a person deletes it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tt_pipeline.coverage import Workspace
from tt_pipeline.duties.row_files import Row, has_rows, read_rows, replace_file
from tt_pipeline.erased_subjects import NamedSubjects, plain_username, without
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports import DESCRIPTION, export_folders, exported_elsewhere
from tt_pipeline.safekeeping import back_up, known_backups
from tt_pipeline.settings import DataDir

_IDS: Final = frozenset({"id", "video_id", "comment_id", "parent_comment_id"})
_NAMES: Final = frozenset({"username", "follower", "followed"})
"""Columns that say whose row it is."""
_CHECKSUMS: Final = "checksums.sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesReport:
    """What became of the copies.

    Attributes:
        rows: Rows of each file that were removed or masked.
        backups: Backups that were made again without the data.
        by_hand: Copies that a person has to delete or look at, as sentences.
    """

    rows: Mapping[Path, int]
    backups: tuple[Path, ...]
    by_hand: tuple[str, ...]


def copies_with(files: DataDir, erased: NamedSubjects) -> dict[Path, int]:
    """Rows of each file of the exports that would be removed or masked; files that cannot be read are left out."""
    found: dict[Path, int] = {}
    for file in (file for place in export_folders(files) for file in _files_of(place)):
        with suppress(OSError, ValueError):
            found[file] = sum(_kept(row, erased) != row for row in read_rows(file).rows)
    return {file: rows for file, rows in found.items() if rows}


def clean_copies(workspace: Workspace, study_file: Path, erased: NamedSubjects) -> CopiesReport:
    """Remove what is erased from every export and backup that is known and can be reached."""
    files, rows, by_hand = workspace.files, dict[Path, int](), list[str]()
    for place in export_folders(files):
        try:
            rows |= _clean_export(place, erased)
        except (OSError, ValueError, TtPipelineError) as error:
            problem = str(error).partition("\n")[0]
            by_hand.append(f"{place}: this export cannot be read or written ({problem}); delete it yourself.")
    by_hand += [
        f"{place}: an export was written there, and it is there no more; if it was moved, delete the data there."
        for place in exported_elsewhere(files)
        if not place.exists()
    ]
    backups, unreached = _renew_backups(workspace, study_file)
    return CopiesReport(rows=rows, backups=tuple(backups), by_hand=(*by_hand, *unreached))


def _renew_backups(workspace: Workspace, study_file: Path) -> tuple[list[Path], list[str]]:
    """Make every backup again, which deletes there what is deleted here; returns them, and what hindered others."""
    renewed: list[Path] = []
    unreached: list[str] = []
    for known in known_backups(workspace.files):
        problem = "" if known.folder.exists() else "it is not there"
        if not problem:
            try:
                back_up(workspace, study_file, known.folder, workspace.clock.now())
            except (OSError, TtPipelineError) as error:
                problem = str(error).partition("\n")[0]
        if problem:
            unreached.append(
                f"{known.folder}: this backup still has the data ({problem}). When it can be reached, run"
                f" `tt backup {known.folder}`, which removes it there."
            )
        else:
            renewed.append(known.folder)
    return renewed, unreached


def _files_of(place: Path) -> list[Path]:
    found = [place] if place.is_file() else sorted(place.iterdir())
    return [file for file in found if has_rows(file)]


def _clean_export(place: Path, erased: NamedSubjects) -> dict[Path, int]:
    """Rows that were removed or masked in each file of an export."""
    changed: dict[Path, int] = {}
    for file in _files_of(place):
        found = read_rows(file)
        kept = [_kept(row, erased) for row in found.rows]
        if number := sum(new != row for new, row in zip(kept, found.rows, strict=True)):
            found.replace_rows(row for row in kept if row is not None)
            changed[file] = number
    if changed and place.is_dir():
        _describe_again(place, changed)
    return changed


def _kept(row: Row, erased: NamedSubjects) -> Row | None:
    """A row without what is erased; None if it is about one of them."""
    if any(_is_erased(name, value, erased) for name, value in row.items()):
        return None
    return {name: _masked(name, value, erased) for name, value in row.items()}


def _is_erased(column: str, value: object, erased: NamedSubjects) -> bool:
    if not isinstance(value, int | str) or isinstance(value, bool):
        return False
    text = str(value).removeprefix("'")  # an id in a file for Excel
    if column in _IDS:
        return text.isascii() and text.isdigit() and (erased.video(int(text)) or erased.comment(int(text)))
    return column in _NAMES and erased.creator(plain_username(text))


def _masked(column: str, value: Any, erased: NamedSubjects) -> Any:
    if isinstance(value, str):
        return without(value, erased)
    if isinstance(value, list):
        items = [_masked(column, item, erased) for item in value]
        has_names = "mention" in column or "username" in column
        return [item for item in items if not (has_names and isinstance(item, str) and erased.user(item))]
    if isinstance(value, dict):
        return {key: _masked(key, inner, erased) for key, inner in value.items()}
    return value


def _describe_again(folder: Path, changed: Mapping[Path, int]) -> None:
    """Correct sizes and checksums of an export, and say in its description that rows were removed or masked."""
    description, checksums = folder / DESCRIPTION, folder / _CHECKSUMS
    if description.exists():
        package = json.loads(description.read_text(encoding="utf-8"))
        for resource in package.get("resources", ()):
            file = folder / resource["path"]
            if file in changed:
                resource |= {"bytes": file.stat().st_size, "hash": f"sha256:{_sha256(file)}"}
                resource["rowsDeletedOrMasked"] = resource.get("rowsDeletedOrMasked", 0) + changed[file]
        _write_text(description, json.dumps(package, indent=2, ensure_ascii=False) + "\n")
    if checksums.exists():
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
