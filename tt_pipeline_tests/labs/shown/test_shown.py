"""Generated pages have the real output; `make pages` writes them again."""

import re
import runpy
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.reports import (
    NOTEBOOK,
    Selection,
    query_published,
    study_figures,
    write_notebook,
    write_report,
)
from tt_pipeline_tests.labs.shown import gallery, one_page, picture, questions
from tt_pipeline_tests.labs.shown.demo import run_demo
from tt_pipeline_tests.labs.shown.recounted import Recounted, numbers_of, recounted, videos_with_both

pytestmark = pytest.mark.docs


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


def test_the_gallery_is_that_of_the_demo(demo: Path) -> None:
    """Every figure of the demo's report is in it as it is drawn now, and no other."""
    files = gallery.gallery(demo)

    assert len(files) > 20
    assert {file: file.read_text(encoding="utf-8") for file in (gallery.PAGE, *gallery.FOLDER.iterdir())} == files


@pytest.mark.parametrize(
    ("searches", "first_day", "last_day"),
    [
        pytest.param(("climate",), date(2026, 10, 15), date(2026, 11, 1), id="one search"),
        pytest.param(("climate", "germany", "recipes"), date(2026, 10, 17), date(2026, 10, 25), id="some days"),
        pytest.param(("germany", "recipes"), date(2026, 10, 20), date(2026, 10, 30), id="both"),
    ],
)
def test_figures_of_some_searches_and_days_are_those_of_a_recount(
    demo: Path, searches: tuple[str, ...], first_day: date, last_day: date
) -> None:
    """Every figure has the numbers that Python counts in the stored rows."""
    published = DataDir(demo).published
    chosen = Selection(searches=searches, first_day=first_day, last_day=last_day)
    figures = study_figures(published, selection=chosen)
    rows = Recounted(file=published, searches=searches, first_day=first_day, last_day=last_day)

    assert numbers_of(figures) == recounted(rows)
    count = videos_with_both(rows)
    pairs = [row for each in figures if each.name == "network" for row in each.rows.rows]
    assert pairs
    assert [row["videos"] for row in pairs] == [
        count(row["search"], row["hashtag"], row["other_hashtag"]) for row in pairs
    ]


def test_some_days_change_every_figure(demo: Path) -> None:
    """No figure ignores the choice."""
    published = DataDir(demo).published
    chosen = Selection(searches=("climate", "germany"), first_day=date(2026, 10, 18), last_day=date(2026, 10, 30))
    some, every = (numbers_of(study_figures(published, selection=each)) for each in (chosen, Selection()))

    assert [name for name, numbers in some.items() if numbers == every[name]] == []


def test_the_notebook_shows_the_figures_of_the_report(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs without a browser, and every sentence above its figures is in the report."""
    file = tmp_path / "report.html"
    monkeypatch.setenv("TT_DATA_DIR", str(demo))
    outputs, names = runpy.run_path(f"{NOTEBOOK}")["app"].run()
    write_report(DataDir(demo).published, file)
    report = unescape(file.read_text(encoding="utf-8"))

    assert len(names["figures"]) >= 20
    assert [each.title for each in names["figures"] if each.lead not in report] == []
    assert [each.title for each in names["figures"] if each.as_html() not in outputs[3].text] == []


def test_an_exported_notebook_shows_its_figures_without_a_network(demo: Path, tmp_path: Path) -> None:
    """What marimo's programs replace is not empty: it has all figures, which refer to nothing elsewhere."""
    published, page = DataDir(demo).published, tmp_path / "notebook.html"
    write_notebook(published, page)
    html = page.read_text(encoding="utf-8")
    offline = html[html.index('<div id="root">') : html.index("__MARIMO_MOUNT_CONFIG__")]

    assert offline.count("<img ") == len(study_figures(published))
    assert re.findall(r"(?:src|href)=\"(?!data:)", offline) == []
    for each in study_figures(published):
        assert re.findall(r"(?:url\((?!#)|href=|src=|@import)", each.svg) == []
