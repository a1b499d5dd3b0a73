"""Generated pages have the real output; `make pages` writes them again."""

import re
import sys
from pathlib import Path
from subprocess import run

import pytest

from tt_pipeline.reports import query_published
from tt_pipeline.settings import DataDir
from tt_pipeline_tests.labs.shown import one_page, picture, questions
from tt_pipeline_tests.labs.shown.demo import run_demo

pytestmark = pytest.mark.docs
NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.py"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data dir of a demo on a fixed day."""
    return run_demo(tmp_path_factory.mktemp("demo"))


def test_the_life_of_one_page_is_shown_as_it_is(tmp_path: Path) -> None:
    """Collected, loaded and published again, every step has the same bytes and rows."""
    assert one_page.PAGE.read_text(encoding="utf-8") == one_page.one_page(tmp_path)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select count(*) from ops.search_coverage where looks = 2", id="days with two looks"),
        pytest.param("select count(*) from marts.video_survival where is_gone", id="deleted videos"),
        pytest.param("select count(*) from marts.video_searches where kind = 'sample'", id="a sample"),
        pytest.param("select count(*) from marts.video_searches where not is_current", id="an edited query"),
        pytest.param("select count(*) from marts.video_searches where not matches", id="foreign videos"),
        pytest.param("select count(*) from marts.handles where renamed_to is not null", id="a renamed creator"),
        pytest.param("select count(*) from marts.comment_coverage where weight > 1", id="drawn comments"),
    ],
)
def test_the_demo_has_what_makes_analysis_hard(demo: Path, sql: str) -> None:
    """Whoever learns with the demo meets it there first."""
    assert query_published(DataDir(demo).published, sql).item() > 0


@pytest.mark.parametrize(("file", "queries"), [(questions.TEN_QUESTIONS, 10), (questions.TEN_MISTAKES, 20)])
def test_the_queries_of_a_page_have_the_answers_that_it_shows(demo: Path, file: Path, queries: int) -> None:
    """A demo on the same day gives the same answers, and each has rows."""
    page = file.read_text(encoding="utf-8")

    assert len(questions.questions(page)) == queries
    assert questions.answered(page, demo) == page
    assert "\n0 rows" not in page


def test_the_picture_of_the_demo_loads_nothing_from_elsewhere() -> None:
    """It shows the demo's result; fonts, pictures and styles are not fetched."""
    drawn = picture.PICTURE.read_text(encoding="utf-8")
    assert "Result" in drawn
    assert re.findall(r"(?:url\(|href=|src=|@import )[\"']?\w+:", drawn) == []


def test_the_notebook_runs(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell has output: charts are drawn, sentences have their numbers, and no cell failed."""
    page = tmp_path / "notebook.html"
    monkeypatch.setenv("TT_DATA_DIR", str(demo))
    done = run(
        [sys.executable, "-m", "marimo", "export", "html", str(NOTEBOOK), "-o", str(page), "--no-include-code"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    shown = page.read_text(encoding="utf-8")
    assert shown.count("vega") >= 3
    assert "seen most has 83% of all views" in shown
