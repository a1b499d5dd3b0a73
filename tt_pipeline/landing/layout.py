"""How loads are named in the landing folder."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

from tt_pipeline.safe_files import original_name
from tt_pipeline.vocabulary import Dataset

PLAIN = ".ndjson"
PACKED = ".ndjson.zst"
LEASE = ".lease"
"""The lock file in a folder: the process that collects into the folder keeps it locked."""

_DAY: Final = r"(\d{4}-\d{2}-\d{2})"
_PART: Final = r"[^./\s][^/\s]*"
_WINDOW: Final = re.compile(
    rf"videos/{_PART}/{_PART}/{_DAY}_{_DAY}\.look-\d{{1,6}}(?:\.\d+)?(?:\.mended-\d{{8}}T\d{{12}}Z)*"
)
_OF_A_DAY: Final = re.compile(rf"(?:{'|'.join(Dataset)})/{_DAY}/{_PART}")
_LONGEST_NAME: Final = 160
"""Bytes; a damaged file gets a longer name, and file systems take 255."""


def window_load_id(search: str, fingerprint: str, days: tuple[date, date], look: int) -> str:
    """The load of one look at a window by a query."""
    return str(PurePosixPath(Dataset.VIDEOS, search, fingerprint[:8], f"{days[0]}_{days[1]}.look-{look}"))


def window_named(load_id: str) -> tuple[str, date, date]:
    """What a window's load_id says: the beginning of the query's fingerprint, first and last day."""
    _, _, fingerprint, name = load_id.split("/")
    first_day, last_day = name.partition(".")[0].split("_")
    return fingerprint, date.fromisoformat(first_day), date.fromisoformat(last_day)


def day_load_id(dataset: Dataset, day: date, run_id: str) -> str:
    """The load of a run's comments, users or list pages of a day."""
    return str(PurePosixPath(dataset, day.isoformat(), run_id))


def is_load_id(name: str) -> bool:
    """Whether tt_pipeline gives names like this to its loads; a file of any other name is not ours."""
    is_window = name.startswith(f"{Dataset.VIDEOS}/")
    named = (_WINDOW if is_window else _OF_A_DAY).fullmatch(name)
    if not named or not name.isprintable() or PLAIN in name:
        return False
    if len(original_name(name.rpartition("/")[2]).encode()) > _LONGEST_NAME:
        return False
    try:
        days = [date.fromisoformat(day) for day in named.groups()]
    except ValueError:
        return False
    return days == sorted(days)


def leased_with(root: Path, folder: Path) -> Iterator[Path]:
    """The other folder that the lease of a folder protects: replies land while the comments of a day are leased."""
    named = folder.relative_to(root).parts
    pairs = {Dataset.COMMENTS.value: Dataset.REPLIES, Dataset.REPLIES.value: Dataset.COMMENTS}
    if named and named[0] in pairs:
        yield root.joinpath(pairs[named[0]], *named[1:])


def dataset_name(load_id: str) -> str:
    """The first part of a load_id, which is a `Dataset`."""
    return load_id.partition("/")[0]


def load_id_of(name: str) -> str:
    """The load that a file holds: its name below the landing folder without `.ndjson` and what follows."""
    return name.rpartition(PLAIN)[0]


def name_of(root: Path, path: Path) -> str:
    """The name of a file below the landing folder."""
    return path.relative_to(root).as_posix()
