"""Makes 1,000 runs of a few: the files and rows of runs that the product made, again under other run ids.

A run takes seconds, its copy milliseconds, and has the same events, checks, tags and output.
"""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Final

_ROWS: Final = {
    "runs.db": ("runs", "run_tags"),
    "runs/index.db": ("event_logs", "asset_check_executions"),
}
"""The tables of each file that have rows of a run."""
_ENDED: Final = "select run_id from runs where status in ('SUCCESS', 'FAILURE') order by id"
_TEXTS: Final = {"run_id", "run_body", "event", "evaluation_event"}
_TIMES: Final = {"create_timestamp", "update_timestamp", "timestamp"}


def copy_runs(home: Path, wanted: int, *, hours: int, ended_at: datetime) -> None:
    """Copy the ended runs of an instance that nobody has open, in turn, until there are so many.

    Args:
        home: The folder of the instance.
        wanted: The number of runs.
        hours: Between one run and the next.
        ended_at: When the last one ended.
    """
    with closing(sqlite3.connect(home / "history" / "runs.db")) as runs:
        known = [run_id for (run_id,) in runs.execute(_ENDED)]
    for number, run_id in enumerate(islice(cycle(known), wanted - len(known))):
        at = ended_at - timedelta(hours=hours * (wanted - number))
        _copy(home, run_id, f"{uuid.uuid4()}", f"{at:%Y-%m-%d %H:%M:%S}")


def _copy(home: Path, run_id: str, new_id: str, at: str) -> None:
    history = home / "history"
    shutil.copy(history / "runs" / f"{run_id}.db", history / "runs" / f"{new_id}.db")
    with closing(sqlite3.connect(history / "runs" / f"{new_id}.db")) as shard:
        values = {"old": run_id, "new": new_id}
        shard.execute("update event_logs set run_id = :new, event = replace(event, :old, :new)", values)
        shard.commit()
    for file, tables in _ROWS.items():
        with closing(sqlite3.connect(history / file)) as database:
            for table in tables:
                _copy_rows(database, table, run_id, new_id, at)
            database.commit()
    if (output := home / "logs" / run_id).is_dir():
        shutil.copytree(output, home / "logs" / new_id)


def _copy_rows(database: sqlite3.Connection, table: str, run_id: str, new_id: str, at: str) -> None:
    columns = [row[1] for row in database.execute(f"pragma table_info({table})") if row[1] != "id"]
    values = [_copied(name) for name in columns]
    chosen = f"select {', '.join(values)} from {table} where run_id = :old and :at = :at"
    database.execute(f"insert into {table} ({', '.join(columns)}) {chosen}", {"old": run_id, "new": new_id, "at": at})


def _copied(column: str) -> str:
    if column in _TIMES:
        return ":at"
    return f"replace({column}, :old, :new)" if column in _TEXTS else column


def sizes(home: Path) -> dict[str, float]:
    """Megabytes of the storage, by what is in them; the key `all` is their sum."""
    parts = {name: sum(_sizes(home, patterns)) / 1e6 for name, patterns in _PARTS.items()}
    return {**parts, "all": sum(parts.values())}


_PARTS: Final = {
    "a file for each run": ("history/runs/*-*.db*",),
    "index of events": ("history/runs/index.db*",),
    "list of runs": ("history/runs.db*",),
    "output": ("logs/**/*",),
}


def _sizes(home: Path, patterns: tuple[str, ...]) -> Iterator[int]:
    """What the files take on a disk, in whole blocks."""
    yield from (file.stat().st_blocks * 512 for each in patterns for file in home.glob(each) if file.is_file())
