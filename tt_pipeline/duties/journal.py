"""The record of a deletion that is under way: what is deleted, and why, until everything is deleted.

It is the only place that still has the ids and usernames meanwhile. It is deleted at the end, and until then nothing is
published but by the deletion itself.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from tt_pipeline.data_dir import DataDir
from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.errors import StorageFailed
from tt_pipeline.safe_files import storing, sync_folder, write_whole
from tt_pipeline.tombstones import DeletionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A deletion.

    Attributes:
        named_ids: Ids that were asked for; the others stand below something.
        begun_at: Aware, UTC; with it a deletion is recognised after a restart.
        note: What was asked for, without ids and usernames, for the report.
    """

    subjects: NamedSubjects
    reason: DeletionReason
    named_ids: frozenset[int] = frozenset()
    begun_at: datetime
    note: str = ""

    def write(self, files: DataDir) -> None:
        """Write the record; from now on nothing is published until the deletion has ended.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; nothing was deleted.
        """
        subjects = self.subjects
        values = {
            "videos": sorted(subjects.videos),
            "comments": sorted(subjects.comments),
            "users": sorted(subjects.users),
            "creators": sorted(subjects.creators),
            "expired": sorted(subjects.expired),
            "named_ids": sorted(self.named_ids),
            "reason": self.reason.value,
            "begun_at": self.begun_at.astimezone(UTC).isoformat(),
            "note": self.note,
        }
        write_whole(files.deletion, json.dumps(values) + "\n")

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """A deletion from its record."""
        return cls(
            subjects=NamedSubjects(
                videos=_numbers(values["videos"]),
                comments=_numbers(values["comments"]),
                users=frozenset(map(str, values["users"])),
                creators=frozenset(map(str, values["creators"])),
                expired=frozenset(map(str, values.get("expired", ()))),
                expired_at=datetime.fromisoformat(values["begun_at"]),
            ),
            reason=DeletionReason(values["reason"]),
            named_ids=_numbers(values["named_ids"]),
            begun_at=datetime.fromisoformat(values["begun_at"]),
            note=str(values["note"]),
        )


def read_deletion(files: DataDir) -> Deletion | None:
    """The deletion that is under way; None if there is none.

    Raises:
        StorageFailed: Its record cannot be read.
    """
    try:
        return Deletion.of(json.loads(files.deletion.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "Delete the file and run the purge again; nothing is published until then"
        raise StorageFailed(
            "Reading the deletion that is under way", files.deletion, str(error), remedy=remedy
        ) from None


def end_deletion(files: DataDir) -> None:
    """Delete the record: everything is deleted."""
    with storing("Ending the deletion", files.deletion):
        files.deletion.unlink(missing_ok=True)
        sync_folder(files.deletion.parent)


def _numbers(values: Iterable[object]) -> frozenset[int]:
    return frozenset(int(str(value)) for value in values)
