"""Copies that could not be reached when something was deleted, such as a disk that was not plugged in.

They are remembered, and cleaned when they are there again. In a folder that only the study names nothing is changed:
its files are searched, and those that have deleted ids or usernames are named.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.copies import clean_export, rows_with
from tt_pipeline.duties.row_files import has_rows
from tt_pipeline.erased_subjects import ErasedSubjects, id_places_in, is_erased_id, without
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports import export_folders, exported_elsewhere
from tt_pipeline.safe_files import write_whole
from tt_pipeline.safekeeping import back_up, is_backup, known_backups

_PIECE: Final = 1 << 23
_OVERLAP: Final = 256
"""Bytes that two pieces of a file share, so that no id and no username is cut in both."""
_COMPRESSED: Final = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
"""How zip files (and workbooks), gzip and zstandard files begin."""


def note_unreached(files: DataDir, places: Iterable[Path]) -> None:
    """Remember copies that could not be cleaned.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    known = unreached(files)
    if new := [place for place in map(Path.absolute, places) if place not in known]:
        _write(files, [*known, *new])


def unreached(files: DataDir) -> list[Path]:
    """The copies that have to be cleaned when they are there again, and the folders that the study names."""
    try:
        found = json.loads(files.unreached.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(each) for each in found if isinstance(each, str)] if isinstance(found, list) else []


def copies_that_are_away(files: DataDir) -> list[Path]:
    """Exports and backups that were written and are not there."""
    return [place for place in (*exported_elsewhere(files), *_backups(files)) if not _is_back(files, place)]


def has_returned(files: DataDir) -> bool:
    """Whether an export or a backup is there again, so that it can be cleaned."""
    ours = {*_exports(files), *_backups(files)}
    return any(place in ours and _is_back(files, place) for place in unreached(files))


def clean_returned(workspace: Workspace, study_file: Path) -> list[str]:
    """Clean the copies that are there again; returns what was done and what a person has to do, as sentences."""
    files, sentences, left = workspace.files, list[str](), list[Path]()
    before = unreached(files)
    for place in before:
        try:
            said, is_done = _cleaned(workspace, study_file, place)
        except (OSError, ValueError, TtPipelineError) as error:
            problem = str(error).partition("\n")[0]
            said, is_done = [f"{place}: may still have what was deleted ({problem})."], False
        sentences += said
        left += [] if is_done else [place]
    if left != before:
        _write(files, left)
    return sentences


def _cleaned(workspace: Workspace, study_file: Path, place: Path) -> tuple[list[str], bool]:
    """What became of one copy, and whether it is clean."""
    files, erased = workspace.files, workspace.tombstones.deleted
    if place in _backups(files):
        if not is_backup(place):
            return [], False
        back_up(workspace, study_file, place, workspace.clock.now())
        return [f"{place}: this backup is there again, and was made again without what was deleted."], True
    if place in _exports(files):
        if not _is_back(files, place):
            return [], False
        cleaned = clean_export(place, erased)
        rows = counted(sum(cleaned.rows.values()), "row", "were")
        return [f"{place}: this export is there again; {rows} removed or masked.", *cleaned.by_hand], True
    if not place.exists():
        return [], False
    found = [*_problems_of(place, erased)]
    return found, not found


def _is_back(files: DataDir, place: Path) -> bool:
    """Whether a copy is there; an empty folder is where a disk is mounted that is not there."""
    try:
        if place in _backups(files):
            return is_backup(place)
        return place.is_file() or (place.is_dir() and any(has_rows(file) for file in place.iterdir()))
    except OSError:
        return False


def _exports(files: DataDir) -> list[Path]:
    return [*export_folders(files), *exported_elsewhere(files)]


def _backups(files: DataDir) -> list[Path]:
    return [known.folder for known in known_backups(files)]


def _problems_of(place: Path, erased: ErasedSubjects) -> Iterator[str]:
    """A sentence for each file of a folder that has something deleted, or that cannot be searched."""
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if not file.is_file():
            continue
        try:
            if has_rows(file) and not _is_text(file):
                is_in_it = rows_with(file, erased) > 0
            elif _begins(file).startswith(_COMPRESSED):
                yield f"{file}: this file is compressed; look whether it has what was deleted, then delete it there."
                continue
            else:
                is_in_it = _has_erased(file, erased)
        except (OSError, ValueError) as error:
            yield f"{file}: this file cannot be read ({error}); look whether it has what was deleted."
            continue
        if is_in_it:
            yield f"{file}: this file has what was deleted; delete it there."


def _is_text(file: Path) -> bool:
    return file.suffix.lower() in {".csv", ".jsonl", ".ndjson", ".gexf", ".graphml"}


def _begins(file: Path) -> bytes:
    with file.open("rb") as content:
        return content.read(4)


def _has_erased(file: Path, erased: ErasedSubjects) -> bool:
    """Whether a file has a deleted id, or a deleted username after an @."""
    end = b""
    with file.open("rb") as content:
        while piece := content.read(_PIECE):
            seen = end + piece
            if any(is_erased_id(int(found[0]), erased) for found in id_places_in(seen)):
                return True
            text = seen.decode(errors="replace")
            if without(text, erased) != text:
                return True
            end = seen[-_OVERLAP:]
    return False


def _write(files: DataDir, places: Iterable[Path]) -> None:
    write_whole(files.unreached, json.dumps([f"{place}" for place in places], indent=1) + "\n")
