"""Ends a study: deletes all data and every copy that can be reached, and certifies it.

The study file, the quota ledger, the audit log, the tombstones and the reports stay: they say what was done, and have
no data of any person. What was there is counted and written down before the first file is deleted, so that a process
that is killed meanwhile can go on.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tt_pipeline.audit_log import Deed, audit_entries, note_deed
from tt_pipeline.coverage import Workspace, open_workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.signed_reports import write_signed
from tt_pipeline.errors import CollectionRuns
from tt_pipeline.ingestion import load_landed, on_writer, remove_targets
from tt_pipeline.landing import Inventory
from tt_pipeline.reports import export_folders, exported_elsewhere, files_of_export, forget_export
from tt_pipeline.safe_files import storing, sync_folder, write_whole
from tt_pipeline.safekeeping import delete_backup, known_backups
from tt_pipeline.settings import Settings
from tt_pipeline.studies import study_or_empty
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse import TABLES, Writer

_KEPT: Final = frozenset(
    {
        *("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite.lock"),
        *("source.json", "client_key.json"),
        *("audit.jsonl", "tombstones.jsonl", "tombstone.key", "tombstones.lock", "ended.json"),
        *(
            "targets.json",
            "exported.txt",
            "exported.lock",
            "backups.json",
            "backups.lock",
            "writer.lease",
            "starting.lock",
        ),
    }
)
"""Files in the pipeline's own folder that stay: counts, hashes and the places of copies, no data of persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReport:
    """The end of a study.

    Attributes:
        certificate: The signed certificate; beside it is the same as text.
        counts: What was there, by kind.
        by_hand: What a person has to delete, as sentences.
    """

    certificate: Path
    counts: Mapping[str, int]
    by_hand: tuple[str, ...]


def count_everything(workspace: Workspace) -> dict[str, int]:
    """What the end of the study will delete: rows of each table, landed files, exports and backups."""
    load_landed(workspace, *Dataset)
    files = workspace.files
    return {
        **on_writer(workspace, _rows),
        "landed files": workspace.zone.index.number_of_files(),
        "exports": len(export_folders(files)),
        "backups": len([known for known in known_backups(files) if known.folder.exists()]),
    }


def _rows(writer: Writer) -> dict[str, int]:
    names = [table.full_name for table in TABLES.values() if table.is_stored and table.schema == "core"]
    counts = ", ".join(f'(select count(*) from {name}) as "{name}"' for name in names)
    return {name: rows for name, rows in writer.query(f"select {counts}").row(0, named=True).items() if rows}


def end_study(settings: Settings) -> EndReport:
    """Delete everything, and write the certificate; what was deleted before an interruption is not counted again.

    Raises:
        CollectionRuns: Another process is collecting; nothing was deleted.
        StorageFailed: A file cannot be deleted, or the disk is full; run it again to go on.
    """
    files = settings.files
    if files.landing.exists() and Inventory(files.landing).is_being_collected():
        raise CollectionRuns(files.landing)
    record = _record(files) or _write_record(settings)
    targets = remove_targets(files, settings.publish_target)
    by_hand = (*targets, *_delete_everything(files), *_of_other_machines(settings))
    begun_at = datetime.fromisoformat(record["ended_at"])
    if not any(entry["done_at"] == begun_at for entry in audit_entries(files.audit)):
        note_deed(files.audit, Deed.PURGE, begun_at, record["counts"], "study_ended")
    certificate = files.deletions / f"{begun_at:%Y%m%dT%H%M%S%fZ}-certificate.json"
    values = {**record, "by_hand": list(by_hand)}
    write_signed(certificate, Tombstones.of(files.internal, settings.tombstones), values)
    write_whole(certificate.with_suffix(".txt"), _text(values))
    return EndReport(certificate=certificate, counts=record["counts"], by_hand=by_hand)


def _record(files: DataDir) -> dict[str, Any] | None:
    """What was there when the end began; None before that, or if something was collected again since."""
    try:
        found: dict[str, Any] = json.loads(files.ended.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _write_record(settings: Settings) -> dict[str, Any]:
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        record = {
            "what": "the end of a study",
            "study": study.title,
            "ended_at": workspace.clock.now().astimezone(UTC).isoformat(),
            "made_by": f"tt_pipeline {version('tt-pipeline')}",
            "counts": count_everything(workspace),
            "requests_sent": _requests_sent(workspace),
            "searches": [
                {
                    "name": search.name,
                    "first_day": search.first_day.isoformat(),
                    "last_day": search.last_day.isoformat() if search.last_day else None,
                    "fingerprint": search.fingerprint,
                }
                for search in study.searches
            ],
        }
    write_whole(settings.files.ended, json.dumps(record, indent=1) + "\n")
    return record


def _requests_sent(workspace: Workspace) -> int:
    _, rows = workspace.ledger.rows()
    return len(rows)


def _delete_everything(files: DataDir) -> Iterator[str]:
    """Delete every copy; yields what a person has to delete, as sentences."""
    for place in exported_elsewhere(files):
        if not place.exists():
            yield f"{place}: an export was written there, and it is there no more; if it was moved, delete it."
    for place in export_folders(files):
        yield from _delete_export(place)
        forget_export(files, place)
    for known in known_backups(files):
        yield from delete_backup(files, known)
    for path in (
        files.published,
        *files.pages,
        files.notebook_outputs,
        files.exports,
        files.landing,
        *files.root.glob(".*.publishing"),
    ):
        _delete(path)
    for path in sorted(files.internal.iterdir()) if files.internal.exists() else ():
        if path.name not in _KEPT:
            _delete(path)
    for path in sorted(files.root.iterdir()):
        if path not in {files.internal, files.deletions} and path.name != "study.yaml":
            yield f"{path}: this is not tt_pipeline's; delete it if it has data of the study."


def _of_other_machines(settings: Settings) -> Iterator[str]:
    if settings.landing:
        yield (
            f"{settings.landing}: the answers that all machines share are there. End the study on every machine, then"
            " delete everything below it."
        )


def _delete_export(place: Path) -> Iterator[str]:
    """Delete what an export wrote; what people put beside it is named."""
    if place.is_dir():
        for path in files_of_export(place):
            _delete(path)
        if any(place.iterdir()):
            yield f"{place}: other files are in this folder of an export; delete what they have of the study."
            return
    _delete(place)


def _delete(path: Path) -> None:
    if not path.exists() and not path.is_symlink():
        return
    with storing("Deleting", path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        sync_folder(path.parent)


def _text(values: Mapping[str, Any]) -> str:
    """The certificate for people."""
    lines = [
        f"Certificate: the data of the study {values['study']!r} was deleted.",
        "",
        f"Ended: {values['ended_at']}, by {values['made_by']}.",
        "",
        "What was there and was deleted:",
        *(f"  {number:>14,}  {kind}" for kind, number in values["counts"].items()),
        "",
        f"Requests that the study had sent: {values['requests_sent']:,}.",
        "What stays: the study file, the ledger with numbers of requests, the audit log, keyed hashes of what was",
        "deleted earlier, and the reports of deletions. None of them has data of a person.",
        "",
        "Searches:",
        *(
            f"  {each['name']}: {each['first_day']} to {each['last_day'] or 'its end'}, query {each['fingerprint'][:8]}"
            for each in values["searches"]
        ),
    ]
    if values["by_hand"]:
        lines += ["", "To be deleted by hand:", *(f"  {each}" for each in values["by_hand"])]
    return "\n".join(lines) + "\n"
