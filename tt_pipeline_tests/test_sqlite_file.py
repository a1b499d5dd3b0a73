"""A SQLite file of ours is read as a whole only if it has changed since that was done last."""

import os
from pathlib import Path

import pytest

from tt_pipeline import sqlite_file
from tt_pipeline.sqlite_file import SqliteFile, is_as_checked

_LONG_AGO = (1_700_000_000, 1_700_000_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with rows, written long ago, that was opened and closed since."""
    made = tmp_path / "some.sqlite"
    opened = _open(made)
    with opened.writing() as db:
        db.executemany("insert into numbers values (?)", [(number,) for number in range(9_000)])
    opened.close()
    os.utime(made, _LONG_AGO)
    _open(made).close()
    return made


def _open(file: Path) -> SqliteFile:
    return SqliteFile(file, schema="create table if not exists numbers (number integer primary key);", version=1)


def _asides(file: Path) -> int:
    return len([*file.parent.glob(f"{file.name}.damaged-*")])


def test_a_file_that_has_not_changed_is_not_read_again(file: Path) -> None:
    """A write makes it unchecked, and the next process checks it."""
    assert is_as_checked(file)
    opened = _open(file)
    with opened.writing() as db:
        db.execute("insert into numbers values (9000000)")
    opened.close()
    assert not is_as_checked(file)
    os.utime(file, _LONG_AGO)
    _open(file).close()
    assert (is_as_checked(file), _asides(file)) == (True, 0)


def test_damage_of_the_same_size_and_time_is_found(file: Path) -> None:
    """The time of the last change of the file's entry cannot be set back."""
    with file.open("r+b") as content:
        content.seek(3 * 4096)
        content.write(bytes(4096))
    os.utime(file, _LONG_AGO)
    assert not is_as_checked(file)
    _open(file).close()
    assert _asides(file) == 1


def test_a_restart_makes_every_file_unchecked(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power failure can lose rows without a trace in the times of the file; a system that names no start is alike."""
    other_start = tmp_path / "boot_id"
    other_start.write_text("another start\n", encoding="ascii")
    for start in (other_start, tmp_path / "missing"):
        monkeypatch.setattr(sqlite_file, "_START_OF_SYSTEM", start)
        assert not is_as_checked(file)


def test_a_file_whose_time_has_not_passed_is_checked_again(file: Path) -> None:
    """Two writes within a tick of the file system's clock leave the same time, so a recent one says nothing."""
    os.utime(file, (4_000_000_000, 4_000_000_000))
    _open(file).close()
    assert not is_as_checked(file)
