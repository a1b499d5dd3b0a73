"""Which processes collect or publish in a data dir now.

Each run holds a lock file until its process ends (`orchestration/instance.py`), a one-off collection until it ends; the
file says who and what. A file without its lock is of a process that has ended, however it ended.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import is_free, new_lease
from tt_pipeline.vocabulary import ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProcess:
    """A process that works in the data dir.

    Attributes:
        since: When its first run began; aware, UTC.
        what: What its latest run does, for example `videos/climate 2026-10-01..2026-10-14`.
    """

    pid: int
    since: datetime
    what: str


def alive_folder(files: DataDir) -> Path:
    """The folder with the lock files of runs."""
    return files.internal / "alive"


def run_note(what: str, now: datetime) -> str:
    """The content of a run's lock file."""
    return json.dumps({"pid": os.getpid(), "since": now.isoformat(), "what": what})


@contextmanager
def shown_as_running(files: DataDir, what: str, now: datetime) -> Iterator[None]:
    """Show in `tt status` that this process does something, until it is done."""
    with new_lease(alive_folder(files) / f"{ONCE}-{uuid4().hex}", run_note(what, now)) as file:
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def running_now(files: DataDir) -> list[RunningProcess]:
    """The processes that hold the lock of a run, each once, the longest running first."""
    by_pid: dict[int, list[RunningProcess]] = {}
    for each in _noted(alive_folder(files)):
        by_pid.setdefault(each.pid, []).append(each)
    runs = [sorted(of_process, key=lambda each: each.since) for of_process in by_pid.values()]
    found = [RunningProcess(pid=each[0].pid, since=each[0].since, what=each[-1].what) for each in runs]
    return sorted(found, key=lambda each: each.since)


def _noted(folder: Path) -> Iterator[RunningProcess]:
    for file in folder.glob("[!.]*"):
        try:
            if is_free(file):
                continue
            note = json.loads(file.read_text(encoding="utf-8"))
            yield RunningProcess(
                pid=int(note["pid"]), since=datetime.fromisoformat(note["since"]), what=f"{note['what']}"
            )
        except (OSError, ValueError, TypeError, KeyError):  # gone since, or written by an earlier version
            continue
