"""A backup that is older than a deletion does not bring back what was deleted."""

import json
import shutil
from pathlib import Path

import pytest

from tt_pipeline.coverage import open_workspace
from tt_pipeline.safekeeping import back_up
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, VIDEO, Stored, places_of
from tt_pipeline_tests.duties.conftest import OCTOBER_3
from tt_pipeline_tests.warehouse.builders import rows, snowflake

pytestmark = pytest.mark.journey

WORDS: list[int | str] = [VIDEO, *COMMENTS, snowflake(5, OCTOBER_3), CREATOR]


@pytest.mark.parametrize("kept", ["second file", "data dir"])
def test_an_older_backup_loses_what_was_deleted_since(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kept: str
) -> None:
    """Tombstones of the data dir count, and if it is lost those of TT_TOMBSTONES; the command says what it removed."""
    shutil.copytree(stored.root / "backup", tmp_path / "old")
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T14:00:00+00:00@1")
    monkeypatch.setenv("TT_DATA_DIR", str(stored.files.root))
    if kept == "second file":
        monkeypatch.setenv("TT_TOMBSTONES", str(tmp_path / "stones"))
    assert run("purge", f"@{CREATOR}", "--yes") == 0
    new = tmp_path / "new"
    if kept == "data dir":
        (new / "internal").mkdir(parents=True)
        for name in ("tombstones.jsonl", "tombstone.key"):
            shutil.copy2(stored.files.internal / name, new / "internal" / name)
    monkeypatch.setenv("TT_DATA_DIR", str(new))
    capsys.readouterr()

    assert run("restore", str(tmp_path / "old"), "--as-of") == 0

    assert "What was deleted since was deleted again: 6 records and 3 whole pages" in capsys.readouterr().out
    assert places_of(new, WORDS) == []
    audited = rows(new / "warehouse.duckdb", "select what from ops.audit order by line")
    assert audited[-1] == {"what": "restore"}
    assert Tombstones.of(new / "internal", tmp_path / "stones").taken_down.user(CREATOR)

    assert run("backup", str(tmp_path / "next")) == 0
    assert places_of(tmp_path / "next", WORDS) == []
    assert (tmp_path / "next" / "internal" / "tombstones.jsonl").exists()


def test_tombstones_of_another_data_dir_stop_a_restore(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is restored over a data dir whose tombstones have another key."""
    stored.purge(ids=(VIDEO,))
    Tombstones.of(tmp_path / "new" / "internal").sign("x")
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "new"))
    assert run("restore", str(stored.root / "backup")) == 1
    assert "its key is not that of" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "new" / "internal" / "landing").exists()


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data dir beside the one that was backed up."""
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T14:00:00+00:00@1")
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "new"))
    return tmp_path / "new"


def err(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed for people, in one line."""
    return " ".join(capsys.readouterr().err.split())


def test_a_restore_that_stops_early_is_not_published_unchecked(
    stored: Stored, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The study that is there has a slip, so the restore ends with the answers in place; after the mending it waits."""
    new.mkdir()
    good = stored.settings.study_file.read_text()
    (new / "study.yaml").write_text(good.replace("hashtags", "hashtag", 1))
    assert run("restore", str(stored.root / "backup")) == 2
    (new / "study.yaml").write_text(good)
    capsys.readouterr()
    assert run("rebuild") == 1
    assert "nothing is published before it was checked" in err(capsys)
    assert not (new / "warehouse.duckdb").exists()


def test_a_purge_of_what_was_restored_deletes_and_publishes_nothing(
    stored: Stored, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A deletion on request does not wait for the check, and the check still has to come."""
    assert run("restore", str(stored.root / "backup")) == 0
    capsys.readouterr()
    assert run("purge", str(VIDEO), "--yes") == 0
    assert "the warehouse was made again without them" in " ".join(capsys.readouterr().out.split())
    assert places_of(new, [VIDEO, *COMMENTS]) == []
    assert not (new / "warehouse.duckdb").exists()
    assert run("restore", str(stored.root / "backup"), "--as-of") == 0
    assert len(rows(new / "warehouse.duckdb", "from core.videos")) > 0
    assert places_of(new, [VIDEO, *COMMENTS]) == []


def test_a_backup_without_videos_and_comments_needs_no_check(stored: Stored, new: Path) -> None:
    """Nothing is there that TikTok could have deleted, so it is published."""
    assert run("purge", "--from", "2026-01-01", "--to", "2026-12-31", "--yes") in {0, 2}
    with open_workspace(stored.settings) as workspace:
        for dataset in ("videos", "comments", "liked", "playlists"):
            shutil.rmtree(workspace.files.landing / dataset, ignore_errors=True)
    with open_workspace(stored.settings) as workspace:
        back_up(workspace, stored.settings.study_file, stored.root / "profiles", workspace.clock.now())
    assert run("restore", str(stored.root / "profiles")) == 0
    assert run("rebuild") == 0
    assert (new / "warehouse.duckdb").exists()
    assert not (new / "internal" / "restored.json").exists()


def test_as_of_means_the_backup_that_was_restored(
    stored: Stored, new: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another folder is another backup, which cannot be restored over this one."""
    assert run("restore", str(stored.root / "backup")) == 0
    shutil.copytree(stored.root / "backup", tmp_path / "another")
    capsys.readouterr()
    assert run("restore", str(tmp_path / "another"), "--as-of") == 2
    assert "has answers already" in err(capsys)
    assert not (new / "warehouse.duckdb").exists()


def test_a_damaged_record_of_a_restore_still_waits(stored: Stored, new: Path) -> None:
    """Nobody knows what it said, so nothing is published unchecked."""
    assert run("restore", str(stored.root / "backup")) == 0
    (new / "internal" / "restored.json").write_text("{")
    assert run("rebuild") == 1


def test_lists_of_copies_are_merged(stored: Stored, new: Path) -> None:
    """What the data dir knows and the backup does not is kept."""
    (new / "internal").mkdir(parents=True)
    (new / "internal" / "exported.txt").write_text("/media/usb/mine\n")
    (new / "internal" / "unreached.json").write_text('["/media/usb/mine"]')
    (stored.root / "elsewhere").rename(stored.root / "away")
    stored.purge(ids=(VIDEO,))
    assert run("restore", str(stored.root / "backup")) == 0
    exported = (new / "internal" / "exported.txt").read_text().splitlines()
    assert set(exported) == {"/media/usb/mine", f"{stored.root / 'elsewhere'}"}
    assert json.loads((new / "internal" / "unreached.json").read_text()) == [
        f"{stored.root / 'elsewhere'}",
        "/media/usb/mine",
    ]
