"""A study is written once, kept, and read back."""

from pathlib import Path

import pytest

from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.failing_disks import SyncedDisk, files_no_larger_than


def test_init_writes_a_study_and_a_private_env(tmp_path: Path) -> None:
    """The .env is readable by its owner alone, and the study can be read at once."""
    assert run("init") == 0

    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert run("check") == 0


def test_init_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is there stays as it is, and the command says so."""
    (tmp_path / ".env").write_text("TT_CLIENT_KEY=mine\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text("mine")

    assert run("init") == 0

    assert (tmp_path / ".env").read_text() == "TT_CLIENT_KEY=mine\n"
    assert (tmp_path / "data" / "study.yaml").read_text() == "mine"
    assert "exists already and was not changed" in capsys.readouterr().out


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
    """Sentence, JSON and notices; nothing is sent, and no credentials are needed."""
    study = tmp_path / "study.yaml"
    study.write_text(STUDY)

    assert run("check", str(study)) == 0

    told = capsys.readouterr().out
    assert "videos whose text or hashtags contain climate or fridaysforfuture, from DE." in told
    assert '"field_name": "region_code"' in told
    assert "\nWhen and how\nEach day is looked at when it is 3 and 12 days old.\n" in told
    assert "Notice: " in told
    assert told.endswith("1 search is valid; nothing was sent. `tt plan` shows what the study costs.\n")


def test_check_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File, line, path, value and what was meant, on stderr, with exit code 2."""
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.replace("[DE]", "[UK]"))

    assert run("check", str(study)) == 2

    told = capsys.readouterr()
    assert f"{study}:7: searches.climate.regions[0]:" in told.err
    assert "GB" in told.err
    assert told.out == ""


def test_sql_before_the_first_publication_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """No trace, exit code 2."""
    assert run("sql", "select 1") == 2
    assert "does not exist yet: run `tt collect`" in capsys.readouterr().err
