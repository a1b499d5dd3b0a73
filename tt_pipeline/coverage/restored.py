"""Remembers that a data dir was restored and not yet checked: TikTok may have deleted some of it since the backup."""

import json
from dataclasses import dataclass
from datetime import datetime

from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import DataDir


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that was restored and not checked since.

    Attributes:
        restored_at: What was seen or checked last before this instant has to be checked.
        is_published: Whether a person wanted it to be published as it was.
        accepts_loss: Whether the landing folder may have fewer files than the ledger remembers, because what was
            deleted after the backup was deleted again.
    """

    restored_at: datetime
    is_published: bool
    accepts_loss: bool = False


def note_restored(files: DataDir, restored: Restored) -> None:
    """Remember it.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    values = {
        "restored_at": restored.restored_at.isoformat(),
        "is_published": restored.is_published,
        "accepts_loss": restored.accepts_loss,
    }
    write_whole(files.restored, json.dumps(values) + "\n")


def read_restored(files: DataDir) -> Restored | None:
    """What was restored and is not checked; None if there is nothing of that."""
    try:
        values = json.loads(files.restored.read_text(encoding="utf-8"))
        return Restored(
            restored_at=datetime.fromisoformat(values["restored_at"]),
            is_published=bool(values["is_published"]),
            accepts_loss=bool(values["accepts_loss"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_restored(files: DataDir) -> None:
    """Everything that was restored has been checked."""
    files.restored.unlink(missing_ok=True)
