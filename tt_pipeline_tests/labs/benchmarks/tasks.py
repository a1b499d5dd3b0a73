"""What is measured: the preparation of each comparison, and the processes that are timed.

`measuring.py` times a process; `runs.py` and `drivers/` have the work of each process.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tt_pipeline.clock import SystemClock
from tt_pipeline.data_dir import DataDir
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.load import load_new
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.labs.benchmarks.landed import (
    PER_DAY,
    land_days,
    landed_days,
    settled_study,
    write_records,
)
from tt_pipeline_tests.labs.benchmarks.measuring import Measured, medians

ROOT = Path(__file__).parents[3]
PEERS_PYTHON = ROOT / ".venv/bench/bin/python"
_BASE = Path(__file__).with_name("base.sql")
_RUNS, _DRIVERS = "tt_pipeline_tests.labs.benchmarks.runs", "tt_pipeline_tests.labs.benchmarks.drivers"
_OF_DAGSTER = dict.fromkeys(("load_definitions", "tick"), "tt_pipeline_tests.labs.benchmarks.dagster_runs")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The amount of work that is measured.

    Attributes:
        days: Landed days of the load; half of them are known when growth is measured.
        slow_days: The days that slow tools load.
        bases: Numbers of videos in the warehouse before the load.
        rebuilt_days: Landed days of the rebuild.
        daily_days: Landed days of the data dirs in which a day's work is measured.
        output_videos: Videos of the published file of which exports and the report are made.
        repetitions: Runs of quick work, of which the medians are reported.
    """

    per_day: int = PER_DAY
    days: int = 8
    slow_days: int = 2
    bases: tuple[int, int] = (1_000_000, 10_000_000)
    rebuilt_days: int = 292
    daily_days: tuple[int, ...] = (8, 80, 292)
    output_videos: int = 1_000_000
    repetitions: int = 3


def compare(folder: Path, sizes: Sizes, say: Say) -> dict[str, Measured]:
    """Load the same videos with ours, with the raw limit and with each other tool; ours and the limit alternate."""
    prepare_comparison(folder, sizes)
    quick = {
        "ours": lambda: ours("load", folder, "writer.duckdb"),
        "limit": lambda: ours("copy_typed", folder),
        "dlt parquet, flat": lambda: _peer("dlt_merge", folder / "all.ndjson", "parquet", "0"),
    }
    slow = {
        "dlt parquet, child tables": lambda: _peer("dlt_merge", folder / "all.ndjson", "parquet", "1"),
        "dlt default, flat": lambda: _peer("dlt_merge", folder / "some.ndjson", "insert_values", "0"),
        "SQLAlchemy ORM": lambda: _peer("sqlalchemy_merge", folder / "some.ndjson"),
    }
    return {**_interleaved(quick, sizes.repetitions, say), **_interleaved(slow, 1, say)}


def prepare_comparison(folder: Path, sizes: Sizes) -> None:
    """Land the videos, write them for the other tools, and load them once for the rows that are copied."""
    land_days(folder, sizes.days, per_day=sizes.per_day)
    write_records(folder / "all.ndjson", sizes.days, per_day=sizes.per_day)
    write_records(folder / "some.ndjson", sizes.slow_days, per_day=sizes.per_day)
    with Writer(folder / "rows.duckdb", SystemClock()) as writer:
        load_new(writer, landed_days(folder))
        for table in (table for table in TABLES.values() if table.is_stored):
            writer.connection.execute(f"copy {table.full_name} to '{folder}/{table.full_name}.parquet'")


