"""The folder of an export, written completely or not at all, with description, data dictionary and checksums.

<name>/
  marts.videos.csv            one file for each table
  data-dictionary.csv         the meaning of every column
  datapackage.json            the same for programs, as Data Package v2
  checksums.sha256            sha256sum -c checksums.sha256
"""

import csv
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.errors import ExportFailed, UsageError
from tt_pipeline.reports.exports.column_formats import neutral
from tt_pipeline.safe_files import sync
from tt_pipeline.warehouse import PROFILE

BOM: Final = "\ufeff".encode()
DESCRIPTION: Final = "datapackage.json"
_DICTIONARY: Final = "data-dictionary.csv"
_HEAD: Final = ("file", "column", "type", "meaning", "API field", "privacy", "called")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file of an export.

    Attributes:
        resource: Its entry in the Data Package.
        place: Of a file with several tables, the name under which the table is in it.
        cut: How many texts of a column were cut, because the format cannot hold them.
        replaced: How many texts of a column have signs in the place of characters that the format forbids.
    """

    rows: int
    resource: dict[str, Any]
    place: str = ""
    cut: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A written export.

    Attributes:
        failed_checks: What the checks found that concerns its tables; of a query, everything that they found.
    """

    folder: Path
    files: tuple[ExportedFile, ...]
    failed_checks: tuple[str, ...] = ()


def check_is_new(folder: Path) -> None:
    """Check that nothing would be overwritten.

    Raises:
        UsageError: The folder exists already and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists already; choose another folder with --to, or delete it first.")


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to `folder` at the end; after an error it is deleted.

    Raises:
        UsageError: The folder exists already and is not empty.
        ExportFailed: The disk is full, the folder read-only, or a value cannot be written.
    """
    check_is_new(folder)
    place = unfinished(folder)
    try:
        shutil.rmtree(place, ignore_errors=True)  # left by a process that died
        place.mkdir(parents=True)
        yield place
        if folder.exists():  # the empty folder of somebody, which keeps its readers
            shutil.copymode(folder, place)
        for path in (*place.iterdir(), place):
            sync(path)
        place.replace(folder)
        sync(folder.parent)
    except (OSError, duckdb.Error, sqlite3.Error) as error:
        raise ExportFailed(folder, str(error)) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def files_of_export(folder: Path) -> list[Path]:
    """The files that an export has written into its folder, those that are still there; the checksums come last."""
    sums = folder / "checksums.sha256"
    named = [line.partition("  ")[2] for line in sums.read_text(encoding="utf-8").splitlines()] if sums.exists() else []
    written = [folder / name for name in dict.fromkeys([*named, _DICTIONARY, DESCRIPTION]) if "/" not in name]
    return [path for path in (*written, sums) if path.is_file()]


def unfinished(folder: Path) -> Path:
    """Where the files are until they are complete: beside the folder, on the same disk."""
    return folder.with_name(f".{folder.name}.unfinished")


def describe_folder(
    folder: Path, files: Sequence[ExportedFile], *, package: dict[str, Any], created: datetime, for_excel: bool
) -> None:
    """Write the data dictionary, the description and the checksums of the files."""
    _write_dictionary(folder / _DICTIONARY, files, for_excel=for_excel)
    sums = {path.name: _sha256(path) for path in folder.iterdir()}
    description = {
        "$schema": PROFILE,
        **package,
        "created": f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "resources": [_with_checksum(folder, file.resource, sums) for file in files],
    }
    text = json.dumps(description, indent=2, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(f"{text}\n", encoding="utf-8")
    sums[DESCRIPTION] = _sha256(folder / DESCRIPTION)
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (folder / "checksums.sha256").write_text(lines, encoding="utf-8")


def _with_checksum(folder: Path, resource: dict[str, Any], sums: Mapping[str, str]) -> dict[str, Any]:
    path = folder / resource["path"]
    return {**resource, "bytes": path.stat().st_size, "hash": f"sha256:{sums[path.name]}"}


def _write_dictionary(path: Path, files: Sequence[ExportedFile], *, for_excel: bool) -> None:
    with path.open("w", encoding="utf-8-sig" if for_excel else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEAD)
        for exported in files:
            for each in exported.resource["schema"]["fields"]:
                writer.writerow([neutral(text) for text in _line(exported.resource["path"], each)])


def _line(path: str, field: dict[str, Any]) -> tuple[str, ...]:
    cells = (field.get(key, "") for key in ("name", "type", "description", "source", "privacy", "called"))
    return path, *cells


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
