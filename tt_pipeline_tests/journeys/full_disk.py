"""What a process does whose disk is full, for a file system of its own: run as a program inside a mount namespace.

Prints one JSON object; the test that started it looks at it.
"""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path

from tt_pipeline.errors import StorageFailed
from tt_pipeline.reports.answers import query_published
from tt_pipeline.settings import Settings
from tt_pipeline_tests.journeys.children import (
    FIRST_DAY,
    SharedClock,
    collect_all,
    deliver,
    landed,
    settings_of,
    settle_in,
    tables,
)

LEAST, GROWTH = 20_000, 1.3
"""Bytes of room at the first try, and how they grow from try to try."""
FIRST_LEVELS = [*(4_000 * 2**number for number in range(10)), *(9_000_000 + 2_000_000 * number for number in range(10))]
"""Bytes of room at first starts: from the first file to the warehouse."""


def digest(settings: Settings) -> str:
    """The published tables as one word."""
    rows = {name: sorted(held.items()) for name, held in tables(settings).items()}
    return sha256(repr(rows).encode()).hexdigest()


def leave_free(disk: Path, free: int) -> None:
    """Fill the disk but for so many bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, shutil.disk_usage(disk).free - free))


def collect(settings: Settings, run_id: str) -> None:
    """Collect all days, or say why not."""
    for report in collect_all(settings, run_id):
        if report.stopped_because:
            raise report.stopped_because


def until_it_works(disk: Path, act: Callable[[int], None]) -> Iterator[str]:
    """Try with more and more room; gives what failed for want of it."""
    for number in count():
        leave_free(disk, int(LEAST * GROWTH**number))
        try:
            act(number)
        except StorageFailed as error:
            yield error.doing
        else:
            return


def fill(disk: Path, base_url: str) -> dict[str, object]:
    """A first day is published; then the disk is full, and gets room bit by bit."""
    settings = settle_in(disk / "data", base_url, SharedClock(rate=1))
    collect_all(settings, "first", last=FIRST_DAY)
    deliver(settings)
    published = settings.files.published.read_bytes()
    collecting = list(until_it_works(disk, lambda number: collect(settings, f"run-{number}")))
    delivering, is_same = [], True
    for failed in until_it_works(disk, lambda _: deliver(settings)):
        delivering.append(failed)
        is_same = is_same and settings.files.published.read_bytes() == published
    return {
        "collecting": collecting,
        "delivering": delivering,
        "is_same": is_same,
        "repeated": bought_twice(settings),
        "digest": digest(settings),
    }


def first_starts(disk: Path, base_url: str) -> dict[str, object]:
    """Twenty new data dirs, each on a disk with more room than the one before; then the disk has room again."""
    told, digests, repeated = [], set(), 0
    for number, free in enumerate(FIRST_LEVELS):
        settings = settle_in(disk / f"data-{number}", base_url, SharedClock(rate=1))
        leave_free(disk, free)
        try:
            collect(settings, "first")
            leave_free(disk, free // 8)  # the warehouse has to be made in less room than collecting took
            deliver(settings)
        except StorageFailed as error:
            told.append(error.doing)
        (disk / "ballast").unlink()
        collect(settings, "second")
        deliver(settings)
        digests.add(digest(settings))
        repeated += bought_twice(settings)
        shutil.rmtree(settings.data_dir)
    return {"told": told, "digests": sorted(digests), "repeated": repeated}


def bought_twice(settings: Settings) -> int:
    """Requests whose answer has landed more than once."""
    asked = Counter((page.dataset, page.search, page.subject, json.dumps(page.request)) for page in landed(settings))
    return sum(times - 1 for times in asked.values())


def read_only(folder: Path, base_url: str) -> dict[str, object]:
    """The folder cannot be written: nothing is asked, loaded or published."""
    settings = settings_of(folder / "data", base_url, SharedClock(rate=1))
    told: list[str] = []
    for act in (lambda: collect_all(settings, "run"), lambda: deliver(settings)):
        try:
            act()
        except StorageFailed as error:
            told.append(error.problem)
    return {
        "told": told,
        "videos": query_published(settings.files.published, "select count(*) as n from core.videos")["n"][0],
    }


if __name__ == "__main__":
    scenario = {"fill": fill, "first_starts": first_starts, "read_only": read_only}[sys.argv[1]]
    sys.stdout.write(json.dumps(scenario(Path(sys.argv[2]), sys.argv[3])))
