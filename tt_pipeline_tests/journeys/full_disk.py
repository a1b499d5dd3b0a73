"""A process with a full disk: run as a program inside a mount namespace.

Prints one JSON object; the test that started it reads it.
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
SCARCE = 100_000
"""Bytes: less than one block of DuckDB."""
FIRST_LEVELS = [*(4_000 * 2**number for number in range(10)), *(9_000_000 + 2_000_000 * number for number in range(10))]
"""Bytes of room at first starts: from the first file to the warehouse."""


def digest(settings: Settings) -> str:
    """A digest of the published tables."""
    rows = {name: sorted(counts.items()) for name, counts in tables(settings).items()}
    return sha256(repr(rows).encode()).hexdigest()


def leave_free(disk: Path, free: int) -> None:
    """Fill the disk, except for this number of bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, shutil.disk_usage(disk).free - free))


def collect(settings: Settings, run_id: str) -> None:
    """Collect all days; the error names the reason if that fails."""
    for report in collect_all(settings, run_id):
        if report.stopped_because:
            raise report.stopped_because


def until_it_works(disk: Path, act: Callable[[int], None]) -> Iterator[str]:
    """Try with more and more room; returns the actions that failed."""
    for number in count():
        leave_free(disk, int(LEAST * GROWTH**number))
        try:
            act(number)
        except StorageFailed as error:
            yield error.doing
        else:
            return


def fill(disk: Path, base_url: str) -> dict[str, object]:
    """Publish a first day, fill the disk, and give it room step by step."""
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
        "repeated": repeated_requests(settings),
        "digest": digest(settings),
    }


def first_starts(disk: Path, base_url: str) -> dict[str, object]:
    """Start twenty new data dirs, each on a disk with more room than the previous one; then give it room again."""
    failed, digests, repeated = [], set(), 0
    for number, free in enumerate(FIRST_LEVELS):
        settings = settle_in(disk / f"data-{number}", base_url, SharedClock(rate=1))
        leave_free(disk, free)
        try:
            collect(settings, "first")
        except StorageFailed as error:
            failed.append(error.doing)
        else:  # the warehouse has to be made in less room than collecting took: in hardly any, and in some
            failed += [failure for room in (SCARCE, free // 8) if (failure := _delivery_failure(disk, settings, room))]
        (disk / "ballast").unlink()
        collect(settings, "second")
        deliver(settings)
        digests.add(digest(settings))
        repeated += repeated_requests(settings)
        shutil.rmtree(settings.data_dir)
    return {"failed": failed, "digests": sorted(digests), "repeated": repeated}


def _delivery_failure(disk: Path, settings: Settings, room: int) -> str | None:
    """What had no room when the warehouse was made; None if it had."""
    leave_free(disk, room)
    try:
        deliver(settings)
    except StorageFailed as error:
        return error.doing
    return None


def repeated_requests(settings: Settings) -> int:
    """The number of requests whose answer has landed more than once."""
    requests = Counter((page.dataset, page.search, page.subject, json.dumps(page.request)) for page in landed(settings))
    return sum(times - 1 for times in requests.values())


def read_only(folder: Path, base_url: str) -> dict[str, object]:
    """In a read-only folder no request is sent, loaded or published."""
    settings = settings_of(folder / "data", base_url, SharedClock(rate=1))
    problems: list[str] = []
    for act in (lambda: collect_all(settings, "run"), lambda: deliver(settings)):
        try:
            act()
        except StorageFailed as error:
            problems.append(error.problem)
    return {
        "problems": problems,
        "videos": query_published(settings.files.published, "select count(*) as n from core.videos")["n"][0],
    }


if __name__ == "__main__":
    scenario = {"fill": fill, "first_starts": first_starts, "read_only": read_only}[sys.argv[1]]
    sys.stdout.write(json.dumps(scenario(Path(sys.argv[2]), sys.argv[3])))
