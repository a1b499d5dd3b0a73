"""Compares landed answers, the published file and exports with their checksums; everything is read, nothing changed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.errors import CorruptLanding, TtPipelineError
from tt_pipeline.landing import Inventory
from tt_pipeline.warehouse import open_published, read_every_row

CHECKSUMS: Final = "checksums.sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was compared, and what differs.

    Attributes:
        name: What was compared, for people.
        number: Files, or pages.
        problems: One sentence for each thing that is damaged or missing.
    """

    name: str
    number: int
    problems: tuple[str, ...]


def verify_landing(folder: Path, published: Path) -> Verified:
    """Each landed page has the bytes that were received, and each load of the published file has its answers."""
    locations = Inventory(folder).locations()
    there = {location.load_id for location in locations}
    gone = sorted(set(_published_loads(published)) - there)
    problems, pages = [f"{folder / load_id} is missing; the published file has its records" for load_id in gone], 0
    for location in locations:
        try:
            for reading in location.readings():
                pages += 1
                if isinstance(reading, CorruptLanding):
                    problems.append(str(reading))
        except OSError as error:
            problems.append(f"{location.name} cannot be read ({error.strerror})")
    return Verified(name="landed pages", number=pages, problems=tuple(problems))


def _published_loads(published: Path) -> list[str]:
    """The loads of the published file; none if it cannot be read, which `verify_published` tells."""
    try:
        with open_published(published) as connection:
            return [load_id for (load_id,) in connection.execute("select load_id from ops.loads").fetchall()]
    except (duckdb.Error, TtPipelineError):
        return []


def verify_published(file: Path, landing: Path) -> Verified:
    """Each block of the published file has its checksum, which DuckDB compares when it reads."""
    if not file.exists():
        missing = f"{file} is missing: `tt rebuild` makes it again"
        return Verified(name="published file", number=0, problems=(missing,) if Inventory(landing).locations() else ())
    try:
        read_every_row(file)
    except duckdb.Error as error:
        problem = f"{file} is damaged ({str(error).partition(chr(10))[0]}): `tt rebuild` makes it again"
        return Verified(name="published file", number=1, problems=(problem,))
    return Verified(name="published file", number=1, problems=())


def verify_exports(folders: Iterable[Path]) -> Verified:
    """Each file of each export has the checksum that was written beside it; an export that is gone is left out."""
    problems, number = [], 0
    for folder in folders:
        sums = folder / CHECKSUMS
        if not sums.is_file():
            continue
        for line in sums.read_text(encoding="utf-8").splitlines():
            wanted, _, name = line.partition("  ")
            number += 1
            if problem := _problem(folder / name, wanted):
                problems.append(f"{folder / name} {problem}")
    return Verified(name="exported files", number=number, problems=tuple(problems))


def _problem(file: Path, wanted: str) -> str | None:
    try:
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if found == wanted else "is not what was exported"
