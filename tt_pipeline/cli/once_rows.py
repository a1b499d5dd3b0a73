"""The rows of a one-off command, on the terminal or in a file."""

from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.once_collection import OnceCollection
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.counted import counted
from tt_pipeline.data_dir import DataDir
from tt_pipeline.landing import Index
from tt_pipeline.record_frames import record_frame
from tt_pipeline.reports import registered_copy, write_rows
from tt_pipeline.research_api import further_keys
from tt_pipeline.vocabulary import Dataset

_MOST_SHOWN: Final = 20
_KEYS: Final = ("id", "account", "username")
_VIDEO: Final = ("id", "username", "create_time", "view_count", "like_count", "region_code", "video_description")
_SHOWN: Final = {
    Dataset.COMMENTS: ("id", "create_time", "like_count", "reply_count", "text"),
    Dataset.USERS: ("username", "follower_count", "following_count", "likes_count", "video_count", "display_name"),
    Dataset.FOLLOWERS: ("account", "username", "display_name"),
    Dataset.FOLLOWING: ("account", "username", "display_name"),
}
"""The columns that are shown, the most important first; of other datasets those of `_VIDEO`."""


def rows_of(once: OnceCollection, index: Index) -> pl.DataFrame:
    """All rows that have landed, as `record_frame` makes them."""
    endpoint = DATASETS[once.dataset].endpoint
    return record_frame(once.records(index), endpoint.record, before=further_keys(endpoint))


def new_rows(rows: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The rows whose video, comment or account is not among those of before."""
    keys = [name for name in _KEYS if name in rows.columns]
    return rows.join(before, on=keys, how="anti", nulls_equal=True, maintain_order="left")


def show_rows(once: OnceCollection, rows: pl.DataFrame) -> None:
    """Print the first rows with their most important columns."""
    columns = [name for name in _SHOWN.get(once.dataset, _VIDEO) if name in rows.columns]
    if rows.height:
        show_frame(_in_minutes(rows.select(columns).head(_MOST_SHOWN)))
    if rows.height > _MOST_SHOWN:
        say(f"These are the first {_MOST_SHOWN} of {rows.height:,}; --out rows.jsonl writes all, with every field.")


def write_to(file: Path, rows: pl.DataFrame, files: DataDir, at: datetime) -> None:
    """Write the rows to a file, which is recorded before, so that `tt trace` finds this copy.

    Raises:
        StorageFailed: The file or the record cannot be written.
    """
    with registered_copy(files, file, "rows of a one-off command", at) as copy:
        if copy.unrecorded:
            raise copy.unrecorded
        write_rows(rows, file)
        copy.rows = rows.height
    if copy.unnoted:
        problem(f"{copy.unnoted}\nThe file is complete, but `ops.audit` does not have it.")
    say(f"{file}: {counted(rows.height, 'row')}. What must be deleted has to be deleted from this copy too.")


def _in_minutes(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.selectors.datetime().dt.strftime("%Y-%m-%d %H:%M"))
