"""Remembers that a data dir was restored and not yet checked: TikTok may have deleted some of it since the backup."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that was restored and not checked since.

    Attributes:
        restored_at: What was seen or checked last before this instant has to be checked.
        source: The folder of the backup; None if the record is damaged.
        may_be_published: Whether a person wants it to be published unchecked.
        accepts_loss: Whether the next publication accepts that the landing folder has fewer files than the ledger
            remembers, because what was deleted after the backup was deleted again.
    """

    restored_at: datetime
    source: Path | None
    may_be_published: bool = False
    accepts_loss: bool = True


def note_restored(files: DataDir, restored: Restored) -> None:
    """Write the record.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    values = {
        "restored_at": restored.restored_at.isoformat(),
        "source": f"{restored.source or ''}",
        "may_be_published": restored.may_be_published,
        "accepts_loss": restored.accepts_loss,
    }
    write_whole(files.restored, json.dumps(values) + "\n")


def read_restored(files: DataDir) -> Restored | None:
    """The restored backup that is not checked; None if there is none.

    A damaged record counts as a backup that was restored when the record was written.
    """
    try:
        text = files.restored.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    try:
        values = json.loads(text)
        return Restored(
            restored_at=datetime.fromisoformat(values["restored_at"]).astimezone(UTC),
            source=Path(values["source"]),
            may_be_published=bool(values["may_be_published"]),
            accepts_loss=bool(values["accepts_loss"]),
        )
    except (ValueError, KeyError, TypeError):
        return Restored(restored_at=datetime.fromtimestamp(files.restored.stat().st_mtime, UTC), source=None)


def forget_restored(files: DataDir) -> None:
    """Delete the record: everything that was restored has been checked."""
    files.restored.unlink(missing_ok=True)
