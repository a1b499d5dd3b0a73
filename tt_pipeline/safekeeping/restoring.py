"""Makes a data dir from a backup: every file is compared with its checksum before any takes its place."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tt_pipeline.coverage import Restored, note_restored, tombstones_of
from tt_pipeline.errors import BackupUnusable, UsageError
from tt_pipeline.landing import copy_file
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.safe_files import storing, sync_folder, write_whole
from tt_pipeline.safekeeping.manifest import INTERNAL, LANDING, STUDY, Manifest, read_manifest
from tt_pipeline.settings import Settings
from tt_pipeline.tombstones import Tombstones

_LISTS: Final = ("exported.txt", "unreached.json", "targets.json", "owing_targets.json")
"""Lists of copies, of which a data dir may know more than the backup."""
_MERGED: Final = frozenset({"tombstones.jsonl", "tombstone.key", "audit.jsonl"})
"""Records that a data dir may have already; those of the backup are added to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """What was restored.

    Attributes:
        kept_study: The study file that was there and was kept; None if the backup's was restored.
        kept_ledger: The ledger that was there and was kept; None if the backup's was restored.
    """

    manifest: Manifest
    kept_study: Path | None
    kept_ledger: Path | PostgresUrl | None


def restore(settings: Settings, source: Path) -> RestoreReport:
    """Restore a backup into a data dir that has no landed answers; the warehouse has to be built afterwards.

    A study file and a ledger that are there already are kept, because they can be newer than the backup.

    Raises:
        UsageError: The data dir has answers already; nothing was changed.
        BackupUnusable: It is no backup, or a file of it is missing or damaged; nothing was changed.
        StorageFailed: The disk is full, or the folder cannot be written; nothing was changed.
    """
    manifest, files = read_manifest(source), settings.files
    if files.landing.exists() and any(files.landing.rglob("*.ndjson*")):
        raise UsageError(
            f"{files.root.resolve()} has answers already. Nothing was changed. Restore into an empty data dir: set"
            " TT_DATA_DIR, or move the data dir away."
        )
    unfinished = files.root / ".restoring"
    with storing("Restoring", files.root):
        shutil.rmtree(unfinished, ignore_errors=True)  # of a process that died
        try:
            for name in manifest.files:
                _copy_checked(source, name, unfinished / name, manifest)
            _merge_records(settings, unfinished / INTERNAL)
            # Written before the answers take their place: from then on they must not be published unchecked.
            now = settings.open_clock().now()
            note_restored(settings.files, Restored(restored_at=now, source=source.resolve()))
            return _take_place(settings, unfinished, manifest)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _merge_records(settings: Settings, restored: Path) -> None:
    """Add to the data dir's records of deletions those of the backup, so that nothing that was deleted comes back.

    Raises:
        TombstonesUnusable: One of them is damaged, or they are of different data dirs.
    """
    internal = settings.files.internal
    theirs, ours = restored / "tombstones.jsonl", internal / "tombstones.jsonl"
    if theirs.exists():
        Tombstones.of(restored, settings.tombstones)  # readable, before anything is changed
    if theirs.exists() and ours.exists():
        tombstones_of(settings).merge(theirs)
    for name in _LISTS:
        _merge_lists(internal / name, restored / name)
    audit, earlier = internal / "audit.jsonl", restored / "audit.jsonl"
    if audit.exists() and earlier.exists():
        known = audit.read_text(encoding="utf-8").splitlines()
        missing = [line for line in earlier.read_text(encoding="utf-8").splitlines() if line and line not in known]
        write_whole(audit, "".join(f"{line}\n" for line in (*missing, *known)))


def _merge_lists(ours: Path, theirs: Path) -> None:
    """Add what the data dir's list of copies has and the backup's lacks to the backup's, which takes its place."""
    if not (ours.exists() and theirs.exists()):
        return
    read: Callable[[Path], list[str]] = _read_json if ours.suffix == ".json" else _read_lines
    both = list(dict.fromkeys([*read(theirs), *read(ours)]))
    text = json.dumps(both, indent=1) if ours.suffix == ".json" else "\n".join(both)
    write_whole(theirs, f"{text}\n")


def _read_lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line]


def _read_json(file: Path) -> list[str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _copy_checked(source: Path, name: str, to: Path, manifest: Manifest) -> None:
    wanted = manifest.files[name]
    try:
        # A file that has grown since begins with what the manifest says.
        copied = copy_file(source / name, to, size=wanted.size)
    except FileNotFoundError:
        raise BackupUnusable(source, f"is not complete: {name} is missing") from None
    if copied.sha256 != wanted.sha256:
        raise BackupUnusable(source, f"is damaged: {name} is not what was backed up")


def _take_place(settings: Settings, restored: Path, manifest: Manifest) -> RestoreReport:
    files, study, ledger = settings.files, settings.study_file, settings.ledger_place
    kept_study = study if study.exists() else None
    kept_ledger = None if isinstance(ledger, Path) and not ledger.exists() else ledger
    if kept_study is None:
        for name in manifest.below(STUDY):
            target = study if name == manifest.study else study.parent / name
            if not target.exists():
                _move(restored / STUDY / name, target)
    if isinstance(ledger, Path) and kept_ledger is None and manifest.ledger:
        _move(restored / manifest.ledger, ledger)
    for name in manifest.below(INTERNAL):
        if name not in _MERGED or not (files.internal / name).exists():
            _move(restored / INTERNAL / name, files.internal / name)
    shutil.rmtree(files.landing, ignore_errors=True)  # without answers: an index and an identity at most
    # The answers come last: a data dir has all of them, or none.
    _move(restored / LANDING, files.landing)
    return RestoreReport(manifest=manifest, kept_study=kept_study, kept_ledger=kept_ledger)


def _move(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, to)
    sync_folder(to.parent)
