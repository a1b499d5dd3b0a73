"""A study is written once, kept, and read again."""

import subprocess
from pathlib import Path

import pytest

from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import Ledger
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.failing_disks import SyncedDisk, files_no_larger_than
from tt_pipeline_tests.warehouse.builders import CLOCK


def test_init_writes_a_study_and_a_private_env(tmp_path: Path) -> None:
    """Only its owner can read the .env, and the study is valid at once."""
    assert run("init") == 0

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert run("check") == 0


def test_init_keeps_secrets_and_data_out_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git sees the study and what Git itself needs, and the lines of somebody else stay."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TT_DATA_DIR", raising=False)
    monkeypatch.delenv("TT_STUDY", raising=False)
    Path(".gitignore").write_text("mine\n")
    assert run("init") == run("init") == 0
    subprocess.run(["git", "init", "-q"], check=True)
    seen = subprocess.run(["git", "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True).stdout
    assert sorted(line.split()[-1] for line in seen.splitlines()) == [
        ".gitignore",
        "data/.gitignore",
        "data/study.yaml",
    ]
    assert Path(".gitignore").read_text() == "mine\n.env\n"


def test_init_closes_a_data_dir_that_others_could_read(tmp_path: Path) -> None:
    """A clone of the project brings the folder with the modes of git."""
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data").chmod(0o755)

    assert run("init") == 0

    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_init_fills_an_empty_study(tmp_path: Path) -> None:
    """`tt check` of an empty file says `tt init`, so that command writes the study."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text("\n")
    assert run("check") == 2

    assert run("init", "--words", "climate") == 0

    assert run("check") == 0


def test_init_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Existing files are unchanged, and the command says so."""
    (tmp_path / ".env").write_text("TT_CLIENT_KEY=mine\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text("mine")

    assert run("init") == 0

    assert (tmp_path / ".env").read_text() == "TT_CLIENT_KEY=mine\n"
    assert (tmp_path / "data" / "study.yaml").read_text() == "mine"
    assert "exists already and was not changed" in capsys.readouterr().out


def test_options_for_a_study_that_exists_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They would change nothing; nothing is written, and the exit code is 2."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text("mine")

    assert run("init", "--title", "Bees", "--words", "bee", "--no-comments") == 2

    assert sorted(file.name for file in tmp_path.rglob("*")) == ["data", "study.yaml"]
    assert capsys.readouterr().err == (
        "data/study.yaml exists already, and --title, --words, --comments would not change it. Nothing was written. "
        "Edit the study, or replace it with --force.\n"
    )


def test_an_overwritten_study_survives_a_full_disk_and_a_power_cut(tmp_path: Path, disk: SyncedDisk) -> None:
    """The old study stays until the new one is complete, also behind a link."""
    linked = tmp_path / "mine.yaml"
    linked.write_text("mine")
    study = tmp_path / "data" / "study.yaml"
    study.parent.mkdir()
    study.symlink_to(linked)
    with files_no_larger_than(100):
        assert run("init", "--force") == 1
    assert linked.read_text() == "mine"

    assert run("init", "--force") == 0

    assert (disk.after_power_cut(linked), study.is_symlink()) == (linked.read_bytes(), True)
    assert linked.read_text() != "mine"


STUDY = """\
study: Two searches
start: 2026-10-01
searches:
  climate:
    hashtags: ["#climate", fridaysforfuture]
    keywords: [climate, fridaysforfuture]
    regions: [DE]
"""


def test_check_reads_a_query_back_in_english(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints sentence, JSON and notices, sends nothing and needs no credentials."""
    study = tmp_path / "study.yaml"
    study.write_text(STUDY)

    assert run("check", str(study)) == 0

    output = capsys.readouterr().out
    assert "videos that have climate or fridaysforfuture in their text or hashtags and are from DE." in output
    assert '"field_name": "region_code"' in output
    assert "\nWhen and how\nEach day is looked at when it is 3 and 12 days old.\n" in output
    assert "Notice: " in output
    assert output.endswith("1 search is valid; nothing was sent. `tt plan` shows what the study costs.\n")


def test_check_shows_notices_with_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both can be corrected at once."""
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.replace("[DE]", "[UK]") + "looks: [1]\n")

    assert run("check", str(study)) == 2

    output = capsys.readouterr()
    assert "7: searches.climate.regions[0]:" in output.err
    assert output.out.splitlines() == [
        "",
        "Notice: searches.climate.hashtags: '#climate' is read as climate.",
        "",
        "Notice: looks: 1 is early, because TikTok shows videos up to 48 hours late; no later look will find the rest.",
    ]


def test_check_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message on stderr has file, line, path, value and remedy; the exit code is 2."""
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.replace("[DE]", "[UK]").replace("#", ""))

    assert run("check", str(study)) == 2

    output = capsys.readouterr()
    assert f"{study}:7: searches.climate.regions[0]:" in output.err
    assert "GB" in output.err
    assert output.out == ""


def test_sql_before_the_first_publication_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """There is no traceback, and the exit code is 2."""
    assert run("init") == 0
    assert run("sql", "select 1") == 2
    assert "does not exist yet: run `tt collect`" in capsys.readouterr().err


@pytest.mark.parametrize(("title", "is_told"), [("Wild bees", False), ("Wild bees 2", True)])
def test_another_title_is_another_study_for_the_ledger(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    title: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    """`tt check` says so once something was collected under the earlier one, and changes nothing."""
    monkeypatch.setenv("TT_DATA_DIR", f"{tmp_path / 'data'}")
    internal = tmp_path / "data" / "internal"
    file = internal / "ledger.sqlite"
    with (
        LandingZone(internal / "landing") as zone,
        Ledger(file, client_key="k", clock=CLOCK) as ledger,
    ):
        ledger.remember_zone("Wild bees", zone.identity, 3)
    (tmp_path / "data" / "study.yaml").write_text(
        f"study: {title}\nstart: 2026-10-01\nsearches: {{a: {{hashtags: [a]}}}}\n"
    )
    before = file.read_bytes()

    assert run("check") == 0

    told = " ".join(capsys.readouterr().out.split())
    assert ("The title was 'Wild bees' when this data dir was collected." in told) is is_told
    assert file.read_bytes() == before
