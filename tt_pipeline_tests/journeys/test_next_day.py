"""`tt demo --next-day` lets a day pass; the simulator of the demo is the one that `tt simulate` serves."""

import json
from datetime import date, timedelta
from pathlib import Path
from string import Template

import httpx
import pytest

from tt_pipeline.cli.demo import EDIT, FOLDER, at_its_day, demo_settings, simulator
from tt_pipeline.cli.learn_commands import simulate
from tt_pipeline.clock import SystemClock, today
from tt_pipeline.data_dir import DataDir
from tt_pipeline.reports import query_published
from tt_pipeline.studies import read_study
from tt_pipeline_tests.cli.builders import run

pytestmark = pytest.mark.journey

STUDY = """\
study: A small demo
start: {first}
end: {last}
searches: {{football: {{hashtags: [football], regions: [DE]}}}}
comments: false
users: false
"""


@pytest.fixture
def last_day() -> date:
    """The last day of a demo that was made today; it has two days."""
    last = today(SystemClock()) - timedelta(days=4)
    (FOLDER / "study.yaml").parent.mkdir(parents=True)
    (FOLDER / "study.yaml").write_text(STUDY.format(first=last - timedelta(days=1), last=last))
    return last


def test_each_step_collects_one_more_day(last_day: date, capsys: pytest.CaptureFixture[str]) -> None:
    """The clock moves on by a day, and what became due is collected and published; a demo afterwards goes on there."""
    assert run("demo") == 0
    for days in (1, 2):
        assert run("demo", "--next-day") == 0
        noon = last_day + timedelta(days=4 + days)
        assert f"In the demo it is now {noon:%A, %Y-%m-%d}, 12:00 UTC" in capsys.readouterr().out

    files = DataDir(FOLDER)
    looks = query_published(files.published, "select day_date, look, observed_at::date from marts.looks order by 1, 2")
    steps = [(last_day + timedelta(days=days), 1) for days in (-1, 0, 1, 2)]
    assert [row[:2] for row in looks.rows()] == steps
    assert [row[2] for row in looks.rows()[2:]] == [last_day + timedelta(days=days) for days in (5, 6)]
    assert read_study(FOLDER / "study.yaml").last_day == last_day + timedelta(days=2)
    assert today(at_its_day(demo_settings(FOLDER)).open_clock()) == last_day + timedelta(days=6)


def test_a_demo_that_stopped_before_its_edit_begins_again_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The study of the first run is edited once, after this run; the days of the first run are kept."""
    small = STUDY.replace("users: false\n", "users: false  # $edit\n").format(first="$start", last="$end")
    monkeypatch.setattr("tt_pipeline.cli.demo.STUDY", Template(small))
    last = today(SystemClock()) - timedelta(days=5)
    (FOLDER / "study.yaml").parent.mkdir(parents=True)
    first_study = Template(small).substitute(start=last - timedelta(days=1), end=last, edit="")
    (FOLDER / "study.yaml").write_text(first_study)
    assert [run("demo"), run("demo")] == [0, 0]

    assert capsys.readouterr().out.count("Meanwhile the study was edited") == 1
    assert (FOLDER / "study.yaml").read_text() == first_study.replace("# ", f"# {EDIT}")


def test_the_demos_world_is_that_of_the_simulator(tmp_path: Path) -> None:
    """A username from the demo is found in `tt simulate`, because neither changes seed and size."""
    with simulator(DataDir(tmp_path / "demo")) as base_url:
        state = json.loads(httpx.get(f"{base_url}/_sim/state", trust_env=False).content)

    usual = simulate.__kwdefaults__ or {}
    assert (state["seed"], state["videos_per_day"]) == (usual["seed"], usual["videos_per_day"])
