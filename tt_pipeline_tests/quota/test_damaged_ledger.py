"""A damaged ledger is set aside, and the requests that can be read from it still count."""

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.errors import FileSetAside
from tt_pipeline.landing import Index
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
COMMENTS = Purpose(study="Climate", dataset="comments")
LIMITS = {Bucket.MAIN: 1_000, Bucket.SOCIAL: 0}


def open_ledger(file: Path) -> Ledger:
    return Ledger(file, client_key="key", clock=FrozenClock(NOON), limits=LIMITS)


def asides(file: Path) -> list[str]:
    """Reasons in the names of files that were set aside."""
    found = sorted(file.parent.glob(f"{file.name}.*-*"))
    return [path.name.removeprefix(f"{file.name}.").split("-")[0] for path in found if path.name[-1] == "Z"]


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    """A ledger of 400 requests of today."""
    file = tmp_path / "ledger.sqlite"
    with open_ledger(file) as ledger:
        for _ in range(400):
            ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")
    return file


def write_over(file: Path, content: bytes, *, at: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(content)


def zero_a_page(file: Path) -> None:
    write_over(file, bytes(4096), at=13 * 4096)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: -2 * 4096])


def write_something_else(file: Path) -> None:
    file.write_bytes(b"This is no database. " * 500)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def forget_what_was_read(connection: Any) -> None:
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.execute("pragma shrink_memory")


@pytest.mark.parametrize(
    ("damage", "least"), [(zero_a_page, 360), (cut_off, 300), (write_something_else, 0), (empty, 0)]
)
def test_readable_requests_of_a_damaged_ledger_count(
    ledger_file: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None], least: int
) -> None:
    """The file is named, set aside and never overwritten; today's count is the number of readable requests."""
    damage(ledger_file)
    content = ledger_file.read_bytes()

    with open_ledger(ledger_file) as ledger:
        used = ledger.use(Bucket.MAIN).used
        ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")
        assert ledger.use(Bucket.MAIN).used == used + 1

    assert least <= used <= 400
    assert asides(ledger_file) == ["damaged"]
    assert next(ledger_file.parent.glob("*.damaged-*Z")).read_bytes() == content
    (record,) = caplog.records
    assert (record.levelno, f"{ledger_file} is damaged" in record.getMessage()) == (logging.ERROR, True)
    assert f"a new one was started with the {used:,} rows of it that could be read" in record.getMessage()


def test_damage_that_is_noticed_later_stops_nothing(ledger_file: Path) -> None:
    """A request that is being sent is settled in the new file, and the next one is counted there."""
    with open_ledger(ledger_file) as ledger:
        under_way = ledger.gate(COMMENTS).reserve(Bucket.MAIN, "comment_list")
        forget_what_was_read(ledger._db)
        zero_a_page(ledger_file)
        under_way.settle(status=200, code="ok", log_id="L", records=1, slots=1, seconds=0.1)
        columns, rows = ledger.rows()
        ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")

        assert ledger.use(Bucket.MAIN).used == len(rows) + 1
    assert 360 <= len(rows) <= 401
    assert dict(zip(columns, rows[-1], strict=True))["log_id"] == "L"
    assert asides(ledger_file) == ["damaged"]


def test_several_users_of_a_damaged_file_share_the_new_one(ledger_file: Path) -> None:
    """Four users of a broken file set it aside once, and none of them writes into the old one."""
    ledgers = [open_ledger(ledger_file) for _ in range(4)]
    write_something_else(ledger_file)

    def ask(ledger: Ledger) -> None:
        for _ in range(10):
            ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, ledgers))
    with open_ledger(ledger_file) as another:
        assert another.use(Bucket.MAIN).used == 40
        assert {ledger.use(Bucket.MAIN).used for ledger in ledgers} == {40}
    for ledger in ledgers:
        ledger.close()
    assert asides(ledger_file) == ["damaged"]


def test_closing_the_old_file_does_not_damage_the_new_one(ledger_file: Path) -> None:
    """SQLite deletes its journal files by name, and the new ledger has other names than the old one."""
    old = open_ledger(ledger_file)
    old.reserve(COMMENTS, Bucket.MAIN, "comment_list")
    write_something_else(ledger_file)
    with open_ledger(ledger_file) as new:
        new.reserve(COMMENTS, Bucket.MAIN, "comment_list")
        old.close()
        new.reserve(COMMENTS, Bucket.MAIN, "comment_list")
        used = new.use(Bucket.MAIN).used

    with open_ledger(ledger_file) as again:
        assert again.use(Bucket.MAIN).used == used


def test_a_file_without_a_version_is_used(ledger_file: Path) -> None:
    """Ledgers from before there was a version are used as they are."""
    with sqlite3.connect(ledger_file) as database:
        database.execute("pragma user_version = 0")
    database.close()

    with open_ledger(ledger_file) as ledger:
        assert ledger.use(Bucket.MAIN).used == 400
    assert asides(ledger_file) == []


def test_a_locked_file_is_not_damaged(ledger_file: Path) -> None:
    """A ledger that another program has locked is waited for and not set aside."""
    with open_ledger(ledger_file) as ledger:
        ledger._db.execute("pragma busy_timeout = 1")
        other = sqlite3.connect(ledger_file, isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")
        other.execute("rollback")
        other.close()

        ledger.reserve(COMMENTS, Bucket.MAIN, "comment_list")
    assert asides(ledger_file) == []


def test_an_index_is_not_used_again_after_damage(tmp_path: Path) -> None:
    """An empty index would have no landed page, and every page would be requested again."""
    index = Index(tmp_path / "index.sqlite")
    forget_what_was_read(index._file.connection)
    write_something_else(tmp_path / "index.sqlite")
    for _ in range(2):
        with pytest.raises(FileSetAside, match="Run the same command again"):
            index.windows()
    index.close()

    again = Index(tmp_path / "index.sqlite")
    assert again.windows() == []
    again.close()
