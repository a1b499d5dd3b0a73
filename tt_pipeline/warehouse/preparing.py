"""Reads landed files and shapes their rows for merging, a group of files at a time.

While one group is merged, a thread prepares the next, because DuckDB and polars let other threads run. `merging.py`
merges the rows into the tables.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.audit import load_rows, rejections
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline.warehouse.readable_file import ReadableFile
from tt_pipeline.warehouse.shape import SHAPES

# 100,000 videos. In parts of half the size, loading a million took a tenth more CPU seconds and as much memory.
_LINES_IN_MEMORY = 1_000

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The rows of some files of one dataset.

    Attributes:
        tables: Rows by the full name of their table.
        loads: Rows of ops.loads.
        rejected: Rows of ops.rejections.
    """

    tables: Mapping[str, pl.DataFrame]
    loads: pl.DataFrame
    rejected: pl.DataFrame


def prepared(files: Sequence[ReadableFile], scratch: Path, **made: object) -> Iterator[Prepared]:
    """Yield the shaped rows of files, in the order of the files.

    Args:
        files: The landed files.
        scratch: A folder for temporary copies.
        made: `loaded_at` and `made_by` of ops.loads.

    Raises:
        CorruptLanding: A complete line is not an envelope.
    """
    for parts in _one_ahead(partial(_prepare, part, scratch, made) for part in in_groups(files, _LINES_IN_MEMORY)):
        yield from parts


def in_groups(files: Iterable[ReadableFile], lines: int) -> Iterator[list[ReadableFile]]:
    """Group consecutive files up to this number of lines; a larger file forms a group alone."""
    group: list[ReadableFile] = []
    in_group = 0
    for file in files:
        if group and in_group + file.lines > lines:
            yield group
            group, in_group = [], 0
        group.append(file)
        in_group += file.lines
    if group:
        yield group


def _prepare(files: Sequence[ReadableFile], scratch: Path, made: Mapping[str, object]) -> list[Prepared]:
    return [_prepare_dataset(pages, made) for pages in read_pages(files, scratch).partition_by("dataset")]


def _prepare_dataset(pages: pl.DataFrame, made: Mapping[str, object]) -> Prepared:
    shaped = SHAPES[Dataset(pages["dataset"][0])](pages.lazy())
    *tables, tally, unusable = pl.collect_all([*shaped.tables.values(), shaped.tally, shaped.unusable])
    rejected = rejections(pages, unusable)
    return Prepared(
        tables=dict(zip(shaped.tables, tables, strict=True)),
        loads=load_rows(pages, tally=tally, rejected=rejected, **made),
        rejected=rejected,
    )


def _one_ahead(jobs: Iterable[Callable[[], _Made]]) -> Iterator[_Made]:
    """Run jobs in a thread and yield their results; the next job runs while the caller uses the previous result."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming: Future[_Made] | None = None
        for job in jobs:
            following = thread.submit(job)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()