def grow(folder: Path, sizes: Sizes, say: Say) -> dict[str, Measured]:
    """Load a day, half of it known, into warehouses of two sizes; the results by size."""
    land_days(folder, sizes.days, per_day=sizes.per_day, look=2)
    land_days(folder / "known", sizes.days // 2, per_day=sizes.per_day)
    for base in sizes.bases:
        say(f"a warehouse of {base:,} videos")
        _make_base(folder, base)
    work_by_name = {f"{base:,}": lambda base=base: _load_into(folder, base) for base in sizes.bases}
    return _interleaved(work_by_name, sizes.repetitions, say)


def _make_base(folder: Path, videos: int) -> None:
    with Writer(folder / f"base-{videos}.duckdb", SystemClock()) as writer:
        writer.connection.execute(f"set variable videos = {videos}")
        writer.connection.execute(_BASE.read_text(encoding="utf-8"))
        load_new(writer, landed_days(folder / "known"))


def _load_into(folder: Path, videos: int) -> Measured:
    shutil.copyfile(folder / f"base-{videos}.duckdb", folder / "grown.duckdb")
    return ours("load", folder, "grown.duckdb")


def rebuild(folder: Path, sizes: Sizes, say: Say) -> dict[str, Measured]:
    """Rebuild the warehouse of many landed days, and publish it."""
    say(f"landing {sizes.rebuilt_days} days")
    land_days(folder, sizes.rebuilt_days, per_day=sizes.per_day)
    steps = {"index": "read_index", "rebuild": "rebuild_all", "publish": "publish_all"}
    return _interleaved({name: partial(ours, run, folder) for name, run in steps.items()}, 1, say)


NEW_DAY = "a day of 12,500 videos: the load"
DAILY: Mapping[str, tuple[str, ...]] = {
    "`tt status`": ("command", "status"),
    "`tt check`": ("command", "check"),
    "`tt plan`": ("command", "plan"),
    '`tt sql "select 1"`': ("command", "sql", "select 1"),
    "what is due": ("list_due",),
    "a tick of the sensor": ("tick",),
    "definitions of 500 searches": ("load_definitions",),
    "all checks of the warehouse": ("check_all",),
    "delivery, nothing new": ("deliver_all",),
    NEW_DAY: ("load_landed_pages",),
    "the same day: its comments are decided and landed": ("land_missing_comments",),
    "the same day: delivery": ("deliver_all",),
}
"""A day's work, in its order."""


def a_day(folder: Path, sizes: Sizes, say: Say) -> dict[str, dict[str, Measured]]:
    """Do a day's work in data dirs of several sizes, once; the results by work, then by videos that are stored."""
    found: dict[str, dict[str, Measured]] = {name: {} for name in DAILY}
    for days in sizes.daily_days:
        with _emptied(folder / f"{days}-days") as place:
            videos = f"{days * sizes.per_day:,}"
            say(f"a data dir of {videos} videos")
            land_days(place, days, per_day=sizes.per_day)
            (place / "study.yaml").write_text(settled_study(days), encoding="utf-8")
            for run in ("land_missing_comments", "rebuild_all", "publish_all"):
                ours(run, place)
            for name, words in DAILY.items():
                if name == NEW_DAY:
                    land_days(place, 1, first=days, per_day=sizes.per_day)
                    (place / "study.yaml").write_text(settled_study(days + 1), encoding="utf-8")
                say(f"{videos} videos: {name}")
                found[name][videos] = ours(words[0], place, *words[1:])
    return found


def _interleaved(work_by_name: Mapping[str, Callable[[], Measured]], repetitions: int, say: Say) -> dict[str, Measured]:
    found: dict[str, list[Measured]] = {name: [] for name in work_by_name}
    for number in range(repetitions):
        for name, work in work_by_name.items():
            say(f"{name}, {number + 1} of {repetitions}")
            found[name].append(work())
    return {name: medians(runs) for name, runs in found.items()}


def ours(run: str, folder: Path, *arguments: str) -> Measured:
    """Time one of `runs.py` in a separate process."""
    made = [*folder.glob("writer.duckdb*"), *folder.glob("copied.duckdb*")]
    for file in made:
        file.unlink()
    return _timed([sys.executable, "-m", _OF_DAGSTER.get(run, _RUNS), run, str(folder), *arguments], folder)


def _peer(driver: str, records: Path, *arguments: str) -> Measured:
    with _emptied(records.parent / "peer") as folder:
        return _timed([str(PEERS_PYTHON), "-m", f"{_DRIVERS}.{driver}", str(records), str(folder), *arguments], folder)


def _timed(command: list[str], folder: Path) -> Measured:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TT_DATA_DIR": str(DataDir(folder).root),
        "PYTHONUNBUFFERED": "1",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
