"""`tt purge` as users call it: what it says, asks, refuses, and with which exit code it ends."""

import json
from pathlib import Path

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties import verify_reports
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import (
    comment,
    comment_page,
    land,
    page,
    rows,
    snowflake,
    user_page,
    video,
)

pytestmark = pytest.mark.journey

STUDY = """\
study: What must be deleted
start: 2026-10-01
end: 2026-10-03
searches:
  climate: {hashtags: [climate]}
quota: {requests_per_day: 1000, confirmed: true}
"""
VIDEO = snowflake(4711)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """A data dir with two videos, a comment and a profile."""
    files = DataDir(tmp_path / "data")
    land(files.landing, [page(video(4711, username="imkerin"), video(2))])
    land(files.landing, [comment_page(comment(7, under=4711), under=4711)], load_id="comments/2026-10-02/run-1")
    land(files.landing, [user_page("imkerin")], load_id="users/2026-10-02/run-1")
    (files.root / "study.yaml").write_text(STUDY)
    monkeypatch.setenv("TT_DATA_DIR", str(files.root))
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00+00:00@1")
    return files


def has(files: DataDir, word: str) -> bool:
    """Whether any landed line or other file has it."""
    return any(word.encode() in content_of(path) for path in files.root.rglob("*") if path.is_file())


