"""Allows again what a takedown forbids to store: the person asked for it, or it was named by mistake."""

from collections.abc import Iterable

from tt_pipeline.audit_log import Deed, note_deed
from tt_pipeline.coverage import Workspace
from tt_pipeline.duties.selecting import PurgeRequest
from tt_pipeline.tombstones import Kind


def forget_takedowns(workspace: Workspace, request: PurgeRequest) -> int:
    """Take takedowns of these ids and usernames back; what was deleted does not come back by itself.

    Returns:
        How many there were.

    Raises:
        StorageFailed: The disk is full, or a folder cannot be written.
    """
    now = workspace.clock.now()
    values: dict[Kind, Iterable[int | str]] = {
        Kind.VIDEO: request.ids,
        Kind.COMMENT: request.ids,
        Kind.USER: request.usernames,
    }
    forgotten = workspace.tombstones.forget(values, now)
    if forgotten:
        note_deed(workspace.files.audit, Deed.FORGET, now, {"takedowns": forgotten})
    return forgotten
