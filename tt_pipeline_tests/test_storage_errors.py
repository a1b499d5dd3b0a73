"""Errors of the machine have a class and a message; a limit on the size of files is used as a full disk."""

import errno
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.cli import main
from tt_pipeline.errors import StorageFailed
from tt_pipeline.landing import LandingZone
from tt_pipeline.landing.identity import identity_of
from tt_pipeline.quota import Ledger
from tt_pipeline.safe_files import lease, set_aside, storing, write_whole
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.published import published_summary
from tt_pipeline_tests.builders import envelope, video
from tt_pipeline_tests.failing_disks import SyncedDisk, files_no_larger_than
from tt_pipeline_tests.warehouse.builders import CLOCK

LOAD = "videos/climate/ffffffff/2026-10-01_2026-10-03.look-1"


def test_a_page_without_room_leaves_no_part_of_itself(tmp_path: Path) -> None:
    """The file ends with the page before, and the next page is appended when there is room."""
    with LandingZone(tmp_path) as zone, zone.writing(LOAD) as writer:
        writer.append(envelope(video(1)))
        file = tmp_path / f"{LOAD}.ndjson"
        size = file.stat().st_size
        with files_no_larger_than(size + 100), pytest.raises(StorageFailed, match=r"Keeping an answer .*too large"):
            writer.append(envelope(video(2)))
        assert file.stat().st_size == size
        writer.append(envelope(video(3)))

        assert list(writer.envelopes()) == [envelope(video(1)), envelope(video(3))]
        assert [(file.load_id, file.lines) for file in zone.index.files()] == [(LOAD, 2)]


def test_a_publication_without_room(tmp_path: Path) -> None:
    """The published file is unchanged, the unfinished copy is deleted, and the next publication is complete."""
    writer_file, published = tmp_path / "writer.duckdb", tmp_path / "warehouse.duckdb"
    publish_file(writer_file, published, CLOCK)
    before = published.read_bytes()
    with (
        files_no_larger_than(len(before) // 2),
        pytest.raises(StorageFailed, match=r"Publishing failed at .*warehouse.duckdb: File too large"),
        storing("Publishing", published),
    ):
        publish_file(writer_file, published, CLOCK)
    assert (published.read_bytes(), list(tmp_path.glob(".*"))) == (before, [])
    publish_file(writer_file, published, CLOCK)
    assert published_summary(published)["videos"] == 0


def test_a_file_in_place_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the file and the remedy; the command ends with 1."""
    taken = tmp_path / "data"
    taken.write_text("in the way")
    for use in (
        lambda: LandingZone(taken / "landing"),
        lambda: Ledger(taken / "ledger.sqlite", client_key="k", clock=CLOCK),
        lambda: lease(taken / "lease").__enter__(),
    ):
        with pytest.raises(StorageFailed, match=r"Not a directory|File exists"):
            use()
    monkeypatch.setenv("TT_DATA_DIR", str(taken))
    with pytest.raises(SystemExit) as ended:
        main(["rebuild"])
    assert ended.value.code != 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "Permission denied"),
        (duckdb.IOException('Could not write file "w.wal": No space left on device'), "No space left on device"),
        (sqlite3.OperationalError("database or disk is full"), "database or disk is full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "readonly database"),
    ],
)
def test_each_function_raises_the_same_error(error: Exception, problem: str) -> None:
    """It has the action, the path, the reason and the remedy."""
    with pytest.raises(StorageFailed) as caught, storing("Publishing", Path("data/warehouse.duckdb")):
        raise error
    assert str(caught.value) == (
        f"Publishing failed at data/warehouse.duckdb: {problem}. Files that were complete before are still "
        "complete. Free disk space, or make the folder writable (`tt doctor` checks both), and run the same "
        "command again."
    )


@pytest.mark.parametrize("error", [KeyError("x"), FileNotFoundError(errno.ENOENT, "x"), duckdb.ParserException("x")])
def test_other_errors_stay_what_they_are(error: Exception) -> None:
    """A mistake of ours is not reported as a full disk."""
    with pytest.raises(type(error)), storing("Publishing", Path()):
        raise error


def test_a_small_file_survives_a_power_cut(tmp_path: Path, disk: SyncedDisk) -> None:
    """Content and name are synced, and nothing else is left in the folder."""
    file = tmp_path / "source.json"
    for text in ("the first", "the second"):
        write_whole(file, text)
        assert disk.after_power_cut(file) == text.encode()
    assert list(tmp_path.iterdir()) == [file]


def test_the_identity_of_a_landing_folder_survives_a_power_cut(tmp_path: Path, disk: SyncedDisk) -> None:
    """A folder whose identity was lost would be another folder, and its pages would not be published."""
    for content in (None, b"", b"damaged"):
        if content is not None:
            (tmp_path / "identity").write_bytes(content)
        identity = identity_of(tmp_path)
        assert disk.after_power_cut(tmp_path / "identity") == f"{identity}\n".encode()


def test_a_pipe_in_the_place_of_a_file_has_a_remedy_of_its_own(tmp_path: Path) -> None:
    """Room on the disk does not help."""
    pipe = tmp_path / "ledger.sqlite"
    os.mkfifo(pipe)
    with pytest.raises(StorageFailed) as caught:
        set_aside(pipe)
    assert str(caught.value) == (
        f"Renaming failed at {pipe}: is not a file. Files that were complete before are still complete. "
        "Move it away, or name another path in the settings, and run the same command again."
    )


def test_a_file_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    """A full disk can be unmounted afterwards: the lock beside the file is closed too."""
    with files_no_larger_than(100), pytest.raises(StorageFailed):
        Ledger(tmp_path / "ledger.sqlite", client_key="k", clock=CLOCK)
    opened = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    assert [name for name in opened if name.startswith(str(tmp_path))] == []
