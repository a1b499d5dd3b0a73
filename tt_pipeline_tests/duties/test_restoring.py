"""A backup that is older than a deletion does not bring back what was deleted."""

import shutil
from pathlib import Path

import pytest

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
