"""How loads are named in the landing folder, and which files there hold them."""

from datetime import date
from pathlib import Path, PurePosixPath

from tt_pipeline.vocabulary import Dataset

PLAIN = ".ndjson"
PACKED = ".ndjson.zst"
LEASE = ".lease"
"""The lock file in a folder: the process that collects into the folder keeps it locked."""


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


def dataset_name(load_id: str) -> str:
    """The first part of a load_id; a `Dataset`, unless somebody put another folder there."""
    return load_id.partition("/")[0]


def load_id_of(name: str) -> str:
    """The load that a file holds: its name below the landing folder without `.ndjson` and what follows."""
    return name.rpartition(PLAIN)[0]


def name_of(root: Path, path: Path) -> str:
    """The name of a file below the landing folder."""
    return path.relative_to(root).as_posix()


def landed_paths(root: Path) -> dict[str, Path]:
    """The file of each load; where a plain and a compressed one exist, the plain one, which is whole."""
    plain = plain_paths(root)
    # Listed last: a file that is compressed meanwhile is then in both lists instead of in neither.
    packed = sorted(path for path in root.rglob(f"*{PACKED}") if not path.name.startswith("."))
    return {load_id_of(name_of(root, path)): path for path in [*packed, *plain]}


def landed_path(root: Path, load_id: str) -> Path | None:
    """The file of a load; None when there is none."""
    plain, packed = root / f"{load_id}{PLAIN}", root / f"{load_id}{PACKED}"
    # The plain one first: it is removed only when the compressed one exists.
    return next((path for path in (plain, packed) if path.exists()), None)


def plain_paths(folder: Path) -> list[Path]:
    """The files below a folder that are not compressed."""
    return sorted(path for path in folder.rglob(f"*{PLAIN}") if not path.name.startswith("."))
