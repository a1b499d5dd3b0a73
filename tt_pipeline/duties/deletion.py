"""Carries out a deletion in every copy that is known; a process that is killed meanwhile can go on where it stopped.

Each step changes nothing if it was done before. The order makes sure that what is deleted never comes back: first the
record of the deletion, then the tombstones, then the landed answers, from which everything else is made again.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tt_pipeline.audit_log import Deed, audit_entries, note_deed
from tt_pipeline.coverage import Workspace, note_restored, read_restored
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.copies import CopiesReport, clean_copies
from tt_pipeline.duties.journal import Deletion, end_deletion, read_deletion
from tt_pipeline.duties.returned_copies import copies_that_are_away, note_unreached
from tt_pipeline.duties.signed_reports import write_report
from tt_pipeline.duties.traces import clean_traces
from tt_pipeline.erased_subjects import ErasedSubjects, NamedSubjects
from tt_pipeline.errors import RestoredUnchecked
from tt_pipeline.ingestion import check_complete, owe_deletion, publish_warehouse, rebuild_warehouse, target_states
from tt_pipeline.landing import Redaction
from tt_pipeline.tombstones import DeletionReason, Kind

log = logging.getLogger(__name__)

_SUBJECTS: Final = ("videos", "comments", "accounts", "profiles", "profile_texts")
"""What the audit log counts of a deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionReport:
    """What a deletion has done.

    Attributes:
        counts: Videos, comments and accounts that were named or stood below them, and records and pages of answers.
        by_hand: What a person has to delete or look at, as sentences.
        file: The signed report.
        is_published: Whether the warehouse was published again; a restored backup has to be checked first.
    """

    counts: Mapping[str, int]
    copies: CopiesReport
    by_hand: tuple[str, ...]
    file: Path
    is_published: bool


def is_under_way(files: DataDir) -> bool:
    """Whether a deletion was begun and has not ended."""
    return files.deletion.exists()


def carry_out(workspace: Workspace, study_file: Path, deletion: Deletion) -> DeletionReport:
    """Delete, in every copy that is known.

    Raises:
        CollectionRuns: Another process is collecting; nothing was deleted.
        LandingIncomplete: Landed files are missing, so nobody knows what they have; nothing was deleted.
        StorageFailed: The disk is full, or a folder cannot be written; `resume` goes on.
        PublicationRefused: A check failed; the deletion is not complete, and `resume` goes on.
    """
    zone, files = workspace.zone, workspace.files
    with zone.all_leases():
        loads = zone.index.number_of_files()
        restored = read_restored(files)
        if not (restored and restored.accepts_loss):
            check_complete(files, workspace.ledger, workspace.study.title, zone=zone.identity, loads=loads)
        deletion.write(files)
        counts, damaged = _remove_here(workspace, deletion)
    return _remove_elsewhere(workspace, study_file, deletion, counts, damaged)


def resume(workspace: Workspace, study_file: Path) -> DeletionReport:
    """Go on with the deletion that is under way, from its first step; what was done before is not done again.

    Raises:
        CollectionRuns: Another process is collecting.
        StorageFailed: The disk is full, or a folder cannot be written.
        PublicationRefused: A check failed; nothing was published.
        LookupError: No deletion is under way.
    """
    deletion = read_deletion(workspace.files)
    if deletion is None:
        raise LookupError("no deletion is under way")
    with workspace.zone.all_leases():
        counts, damaged = _remove_here(workspace, deletion)
    return _remove_elsewhere(workspace, study_file, deletion, counts, damaged)


def _remove_here(workspace: Workspace, deletion: Deletion) -> tuple[dict[str, int], tuple[str, ...]]:
    """Remove it from answers and warehouse; returns counts, and damaged files as sentences. Call it with all leases."""
    for reason, named in _by_reason(deletion).items():
        workspace.tombstones.add(named, reason, deletion.begun_at)
    removed = workspace.zone.redact(deletion.subjects)
    counts = _counts(deletion.subjects, removed)
    _note_once(workspace.files, deletion, counts)
    _publish_without(workspace)
    return counts, tuple(_of_damaged(removed))


def _publish_without(workspace: Workspace) -> None:
    """Build warehouse, published file and publish targets again from the answers that are left."""
    rebuild_warehouse(workspace, accepts_loss=True)
    owe_deletion(workspace.files)
    try:
        publish_warehouse(workspace, accepts_loss=True, finishes_deletion=True)
    except RestoredUnchecked:  # a file of before the restoration may have the data
        workspace.files.published.unlink(missing_ok=True)
        if restored := read_restored(workspace.files):
            note_restored(workspace.files, replace(restored, accepts_loss=True))


def _remove_elsewhere(
    workspace: Workspace, study_file: Path, deletion: Deletion, counts: Mapping[str, int], damaged: tuple[str, ...]
) -> DeletionReport:
    files = workspace.files
    copies, by_hand = _clean_elsewhere(workspace, study_file, deletion.subjects)
    by_hand += damaged
    report = write_report(files, workspace.tombstones, deletion, counts, by_hand)
    end_deletion(files)
    log.info("deletion carried out: %s", counts)
    return DeletionReport(
        counts=counts, copies=copies, by_hand=by_hand, file=report, is_published=files.published.exists()
    )


