"""Every command works over a landing folder full of odd, damaged and foreign files."""

import sqlite3
from contextlib import closing

import pytest

from tt_pipeline.reports.answers import query_published
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place
from tt_pipeline_tests.landing.odd_files import ODD, fill, load_named

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    "has_index",
    [pytest.param(True, id="with an index", marks=pytest.mark.slow), pytest.param(False, id="without an index")],
)
def test_no_file_in_the_landing_folder_stops_a_command(
    collected: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, has_index: bool
) -> None:
    """`status`, `plan`, `collect`, `rebuild` and `doctor` end, name the files, and load every complete page."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    landing, published = collected.settings.files.landing, collected.settings.files.published
    before = query_published(published, "select count(*) from core.videos").item()
    fill(landing)
    with collected.settings.study_file.open("a") as study:
        study.write("compliance: {refresh_days: 30}\n")  # the odd files are older than fifteen days
    if not has_index:
        (landing / "index.sqlite").unlink()

    days = ("--from", f"{FIRST_DAY}", "--to", f"{LAST_DAY}")
    codes = {command[0]: run(*command) for command in (["status"], ["plan"], ["collect", *days], ["rebuild"])}
    codes["trace"] = run("trace", "@nobody")
    capsys.readouterr()
    codes["doctor"] = run("doctor")
    output = capsys.readouterr().out

    assert codes == {"status": 0, "plan": 0, "collect": 0, "rebuild": 0, "trace": 0, "doctor": 0}, output
    assert "a.ndjson.zst (its name is not that of a landed file)" in output
    assert collected.new_requests() == []
    loads = set(query_published(published, "select load_id from ops.loads").to_series())
    assert {load_named(number) for number in range(1, len(ODD) + 1)} <= loads
    assert query_published(published, "select count(*) from core.videos").item() >= before
    with closing(sqlite3.connect(landing / "index.sqlite")) as index:
        assert index.execute("pragma quick_check").fetchall() == [("ok",)]
