"""Readers keep connections and open new ones while the pipeline loads and publishes, without disturbing it."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

import tt_pipeline
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import land, later, load, page, video

_STATED_AND_STORED = """
select
  epoch_us(published_at),
  videos,
  loads,
  (select count(*) from core.videos),
  (select count(*) from ops.loads),
  (select count(*) from marts.videos),
  (select count(distinct video_id) from core.video_snapshots)
from ops.publish_info
"""
_VIDEOS_A_LOAD = 3
_LOOKS = 4
"""Queries that a reader asks of a connection before it opens the next."""
_THINKS_S = 0.1
"""Between two connections: readers that never rest leave the writer no processor."""


class ReaderReport(NamedTuple):
    """What a reader reports: how many versions and answers it saw, and what was wrong."""

    versions: int
    answers: int
    problems: list[str]


def read(published: Path, pipe: Connection) -> None:
    """Open, query several times and reopen until the pipe says stop."""
    seen: list[tuple[int, ...]] = []
    problems: list[str] = []
    while not pipe.poll(_THINKS_S) or not seen:
        try:
            seen += _look(published, through_notebook=len(seen) % 2 == 0)
        except Exception as error:  # noqa: BLE001 — whatever it is, it is a failure of this test
            problems.append(repr(error))
    problems += [f"half: {row}" for row in seen if len({row[1], *row[3::2], row[6]}) > 1 or row[2] != row[4]]
    problems += [f"back: {a} {b}" for a, b in pairwise(seen) if (a[0], a[1]) > (b[0], b[1])]
    pipe.send(ReaderReport(len({row[0] for row in seen}), len(seen), problems[:5]))


def _look(published: Path, *, through_notebook: bool) -> list[tuple[int, ...]]:
    """The rows of one connection, queried several times; fails if they differ."""
    with _opened(published, through_notebook=through_notebook) as connection:
        rows = [connection.execute(_STATED_AND_STORED).fetchall() for _ in range(_LOOKS)]
    if any(row != rows[0] for row in rows):
        msg = f"one open connection saw two versions: {rows}"
        raise AssertionError(msg)
    return rows[0]


@contextmanager
def _opened(published: Path, *, through_notebook: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    if not through_notebook:
        with open_published(published) as connection:
            yield connection
        return
    connection = tt_pipeline.open(published)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def reading(published: Path, *, readers: int) -> Iterator[list[ReaderReport]]:
    """Readers in separate processes; their reports are in the list after the block."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pipes = [context.Pipe() for _ in range(readers)]
    processes: list[ForkServerProcess] = [context.Process(target=read, args=(published, end)) for _, end in pipes]
    reports: list[ReaderReport] = []
    for process in processes:
        process.start()
    try:
        yield reports
    finally:
        for ours, _ in pipes:
            ours.send("stop")
        reports += [ReaderReport(*ours.recv()) for ours, _ in pipes]
        for process in processes:
            process.join()


def _publish_often(folder: Path, *, times: int) -> list[ReaderReport]:
    writer_file, published = folder / "writer.duckdb", folder / "warehouse.duckdb"
    _load_and_publish(folder, writer_file, published, 0)
    with reading(published, readers=3) as reports:
        for number in range(1, times):
            _load_and_publish(folder, writer_file, published, number)
    return reports


def _load_and_publish(folder: Path, writer_file: Path, published: Path, number: int) -> None:
    now: datetime = later(days=1, minutes=number)
    videos = [video(number * _VIDEOS_A_LOAD + each) for each in range(_VIDEOS_A_LOAD)]
    load(writer_file, [land(folder / "landing", [page(*videos)], load_id=f"videos/climate/ffffffff/w.look-{number}")])
    publish_file(writer_file, published, FrozenClock(now))


def _assert_undisturbed(reports: list[ReaderReport], *, versions: int) -> None:
    assert [each.problems for each in reports] == [[], [], []]
    assert min(each.versions for each in reports) >= versions, reports


@pytest.mark.slow
def test_readers_and_the_writer_do_not_disturb_each_other(tmp_path: Path) -> None:
    """While five versions are published, three readers see complete versions in their order."""
    _assert_undisturbed(_publish_often(tmp_path, times=5), versions=2)


@pytest.mark.slow
def test_two_hundred_publications_disturb_no_reader(tmp_path: Path) -> None:
    """While two hundred versions are published, three readers see complete versions in their order."""
    _assert_undisturbed(_publish_often(tmp_path, times=200), versions=50)
