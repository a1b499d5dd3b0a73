"""The machine: its Python, the folders that are written, its disk."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks.finding import Finding, ok, wrong
from tt_pipeline.settings import Settings
from tt_pipeline.warehouse.writer import VERSION

_GIB: Final = 1024**3
_OLDEST_PYTHON: Final = (3, 11)


def look_at_python(version: Sequence[int]) -> Finding:
    """It is new enough."""
    told = ".".join(map(str, version))
    if tuple(version[:2]) < _OLDEST_PYTHON:
        return wrong("python", f"{told} is too old: tt_pipeline needs 3.11 or newer; `make setup PYTHON=python3.12`.")
    return ok("python", f"{told}, tt_pipeline {VERSION}")


def look_at_folder(folder: Path, written: Sequence[Path] = ()) -> Finding:
    """Files can be made in the data dir, or it can be made; and what lies in it can be written.

    Args:
        folder: The data dir.
        written: Folders and files that a collection writes, where they are there.
    """
    there = _nearest(folder)
    try:
        for place in (there, *(place for place in written if place.is_dir())):
            with tempfile.TemporaryFile(dir=place):
                pass
    except OSError as error:
        return wrong("data dir", _not_writable(folder, str(error.strerror)))
    if shut := [place for place in written if place.exists() and not os.access(place, os.W_OK)]:
        return wrong("data dir", _not_writable(folder, f"nor can {shut[0]}"))
    return ok("data dir", f"{folder.resolve()}" if there == folder else f"{folder} is not there yet")


def _not_writable(folder: Path, problem: str) -> str:
    if not folder.is_dir():
        return f"{folder} cannot be written: {problem}. Set TT_DATA_DIR to a folder of yours."
    return (
        f"{folder} cannot be written: {problem}. What is there is not damaged by that, and what is published can be "
        f"read; to collect, make it yours (`sudo chown -R $USER {folder}`), or writable where it is mounted."
    )


def look_at_disk(free: int, needed: int) -> Finding:
    """What is left is enough for another publication and a day of answers."""
    told = f"{free / _GIB:,.1f} GiB are free"
    if free < needed:
        return wrong("disk", f"{told}, and {needed / _GIB:,.1f} are needed: make room, or move the data dir.")
    return ok("disk", told)


def free_bytes(folder: Path) -> int:
    """Free on the disk that holds a folder, which need not be there yet."""
    return shutil.disk_usage(_nearest(folder)).free


def needed_bytes(settings: Settings) -> int:
    """A publication copies the writer's file, and loading may double it."""
    writer = settings.files.writer
    return _GIB + 2 * (writer.stat().st_size if writer.exists() else 0)


def _nearest(folder: Path) -> Path:
    """The folder, or what is there of the way to it."""
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)
