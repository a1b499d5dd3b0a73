"""`tt report` writes its files into the data dir, and says what it wrote."""

import shutil
from pathlib import Path

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.reports import exported_elsewhere
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    """A data dir with a published file."""
    monkeypatch.chdir(tmp_path)
    files = DataDir(Path("data"))
    files.root.mkdir()
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    return files


def test_the_report_is_written_beside_the_published_file(files: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no copy of personal data, so it is not registered."""
    assert run("report") == 0
    assert files.report.exists()
    assert exported_elsewhere(files) == []
    assert "figures" in capsys.readouterr().out


def test_a_report_with_names_is_registered_as_a_copy(files: DataDir) -> None:
    """A deletion finds it."""
    assert run("report", "--names") == 0
    assert exported_elsewhere(files) == [files.report.resolve()]


def test_the_passport_is_a_file_of_its_own(files: DataDir) -> None:
    """The report is not touched."""
    assert run("report", "--passport") == 0
    assert (files.passport.exists(), files.report.exists()) == (True, False)


def test_a_comparison_is_a_file_of_its_own(files: DataDir, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names both files; a file that cannot be compared is a mistake of the command line."""
    shutil.copyfile(files.published, "earlier.duckdb")

    assert run("report", "--against", "earlier.duckdb") == 0
    assert (files.comparison.exists(), files.report.exists()) == (True, False)
    assert "data/comparison.html: data/warehouse.duckdb compared with earlier.duckdb." in capsys.readouterr().out
    assert run("report", "--against", "2026-11-01") == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--passport", "--methods"),
        ("--latex",),
        ("--against", "other.duckdb", "--passport"),
        ("--against", "other.duckdb", "--names"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: tuple[str, ...], files: DataDir) -> None:
    """Nothing is written."""
    assert run("report", *options) == 2
    assert not files.report.exists()