def test_a_purge_says_what_it_deletes(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """It lists kinds, places and the report; the trace finds nothing afterwards."""
    assert run("purge", str(VIDEO), "--yes") == 0
    said = capsys.readouterr().out
    assert "To be deleted: 1 video, 1 comment, 1 profile." in said
    assert "core.videos: 1 row" in said
    assert "Deleted: 1 video, 1 comment, 0 accounts and 1 profile" in said
    assert "Signed report: " in said
    assert not has(data, str(VIDEO))
    assert run("trace", str(VIDEO)) == 0
    assert "is not stored here" in capsys.readouterr().out


def test_a_trial_run_deletes_nothing(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows rows and files of each place, also of the end of the study."""
    assert run("purge", "@imkerin", "--dry-run") == 0
    assert "landed answers: 1 record and 2 whole pages in 3 files" in capsys.readouterr().out
    assert run("purge", "--all", "--dry-run") == 0
    said = capsys.readouterr().out
    assert ("core.videos: 2" in said, "landed files: 3" in said) == (True, True)
    assert (has(data, str(VIDEO)), data.ended.exists(), data.deletion.exists()) == (True, False, False)


def test_without_a_yes_nothing_is_deleted(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked without a terminal; the exit code is 2."""
    for words in (("purge", str(VIDEO)), ("purge", "--all")):
        assert run(*words) == 2
        assert "run it again with --yes" in capsys.readouterr().err
    assert (has(data, str(VIDEO)), data.ended.exists()) == (True, False)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "Name what is to be deleted, in one way"),
        (("7692239745136459777", "--all"), "in one way"),
        (("--search", "grene"), "the searches are climate"),
        (("--from", "2026-10-01"), "Name both days"),
        (("--from", "2026-10-03", "--to", "2026-10-01"), "is after --to"),
        (("--from", "yesterday", "--to", "today"), "yesterday"),
        (("7692239745136459777",), "not stored here, so nothing was deleted"),
        (("@nobody", "--dry-run"), "@nobody: not stored here"),
        (("123",), "too short"),
        (("two words",), "is not an id"),
        (("--forget",), "in one way"),
        (("--search", "climate", "--forget"), "--forget needs the ids"),
        (("--search", "climate", "--certificate"), "--certificate belongs to --all"),
        (("7692239745136459777", "--forget"), "None of these was deleted on request"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    data: DataDir, words: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one sentence, and nothing was deleted."""
    assert run("purge", *words, *(() if "--forget" in words else ("--yes",))) == 2
    assert problem in " ".join(capsys.readouterr().err.split())
    assert (has(data, str(VIDEO)), data.deletion.exists()) == (True, False)


def test_an_unknown_id_beside_a_known_one_is_remembered(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """The known one is deleted; neither is stored again."""
    assert run("purge", str(VIDEO), "7692239745136459777", "--yes") == 0
    assert "7692239745136459777: not stored here." in " ".join(capsys.readouterr().err.split())
    assert Tombstones.of(data.internal).taken_down.video(7692239745136459777)


def test_an_interrupted_deletion_comes_first(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """Another purge is refused until `--continue` has ended it."""
    data.internal.mkdir(exist_ok=True)
    values = {"videos": [VIDEO], "comments": [], "users": [], "creators": [], "named_ids": [VIDEO]}
    values |= {"reason": "takedown", "begun_at": "2026-11-20T11:00:00+00:00", "note": ""}  # type: ignore[dict-item]
    data.deletion.write_text(json.dumps(values))
    assert run("purge", str(snowflake(2)), "--yes") == 2
    assert "Run `tt purge --continue` first" in " ".join(capsys.readouterr().err.split())
    assert run("purge", "--continue") == 0
    assert run("purge", "--continue") == 0
    assert "No deletion was interrupted" in capsys.readouterr().out
    assert not has(data, str(VIDEO))


def test_a_takedown_is_forgotten(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """It may be collected again, and the audit log says so."""
    assert run("purge", str(VIDEO), "--yes") == 0
    assert run("purge", str(VIDEO), "--forget") == 0
    assert "1 takedown forgotten" in capsys.readouterr().out
    assert not Tombstones.of(data.internal).taken_down.video(VIDEO)
    assert [json.loads(line)["what"] for line in data.audit.read_text().split("\n") if line] == ["purge", "forget"]


def test_damaged_tombstones_stop_every_command(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is deleted, rebuilt or published before they are put back."""
    Tombstones.of(data.internal).sign("x")
    (data.internal / "tombstones.jsonl").write_text("{}\n")
    for words in (("purge", str(VIDEO), "--yes"), ("rebuild",)):
        assert run(*words) == 1
        assert "line 1 is damaged" in " ".join(capsys.readouterr().err.split())
    (data.internal / "tombstones.jsonl").write_text('{"version": 99}\n')
    assert run("purge", str(VIDEO), "--yes") == 1
    (data.internal / "tombstone.key").chmod(0o644)
    assert run("purge", str(VIDEO), "--yes") == 1
    assert "chmod 600" in " ".join(capsys.readouterr().err.split())
    assert has(data, str(VIDEO))


def test_a_study_ends_with_a_certificate(
    data: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its numbers are those of before, nothing else is left, and nothing can be collected afterwards."""
    assert run("rebuild") == 0
    assert run("export", "core.videos", "--to", str(tmp_path / "out")) == 0
    assert run("backup", str(tmp_path / "backup")) == 0
    (data.root / "note.txt").write_text("mine")
    numbers = {
        table: rows(data.writer, f"select count(*) as n from {table}")[0]["n"]
        for table in ("core.videos", "core.comments", "core.users", "core.video_snapshots")
    }

    assert run("purge", "--all", "--certificate", "--yes") == 0

    (certificate,) = data.deletions.glob("*-certificate.json")
    found = json.loads(certificate.read_text())
    assert {table: found["counts"][table] for table in numbers} == numbers
    assert (found["counts"]["landed files"], found["counts"]["exports"], found["counts"]["backups"]) == (3, 1, 1)
    assert list(verify_reports(data.deletions, Tombstones.of(data.internal))) == []
    (mine,) = found["by_hand"]  # what was deleted is not named as a copy that is gone
    assert f"{data.root / 'note.txt'}" in mine
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "backup").exists()
    assert {path.name for path in data.root.iterdir()} == {"internal", "deletions", "study.yaml", "note.txt"}
    assert not [word for word in (str(VIDEO), "imkerin") if has(data, word)]

    assert run("purge", "--all", "--yes") == 0
    assert json.loads(certificate.read_text())["counts"] == found["counts"]
    monkeypatch.setenv("TT_CLIENT_KEY", "k")
    monkeypatch.setenv("TT_CLIENT_SECRET", "s")
    capsys.readouterr()
    for command in (["collect"], ["refresh"], ["up"], ["rebuild"], ["sql", "select 1"], ["export"]):
        assert (command, run(*command)) == (command, 2)
        assert "This study was ended" in " ".join(capsys.readouterr().err.split())
    for shown, says in (("status", "This study was ended"), ("duties", "The study has ended: nothing is stored.")):
        assert run(shown) == 0
        assert says in " ".join(capsys.readouterr().out.split())
    assert run("trace", str(VIDEO)) == 0
    assert "no warehouse and 0 exports" in " ".join(capsys.readouterr().out.split())
    assert not data.writer.exists()


def test_what_people_put_beside_a_copy_is_kept_and_named(
    data: DataDir, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The end of a study deletes what tt_pipeline wrote into the folders of exports and backups."""
    assert run("rebuild") == 0
    assert run("export", "core.videos", "--to", str(tmp_path / "out")) == 0
    assert run("backup", str(tmp_path / "backup")) == 0
    for folder in ("out", "backup"):
        (tmp_path / folder / "mine.txt").write_text("mine")

    assert run("purge", "--all", "--yes") == 0

    said = " ".join(capsys.readouterr().err.split())
    for folder in ("out", "backup"):
        assert [path.name for path in (tmp_path / folder).iterdir()] == ["mine.txt"]
        assert f"{tmp_path / folder}: other files are in this folder" in said
    assert data.ended.exists()


def test_a_refresh_without_anything_due_needs_no_key(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """It says that no check is needed, and sends nothing."""
    assert run("rebuild") == 0
    with (data.root / "study.yaml").open("a") as study:
        study.write("compliance: {refresh_days: 30, hide_after_days: 60}\n")
    assert run("refresh") == 0
    assert "No check is needed now." in capsys.readouterr().out


def test_a_broken_study_is_named_first(data: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the study nobody could publish; nothing is deleted before it is corrected."""
    (data.root / "study.yaml").write_text("study: [")
    assert run("purge", str(VIDEO), "--yes") == 2
    assert "study.yaml" in capsys.readouterr().err
    assert (has(data, str(VIDEO)), data.deletion.exists()) == (True, False)


@pytest.mark.usefixtures("data")
def test_one_off_commands_leave_out_what_was_deleted_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    """They name it, send nothing and end with 2; the price is not even asked."""
    assert run("purge", "@imkerin", str(VIDEO), "--yes") == 0
    capsys.readouterr()
    for words, name in ((("comments", str(VIDEO)), str(VIDEO)), (("users", "imkerin"), "@imkerin")):
        assert run(*words, "--yes") == 2
        assert " ".join(capsys.readouterr().err.split()) == (
            f"{name}: deleted on request, so nothing is requested about it again. Nothing was sent. Leave it out;"
            f" `tt purge --forget {name}` would allow it again."
        )
