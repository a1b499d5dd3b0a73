"""When something is left out of the published file because it was not checked in time."""

import json
from contextlib import suppress
from datetime import datetime, timedelta

from tt_pipeline.coverage import Workspace, read_restored, source_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import is_loopback
from tt_pipeline.warehouse import HidingRule


def rule_of_hiding(workspace: Workspace) -> HidingRule | None:
    """When something is not published because it was not checked; None hides nothing.

    Invented data is never hidden, nor what a person wants to see as it was, and a data dir of an earlier version has
    time for one refresh.
    """
    files, rules = workspace.files, workspace.study.compliance
    source = source_of(files)
    restored = read_restored(files)
    if source is None or is_loopback(source) or (restored and restored.may_be_published):
        return None
    first = _first_refreshed(files, workspace.clock.now())
    return HidingRule(after_days=rules.hide_after_days, not_before=first + timedelta(days=rules.refresh_days))


def _first_refreshed(files: DataDir, now: datetime) -> datetime:
    """When this data dir was first published by a tt_pipeline that can check what is stored."""
    with suppress(OSError, ValueError, TypeError):
        return datetime.fromisoformat(json.loads(files.first_refreshed.read_text(encoding="utf-8")))
    write_whole(files.first_refreshed, json.dumps(now.isoformat()) + "\n")
    return now
