"""Remembers that a collection found nothing to do, so that the next ones of the same UTC day end without Dagster.

A collection without work still publishes, because what is hidden depends on the day, and records days in Dagster. Once
a day, and after each change of the study, of the landed pages or of the published file, is enough.
"""

import hashlib
import json
from contextlib import suppress
from typing import Any

from tt_pipeline.clock import today
from tt_pipeline.coverage import Workspace
from tt_pipeline.planning import confirmed_work
from tt_pipeline.safe_files import write_whole
from tt_pipeline.warehouse import VERSION


def note_nothing_to_do(workspace: Workspace) -> None:
    """Remember that nothing is to do in this state.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    write_whole(workspace.files.nothing_to_do, json.dumps(_state(workspace)) + "\n")


def has_nothing_to_do(workspace: Workspace) -> bool:
    """Whether nothing is due, and a collection of today found nothing to do in the present state."""
    known = None
    with suppress(OSError, ValueError):
        known = json.loads(workspace.files.nothing_to_do.read_text(encoding="utf-8"))
    return known == _state(workspace) and not (workspace.zone.index.unreadable or confirmed_work(workspace).work)


def _state(workspace: Workspace) -> dict[str, Any]:
    landed = sorted(workspace.zone.index.known_stamps().items())
    return {
        "day": today(workspace.clock).isoformat(),
        "study": workspace.study.version,
        "landed": hashlib.sha256(repr(landed).encode()).hexdigest(),
        "published": _stamp(workspace),
        "made_by": VERSION,
    }


def _stamp(workspace: Workspace) -> list[int]:
    with suppress(OSError):
        found = workspace.files.published.stat()
        return [found.st_ino, found.st_size, found.st_mtime_ns]
    return []
