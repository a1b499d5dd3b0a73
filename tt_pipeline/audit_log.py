"""A record of exports, deletions, confirmations and restores: who, when, what kind, how many, never of whom.

One JSON object a line in `internal/audit.jsonl`; lines are only added. The warehouse shows it as `ops.audit`.
"""

import getpass
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tt_pipeline.safe_files import storing


class Deed(StrEnum):
    """What is recorded."""

    EXPORT = "export"
    PURGE = "purge"
    FORGET = "forget"
    REFRESH_CONFIRMED = "refresh_confirmed"
    BACKUP = "backup"
    RESTORE = "restore"


def note_deed(file: Path, deed: Deed, at: datetime, counts: Mapping[str, int], note: str | None = None) -> None:
    """Add a line.

    Args:
        file: `internal/audit.jsonl`.
        deed: What was done.
        at: When, aware.
        counts: How many of each kind.
        note: More about it, without ids and usernames.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    entry = {
        "done_at": at.astimezone(UTC).isoformat(),
        "done_by": _user(),
        "what": deed.value,
        "counts": dict(counts),
        "note": note,
    }
    with storing("Writing the audit log", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        # The newline comes first too: a line that a killed process left unfinished ends there.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as target:
            target.write(f"\n{json.dumps(entry)}\n".encode())
            target.flush()
            os.fsync(target.fileno())


def audit_entries(file: Path) -> Iterator[dict[str, Any]]:
    """The lines as rows of `ops.audit`; what a killed process left unfinished is left out."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for number, line in enumerate(filter(None, lines), start=1):
        try:
            entry = json.loads(line)
            yield {
                "line": number,
                "done_at": datetime.fromisoformat(entry["done_at"]),
                "done_by": str(entry["done_by"]),
                "what": str(entry["what"]),
                "counts": json.dumps(entry["counts"]),
                "note": entry["note"],
            }
        except (ValueError, KeyError, TypeError):
            continue


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return f"user {os.getuid()}"
