"""`tt duties` as users call it: the state of their duties, and a draft of the data management plan."""

from datetime import timedelta
from pathlib import Path

import pytest

from tt_pipeline.cli.exits import Exit
from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties import AGREED
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, comment, comment_page, land, page, snowflake, video

pytestmark = pytest.mark.journey

STUDY = """\
study: Climate talk | in Germany
start: 2026-10-01
searches:
  climate: {hashtags: [climate], usernames: [imkerin, waldfrau], regions: [DE]}
  secretly: {keywords: [heat, "@gaertner"]}
  sounds: {music_ids: [7296688856609475842]}
  known: {video_ids: [7696688856609475842]}
accounts: {usernames: [tagesschau], lists: [followers]}
comments: {min_comments: 1}
users: false
privacy: {mentions: false, omit_fields: [voice_to_text]}
quota: {confirmed: true}
"""
NAMES = ("imkerin", "waldfrau", "gaertner", "tagesschau", "secretly", "7296688856609475842", "7696688856609475842")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """A data dir with two videos and a comment, which is published; 20 days later."""
    files = DataDir(tmp_path / "data")
    land(files.landing, [page(video(4711, username="imkerin"), video(2))])
    land(files.landing, [comment_page(comment(7, under=4711), under=4711)], load_id="comments/2026-10-02/run-1")
    (files.root / "study.yaml").write_text(STUDY)
    monkeypatch.setenv("TT_DATA_DIR", str(files.root))
    monkeypatch.setenv("TT_CLOCK", f"{(CLOCK.now() + timedelta(days=20)).isoformat()}@1")
    return files


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Everything that was printed since, in one line."""
    output = capsys.readouterr()
    return " ".join(f"{output.out} {output.err}".split())


def test_before_a_publication_the_duties_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Each duty is named; nothing is said of what nobody knows."""
    assert run("duties") == Exit.COMPLETE
    output = said(capsys)
    assert [each.duty for each in AGREED if f"{each.duty}." not in output] == []
    assert "Nothing is published yet, so nothing can be said of its age." in output


def test_the_state_is_what_was_done(data: DataDir, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Overdue checks, deletions, exports, backups, and keys that others can read."""
    assert run("rebuild") == 0
    assert run("purge", str(snowflake(2)), "--yes") == 0
    assert run("export", "--to", str(tmp_path / "given")) == 0
    assert run("backup", str(tmp_path / "backup")) == 0
    (data.internal / "tombstone.key").chmod(0o600)
    Path(".env").write_text("")
    Path(".env").chmod(0o644)
    capsys.readouterr()

    assert run("duties") == Exit.COMPLETE
    output = said(capsys)
    assert "1 video stored, 1 due, 1 overdue. TikTok's terms demand a check every 15 days" in output
    assert "Deleted here: 0 because gone, 1 on request; 1 signed report." in output
    assert "Known copies: 1 export, 1 backup, the newest 0 days old, 0 folders named in the study." in output
    assert "Comments are collected, profiles not collected; 2 fields left out of requests." in output
    assert "Other users can read .env: type `chmod 600 .env`." in output


def test_the_screen_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines fit on a terminal of 40 rows."""
    run("rebuild")
    capsys.readouterr()
    run("duties")
    assert len(capsys.readouterr().out.splitlines()) <= 30


def test_the_plan_has_what_the_law_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Every entry of Art. 30(1), the safeguards of Art. 89, and the duties; gaps are marked and counted."""
    run("rebuild")
    assert run("duties", "--dmp", "--output", "plan.md") == Exit.COMPLETE
    text = Path("plan.md").read_text()
    gaps = text.count("[to be filled in: ")
    assert f"plan.md written: a draft. {gaps} places marked [to be filled in: …] are yours." in said(capsys)
    for entry in "abcdefg":
        assert f"({entry}) |" in text
    for part in ("Art. 6", "Art. 89(1)", "Art. 14", "Art. 35", *(each.duty for each in AGREED)):
        assert part in text
    assert r"“Climate talk \| in Germany”" in text
    assert "videos: 2; comments: 1" in text
    assert "are by (2 accounts)" in text
    assert "| comments | identifying: names an account |" in text or "| comments | content" in text
    assert "Left out of every request by the study's `privacy`: video_mention_list, voice_to_text." in text
    assert "| profiles |" not in text


def test_the_plan_names_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """No account, id, or name of a search is in it, neither of the study nor of the data."""
    run("rebuild")
    capsys.readouterr()
    assert run("duties", "--dmp") == Exit.COMPLETE
    text = capsys.readouterr().out
    assert [name for name in (*NAMES, str(snowflake(4711))) if name in text] == []
    assert "heat" in text


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--output", "plan.md"), "--output belongs to --dmp"),
        (("--dmp", "--output", "gone/plan.md"), "gone/plan.md is in no folder, so nothing was written."),
        (("--dmp", "--output", "mine.md"), "mine.md exists already, perhaps with your answers in it"),
        (("--dmp", "--output", "."), "exists already"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    words: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one sentence, and a file with answers stays."""
    Path("mine.md").write_text("mine")
    assert run("duties", *words) == Exit.WRONG_USAGE
    assert problem in said(capsys)
    assert Path("mine.md").read_text() == "mine"
