"""How loads are named in the landing folder, and which files there hold them."""

from datetime import date
from pathlib import Path, PurePosixPath

from tt_pipeline.vocabulary import Dataset

PLAIN = ".ndjson"
PACKED = ".ndjson.zst"
LEASE = ".lease"
"""The file in a folder that is held by whoever collects into it."""


def window_load_id(search: str, fingerprint: str, days: tuple[date, date], look: int) -> str:
    """Where the pages of a window lie, below the landing folder and without suffix."""
    return str(PurePosixPath(Dataset.VIDEOS, search, fingerprint[:8], f"{days[0]}_{days[1]}.look-{look}"))


def window_asked(load_id: str) -> tuple[str, date, date]:
    """What the name of a window's load tells: how its fingerprint begins, first and last day."""
    _, _, fingerprint, name = load_id.split("/")
    first_day, last_day = name.partition(".")[0].split("_")
    return fingerprint, date.fromisoformat(first_day), date.fromisoformat(last_day)


def day_load_id(dataset: Dataset, day: date, run_id: str) -> str:
    """Where a run's comments or users of a day lie."""
    return str(PurePosixPath(dataset, day.isoformat(), run_id))


def load_id_of(root: Path, path: Path) -> str:
    """The load's name: the path below the landing folder without suffix."""
    return path.relative_to(root).as_posix().removesuffix(".zst").removesuffix(PLAIN)


def landed_paths(root: Path) -> dict[str, Path]:
    """Every load and its file; where both forms lie the plain one is whole and wins."""
    plain = plain_paths(root)
    # Listed last: a file that is packed meanwhile is then in both lists instead of in neither.
    packed = sorted(path for path in root.rglob(f"*{PACKED}") if not path.name.startswith("."))
    return {load_id_of(root, path): path for path in [*packed, *plain]}


def landed_path(root: Path, load_id: str) -> Path | None:
    """The file of a load; None when there is none."""
    plain, packed = root / f"{load_id}{PLAIN}", root / f"{load_id}{PACKED}"
    # The plain one first: it goes only when the packed one is there.
    return next((path for path in (plain, packed) if path.exists()), None)


def plain_paths(folder: Path) -> list[Path]:
    """The files below a folder that are not packed."""
    return sorted(path for path in folder.rglob(f"*{PLAIN}") if not path.name.startswith("."))
