"""Records where backups are, so that their age can be shown and a deletion finds every copy."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import lease, storing, write_whole
from tt_pipeline.safekeeping.manifest import INTERNAL, LANDING, LEDGER, MANIFEST, STUDY


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBackup:
    """A folder with a backup of this data dir.

    Attributes:
        made_at: When the latest one in this folder was begun, UTC; None if none was ever finished.
    """

    folder: Path
    made_at: datetime | None


def known_backups(files: DataDir) -> list[KnownBackup]:
    """The folders, newest backup first; unreadable records are none."""
    found = [
        KnownBackup(folder=Path(folder), made_at=datetime.fromisoformat(made_at) if made_at else None)
        for folder, made_at in _records(files).items()
    ]
    return sorted(found, key=lambda each: each.made_at.timestamp() if each.made_at else 0, reverse=True)


def remember_backup(files: DataDir, folder: Path, made_at: datetime | None) -> None:
    """Record a folder before the first byte is written to it, and when its backup is complete.

    Raises:
        StorageFailed: The data dir cannot be written.
    """
    with lease(files.internal / "backups.lock"):
        records = dict(_records(files))
        name = str(folder.resolve())
        records[name] = made_at.isoformat() if made_at else records.get(name)
        write_whole(files.backups, json.dumps(records, indent=1) + "\n")


def is_backup(folder: Path) -> bool:
    """Whether a backup is in a folder; an empty folder is where a disk is mounted that is not there."""
    try:
        return (folder / MANIFEST).exists()
    except OSError:
        return False


def delete_backup(files: DataDir, known: KnownBackup) -> Iterator[str]:
    """Delete a backup and its record; yields what a person has to delete, as a sentence.

    Raises:
        StorageFailed: A file cannot be deleted.
    """
    folder = known.folder
    if not (folder / MANIFEST).exists():
        is_there = folder.exists() and any(folder.iterdir())
        what = "has other files than a backup; delete what it has of the study" if is_there else "is not there"
        yield f"{folder}: this folder of a backup {what}{'' if is_there else '; delete it wherever it is'}."
        return
    with storing("Deleting", folder):
        for name in (LANDING, STUDY, INTERNAL, LEDGER):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / ".backup.lease").unlink(missing_ok=True)
        (folder / MANIFEST).unlink()
        if any(folder.iterdir()):
            yield f"{folder}: other files are in this folder of a backup; delete what they have of the study."
        else:
            folder.rmdir()
    with lease(files.internal / "backups.lock"):
        records = {name: made_at for name, made_at in _records(files).items() if Path(name) != folder}
        write_whole(files.backups, json.dumps(records, indent=1) + "\n")


def _records(files: DataDir) -> Mapping[str, str | None]:
    try:
        found = json.loads(files.backups.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
