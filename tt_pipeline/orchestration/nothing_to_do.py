"""Remembers for an hour that a collection found nothing to do, so that the next ones end without Dagster.

A collection without work still publishes, because what is hidden depends on the day, checks whether stored data has to
be verified, and records days in Dagster. Nothing of this is urgent within an hour, as long as the UTC day, the study,
the landed pages and the published file stay as they are.
"""

import hashlib
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from tt_pipeline.clock import today
from tt_pipeline.coverage import Workspace, last_publication_failure, read_restored
from tt_pipeline.duties import has_returned
from tt_pipeline.planning import confirmed_work
from tt_pipeline.safe_files import write_whole
from tt_pipeline.warehouse import VERSION

_COUNTS_FOR: Final = timedelta(hours=1)

State = dict[str, Any]


def present_state(workspace: Workspace) -> State:
    """What decides whether there is something to do; read it before the collection, so that nothing later is missed."""
    landed = sorted(workspace.zone.index.known_stamps().items())
    return {
        "day": today(workspace.clock).isoformat(),
        "study": workspace.study.version,
        "landed": hashlib.sha256(repr(landed).encode()).hexdigest(),
        "made_by": VERSION,
    }


def note_nothing_to_do(workspace: Workspace, state: State, at: float) -> None:
    """Remember that nothing was to do in this state.

    Args:
        workspace: The data dir; its published file is of that state.
        state: `present_state` before the collection.
        at: The Unix second of that instant.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    note = {"at": at, "published": _stamp(workspace), "state": state}
    write_whole(workspace.files.nothing_to_do, json.dumps(note) + "\n")


def has_nothing_to_do(workspace: Workspace, state: State) -> bool:
    """Whether nothing is due, and a collection of the last hour found nothing to do in this state."""
    try:
        note = json.loads(workspace.files.nothing_to_do.read_text(encoding="utf-8"))
        age_s = workspace.clock.now().timestamp() - note["at"]
        is_same = (note["state"], note["published"]) == (state, _stamp(workspace))
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return is_same and 0 <= age_s < _COUNTS_FOR.total_seconds() and not _is_anything_open(workspace)


def _is_anything_open(workspace: Workspace) -> bool:
    files = workspace.files
    return bool(
        files.deletion.exists()
        or read_restored(files)
        or last_publication_failure(files)
        or has_returned(files)
        or workspace.tombstones.is_behind
        or workspace.zone.index.unreadable
        or confirmed_work(workspace).work
    )


def _stamp(workspace: Workspace) -> list[int]:
    with suppress(OSError):
        found = workspace.files.published.stat()
        return [found.st_ino, found.st_size, found.st_mtime_ns]
    return []
