"""Copies that could not be reached when something was deleted, such as a disk that was not plugged in.

They are remembered, and cleaned when they are there again. In a folder that only the study names nothing is changed:
its files are searched, and those that still have deleted ids are named.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace
from tt_pipeline.duties.copies import clean_export
from tt_pipeline.erased_subjects import ErasedSubjects, id_places_in, is_erased_id
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports import exported_elsewhere
from tt_pipeline.safe_files import write_whole
from tt_pipeline.safekeeping import back_up, known_backups
from tt_pipeline.settings import DataDir


def note_unreached(files: DataDir, places: Iterable[Path]) -> None:
    """Remember copies that could not be cleaned.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    known = unreached(files)
    if new := [place for place in map(Path.absolute, places) if place not in known]:
        _write(files, [*known, *new])


def unreached(files: DataDir) -> list[Path]:
    """The copies that have to be cleaned when they are there again."""
    try:
        found = json.loads(files.unreached.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(each) for each in found if isinstance(each, str)] if isinstance(found, list) else []


def is_one_back(files: DataDir) -> bool:
    """Whether an export or a backup is there again, so that it can be cleaned."""
    ours = {*_exports(files), *_backups(files)}
    return any(place in ours and place.exists() for place in unreached(files))


def clean_returned(workspace: Workspace, study_file: Path) -> list[str]:
    """Clean the copies that are there again; returns what was done and what a person has to do, as sentences."""
    files, said, left = workspace.files, list[str](), list[Path]()
    for place in unreached(files):
        if not place.exists():
            left.append(place)
            continue
        try:
            sentences, is_clean = _cleaned(workspace, study_file, place)
        except (OSError, ValueError, TtPipelineError) as error:
            sentences, is_clean = [f"{place}: still has what was deleted ({_first_line(error)})."], False
        said += sentences
        left += [] if is_clean else [place]
    if left != unreached(files):
        _write(files, left)
    return said


def _cleaned(workspace: Workspace, study_file: Path, place: Path) -> tuple[list[str], bool]:
    if place in _backups(workspace.files):
        back_up(workspace, study_file, place, workspace.clock.now())
        return [f"{place}: this backup is there again, and was made again without what was deleted."], True
    deleted = workspace.tombstones.deleted
    if place in _exports(workspace.files):
        rows = counted(sum(clean_export(place, deleted).values()), "row", "were")
        return [f"{place}: this export is there again; {rows} removed or masked."], True
    still = [*_files_with(place, deleted)]
    return [f"{file}: this file still has ids of what was deleted; delete them there." for file in still], not still


def _exports(files: DataDir) -> list[Path]:
    return exported_elsewhere(files)


def _backups(files: DataDir) -> list[Path]:
    return [known.folder for known in known_backups(files)]


def _files_with(place: Path, deleted: ErasedSubjects) -> Iterator[Path]:
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        if file.is_file() and any(is_erased_id(int(each[0]), deleted) for each in id_places_in(file.read_bytes())):
            yield file


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _write(files: DataDir, places: Iterable[Path]) -> None:
    write_whole(files.unreached, json.dumps([f"{place}" for place in places], indent=1) + "\n")
