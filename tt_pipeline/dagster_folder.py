"""Which folder has the Dagster instance of a data dir; it is found without Dagster, whose import takes a second.

A data dir has one instance for its whole life: its own folder, or the DAGSTER_HOME with which it was first used.
"""

import json
from pathlib import Path
from typing import Final

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignInstance

OWNER_NOTE: Final = "tt_pipeline_data_dir.txt"
"""In a DAGSTER_HOME outside the data dir: the data dir that uses it."""


def home_of(files: DataDir, dagster_home: Path | None = None) -> Path:
    """The folder of the data dir's Dagster instance, which may not exist yet; changes nothing.

    Args:
        files: The data dir.
        dagster_home: DAGSTER_HOME; None if it is not set.

    Raises:
        ForeignInstance: DAGSTER_HOME is not the instance of this data dir, or belongs to another one.
    """
    own, bound = files.dagster.resolve(), _bound_home(files)
    wanted = dagster_home.expanduser().resolve() if dagster_home else bound or own
    if bound not in {None, wanted}:
        raise ForeignInstance(
            f"DAGSTER_HOME is {wanted}, but the runs of {files.root} are in {bound}.",
            remedy=f"Unset DAGSTER_HOME or set it to {bound}, or choose another data dir with TT_DATA_DIR.",
        )
    if wanted != own:
        _check_outside(files, wanted, is_bound=bound is not None)
    return wanted


def _bound_home(files: DataDir) -> Path | None:
    """The folder that the data dir has used before; None for a new data dir."""
    if files.dagster_instance.exists():
        try:
            return Path(json.loads(files.dagster_instance.read_text(encoding="utf-8"))["dagster_home"])
        except (ValueError, TypeError, KeyError) as error:
            raise ForeignInstance(
                f"{files.dagster_instance} cannot be read, so the Dagster instance of {files.root} is not known.",
                remedy='Write {"dagster_home": "/path"} into it, or delete it: then the data dir has its own instance.',
            ) from error
    own = files.dagster.resolve()
    return own if own.is_dir() else None


def _check_outside(files: DataDir, home: Path, *, is_bound: bool) -> None:
    """Check that a DAGSTER_HOME outside the data dir still exists, and that no other data dir uses it."""
    if is_bound and not home.is_dir():
        raise ForeignInstance(
            f"The runs of {files.root} are in {home}, but there is no such folder.",
            remedy=f"Bring the folder back, or delete {files.dagster_instance} to start a new instance.",
        )
    note = home / OWNER_NOTE
    owner = Path(note.read_text(encoding="utf-8").strip()) if note.is_file() else None
    if owner and owner != files.root.resolve() and _bound_home(DataDir(owner)) == home:
        raise ForeignInstance(
            f"The Dagster instance in {home} belongs to the data dir {owner}, not to {files.root}.",
            remedy="An instance serves one data dir: choose another DAGSTER_HOME, or unset it.",
        )
