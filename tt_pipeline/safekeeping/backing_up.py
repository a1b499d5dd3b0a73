"""Copies what cannot be requested again into a folder; what is there already is not copied twice.

The ledger comes before the landed answers: an answer that lands meanwhile is in the backup without its request, which
the restored ledger does not need, while a request without its answer would be a loss. The manifest comes last, so that
a backup that is interrupted leaves the one before it usable.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tt_pipeline.audit_log import Deed, note_deed
from tt_pipeline.coverage import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import BackupUnusable, UsageError
from tt_pipeline.landing import CopiedFile, copy_file, copy_landing
from tt_pipeline.safe_files import instant_name, lease_if_free, storing
from tt_pipeline.safekeeping.manifest import INTERNAL, LANDING, LEDGER, MANIFEST, STUDY, Manifest, read_manifest
from tt_pipeline.safekeeping.registry import remember_backup
from tt_pipeline.studies import files_of_study

RECORDS: Final = (
    *("source.json", "client_key.json", "confirmed.json", "exported.txt", "unreached.json"),
    *("targets.json", "owing_targets.json"),
    *("tombstone.key", "tombstones.jsonl", "audit.jsonl", "ended.json", "first_refreshed.json"),
)
"""Small files of the data dir's internal folder that are kept too."""
_LEASE: Final = ".backup.lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup has.

    Attributes:
        copied: Files that were copied this time.
        size: Bytes of all files.
        copied_size: Bytes of the files that were copied this time.
    """

    manifest: Manifest
    copied: int
    size: int
    copied_size: int


def back_up(workspace: Workspace, study_file: Path, to: Path, made_at: datetime) -> BackupReport:
    """Make or update a backup; collections may go on meanwhile.

    Args:
        workspace: The data dir.
        study_file: The study file.
        to: The folder of the backup, which is created.
        made_at: This instant.

    Raises:
        UsageError: The folder has other files, or is in the data dir.
        BackupUnusable: It has a backup of another data dir, or one of a later version.
        StorageFailed: The disk is full, or a folder cannot be written; the backup before it stays usable.
    """
    known = _manifest_to_update(workspace, to)
    remember_backup(workspace.files, to, None)
    with storing("The backup", to), _alone(to):
        ledger = f"{LEDGER}/ledger-{instant_name()}.sqlite"
        workspace.ledger.copy_to(to / ledger)
        entries = {ledger: _copied(to / ledger)}
        entries |= _copy_study(study_file, to)
        entries |= _copy_records(workspace.files, to)
        landed = list(copy_landing(workspace.files.landing, to / LANDING, known.below(LANDING) if known else {}))
        entries |= {f"{LANDING}/{name}": file for name, file, _ in landed}
        manifest = Manifest(
            made_at=made_at,
            landing_id=workspace.zone.identity,
            study=study_file.name,
            study_title=workspace.study.title,
            ledger=ledger,
            files=entries,
        )
        manifest.write(to)
        _delete_others(to, manifest)
    remember_backup(workspace.files, to, made_at)
    note_deed(workspace.files.audit, Deed.BACKUP, made_at, {"landed files": len(landed)}, f"{to}")
    new = [file for _, file, is_new in landed if is_new]
    return BackupReport(
        manifest=manifest,
        copied=len(new),
        size=sum(file.size for file in entries.values()),
        copied_size=sum(file.size for file in new),
    )


def _manifest_to_update(workspace: Workspace, to: Path) -> Manifest | None:
    """The backup that the folder has; None if it is new or empty."""
    if to.resolve().is_relative_to(workspace.files.root.resolve()):
        raise UsageError(
            f"{to} is in the data dir, which the backup must outlive. Nothing was copied. Name a folder elsewhere."
        )
    if not to.exists() or (to.is_dir() and not any(each.name != _LEASE for each in to.iterdir())):
        return None
    if not to.is_dir():
        raise UsageError(f"{to} is not a folder. Nothing was copied.")
    if not (to / MANIFEST).exists() and _is_begun(to):
        return None
    if not (to / MANIFEST).exists():
        raise UsageError(f"{to} has other files and no backup. Nothing was copied. Name a new or empty folder.")
    known = read_manifest(to)
    if known.landing_id != workspace.zone.identity:
        raise BackupUnusable(to, f"has a backup of another data dir (study {known.study_title!r}); name another folder")
    return known


def _is_begun(to: Path) -> bool:
    """Whether a first backup was interrupted: the folder has nothing but parts of one."""
    return {each.name for each in to.iterdir()} <= {LANDING, STUDY, INTERNAL, LEDGER, _LEASE}


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lease_if_free(to / _LEASE) as is_free:
        if not is_free:
            raise UsageError(f"Another backup into {to} is running. Nothing was copied.")
        yield


def _copied(file: Path) -> CopiedFile:
    """The entry of a file that was made in its place."""
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return CopiedFile(size=file.stat().st_size, sha256=sha256, changed_ns=file.stat().st_mtime_ns)


def _copy_study(study_file: Path, to: Path) -> dict[str, CopiedFile]:
    copied = {}
    for file in files_of_study(study_file):
        name = f"{STUDY}/{file.relative_to(study_file.parent)}"
        copied[name] = copy_file(file, to / name)
    return copied


def _copy_records(files: DataDir, to: Path) -> dict[str, CopiedFile]:
    present = [files.internal / name for name in RECORDS if (files.internal / name).is_file()]
    return {f"{INTERNAL}/{file.name}": copy_file(file, to / INTERNAL / file.name) for file in present}


def _delete_others(to: Path, manifest: Manifest) -> None:
    """Delete what the manifest does not name: what was deleted from the data dir, earlier ledgers, remains."""
    for folder in (LANDING, STUDY, INTERNAL, LEDGER):
        for file in sorted((to / folder).rglob("*"), reverse=True):
            if file.is_dir():
                if not any(file.iterdir()):
                    file.rmdir()
            elif file.relative_to(to).as_posix() not in manifest.files:
                file.unlink()