def _clean_elsewhere(
    workspace: Workspace, study_file: Path, erased: ErasedSubjects
) -> tuple[CopiesReport, tuple[str, ...]]:
    """Remove it from copies and traces; returns what a person has to delete or look at, as sentences."""
    files = workspace.files
    # Before the backups are made again, which have this list too.
    note_unreached(files, [*copies_that_are_away(files), *workspace.study.compliance.copies])
    copies = clean_copies(workspace, study_file, erased)
    note_unreached(files, copies.unreached)
    return copies, (*copies.by_hand, *_of_targets(files), *clean_traces(files, study_file, erased))


def _of_targets(files: DataDir) -> Iterator[str]:
    """The publish targets that may still have what was deleted, as sentences."""
    for name, state in target_states(files).items():
        if state.owes_deletion:
            problem = state.problem or "no copy there was replaced"
            yield (
                f"{name}: this publish target may still have the data ({problem}). The next publication deletes it"
                " there; if it was moved, delete the data yourself."
            )


def remove_deleted(workspace: Workspace) -> Redaction:
    """Remove from the landed files what was deleted after it had come, for example after a backup was restored.

    Raises:
        CollectionRuns: Another process is collecting.
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    if not workspace.tombstones:
        return Redaction()
    if not workspace.tombstones.is_behind:  # else the next refresh looks at all copies, and does it then
        workspace.tombstones.complete()
    with workspace.zone.all_leases():
        return workspace.zone.redact(workspace.tombstones.deleted)


def follow_others(workspace: Workspace, study_file: Path) -> list[str]:
    """Delete here what another machine has deleted since, in every copy that is known here.

    Returns:
        What was done and what a person has to do, as sentences; nothing if no other machine has deleted anything.

    Raises:
        CollectionRuns: Another process is collecting; nothing was deleted.
        StorageFailed: The disk is full, or a folder cannot be written; the next call goes on.
        PublicationRefused: A check failed; nothing was published.
    """
    tombstones, files, sentences = workspace.tombstones, workspace.files, list[str]()
    tombstones.refresh()
    if not tombstones.is_behind:
        return []
    if files.writer.exists() or files.published.exists():
        with workspace.zone.all_leases():
            removed = workspace.zone.redact(tombstones.deleted)
            _publish_without(workspace)
        _, by_hand = _clean_elsewhere(workspace, study_file, tombstones.deleted)
        sentences = ["What another machine has deleted was deleted here too.", *by_hand, *_of_damaged(removed)]
        counts = {"landed_records": removed.records, "landed_pages": removed.pages, "landed_files": removed.files}
        note_deed(files.audit, Deed.PURGE, workspace.clock.now(), counts, "deleted on another machine")
    tombstones.complete()
    return sentences


def _by_reason(deletion: Deletion) -> dict[DeletionReason, dict[Kind, Iterable[int | str]]]:
    """The tombstones by reason; a takedown forbids only what was named, so that it can be taken back as a whole."""
    subjects, named = deletion.subjects, deletion.named_ids
    if deletion.reason is not DeletionReason.TAKEDOWN:
        everything: dict[Kind, Iterable[int | str]] = {Kind.VIDEO: subjects.videos, Kind.COMMENT: subjects.comments}
        return {deletion.reason: {**everything, Kind.USER: subjects.users}}
    return {
        DeletionReason.TAKEDOWN: {
            Kind.VIDEO: subjects.videos & named,
            Kind.COMMENT: subjects.comments & named,
            Kind.USER: subjects.users,
        },
        DeletionReason.BELOW: {Kind.VIDEO: subjects.videos - named, Kind.COMMENT: subjects.comments - named},
    }


def _counts(subjects: NamedSubjects, removed: Redaction) -> dict[str, int]:
    return {
        "videos": len(subjects.videos),
        "comments": len(subjects.comments),
        "accounts": len(subjects.users),
        "profiles": len(subjects.creators),
        "profile_texts": len(subjects.expired),
        "landed_records": removed.records,
        "landed_pages": removed.pages,
        "landed_files": removed.files,
    }


def _note_once(files: DataDir, deletion: Deletion, counts: Mapping[str, int]) -> None:
    """Note the deletion in the audit log, unless an interrupted process has."""
    noted = (entry for entry in audit_entries(files.audit) if entry["done_at"] == deletion.begun_at)
    if not any(entry["what"] == Deed.PURGE for entry in noted):
        subjects = {kind: counts[kind] for kind in _SUBJECTS}
        note_deed(files.audit, Deed.PURGE, deletion.begun_at, subjects, f"{deletion.reason}: {deletion.note}")


def _of_damaged(removed: Redaction) -> tuple[str, ...]:
    return tuple(
        f"{name}: this damaged file was deleted, because it may have had the data." for name in removed.damaged
    )
