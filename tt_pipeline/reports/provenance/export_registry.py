"""Records the exports outside the data dir, so that a trace finds every copy that may have to be deleted.

Whoever writes a copy does it within `registered_copy`. An export is a folder, or the file of a one-off command.

Exports in the data dir's own folder are found without a record. A folder is recorded before anything is written to it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tt_pipeline.audit_log import Deed, note_deed
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StorageFailed
from tt_pipeline.reports.exports.folder import unfinished
from tt_pipeline.safe_files import lease, write_whole


@dataclass(slots=True)
class CopyRecord:
    """The record of a copy while it is written.

    Attributes:
        rows: How many rows it has got; set by whoever writes it.
        unrecorded: Why `tt trace` and deletions cannot find the copy; None if they can.
        unnoted: Why the audit log does not have the copy; None if it has, known at the end.
    """

    rows: int = 0
    unrecorded: StorageFailed | None = None
    unnoted: StorageFailed | None = None


@contextmanager
def registered_copy(files: DataDir, place: Path, what: str, at: datetime) -> Iterator[CopyRecord]:
    """Record a copy before it is written, and who made it when it is complete.

    After an error that left nothing, the record is deleted. In a read-only data dir nothing can be recorded; the copy
    can still be written, and the record says it.

    Args:
        files: The data dir.
        place: A folder, or a file.
        what: What kind of copy, without ids and usernames, for the audit log.
        at: This instant.
    """
    record, is_new = CopyRecord(), False
    try:
        is_new = remember_export(files, place)
    except StorageFailed as error:
        record.unrecorded = error
    try:
        yield record
    except BaseException:
        if is_new:
            forget_export(files, place)
        raise
    try:
        note_deed(files.audit, Deed.EXPORT, at, {"rows": record.rows}, f"{what}: {place}")
    except StorageFailed as error:
        record.unnoted = error


def remember_export(files: DataDir, folder: Path) -> bool:
    """Record the folder of an export, unless it is in the data dir's own folder of exports; returns whether it is new.

    Raises:
        StorageFailed: The data dir cannot be written.
    """
    place = folder.resolve()
    if place.parent == files.exports.resolve() or place in exported_elsewhere(files):
        return False
    with _changing(files):
        _write(files, [*exported_elsewhere(files), place])
    return True


def forget_export(files: DataDir, folder: Path) -> None:
    """Delete the record of a folder if nothing is there, because its export failed.

    Raises:
        StorageFailed: The data dir cannot be written.
    """
    place = folder.resolve()
    if not (place.exists() or unfinished(place).exists()):
        with _changing(files):
            _write(files, [each for each in exported_elsewhere(files) if each != place])


def exported_elsewhere(files: DataDir) -> list[Path]:
    """The recorded folders of exports, also those that no longer exist."""
    if not files.exported.exists():
        return []
    return [Path(line) for line in files.exported.read_text(encoding="utf-8").splitlines() if line]


def export_folders(files: DataDir) -> list[Path]:
    """Every finished export that is still there: folders, and the files of one-off commands.

    In the data dir's own folder of exports everything counts, also what a person has put or left there.
    """
    here = sorted(files.exports.glob("[!.]*"))
    return [*here, *(place for place in exported_elsewhere(files) if place.exists())]


def unfinished_exports(files: DataDir) -> list[Path]:
    """Folders in which killed processes left part of an export."""
    elsewhere = (unfinished(folder) for folder in exported_elsewhere(files))
    here = sorted(files.exports.glob(f"{unfinished(Path('*'))}"))
    return [*here, *(folder for folder in elsewhere if folder.is_dir())]


def _changing(files: DataDir) -> AbstractContextManager[None]:
    return lease(files.internal / "exported.lock")


def _write(files: DataDir, folders: list[Path]) -> None:
    write_whole(files.exported, "".join(f"{folder}\n" for folder in folders))
