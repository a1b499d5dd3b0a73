"""Two published files are compared number by number, and what is none is refused in one sentence."""

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.reports import write_comparison
from tt_pipeline.reports.study_report.comparison import difference
from tt_pipeline.reports.study_report.facts import Fact


def compare(published: Path, against: Path | str, folder: Path) -> str:
    """The page."""
    write_comparison(published, f"{against}", folder / "comparison.html")
    return (folder / "comparison.html").read_text(encoding="utf-8")


def fact(value: Any, name: str = "videos") -> Fact:
    """A fact with this value."""
    return Fact(name=name, label="", sql="", value=value)


@pytest.mark.parametrize(
    ("here", "there", "shown"),
    [
        (fact(1_500), fact(200), "+1,300"),
        (fact(200), fact(1_500), "-1,300"),
        (fact(7), fact(7), "0"),
        (fact(7), fact(None), ""),
        (fact(0.31, "hidden_share"), fact(0.3, "hidden_share"), "+1.0 points"),
        (fact(date(2026, 11, 3)), fact(date(2026, 11, 1)), "+2 days"),
        (fact(date(2026, 11, 1)), fact(date(2026, 11, 2)), "-1 days"),
        (fact(datetime(2026, 11, 2, tzinfo=UTC)), fact(datetime(2026, 11, 1, 23, tzinfo=UTC)), "+1 day"),
        (fact("0.1.0"), fact("0.1.0"), "the same"),
        (fact("0.2.0"), fact("0.1.0"), "another"),
    ],
)
def test_a_difference_is_this_file_minus_the_other(here: Fact, there: Fact, shown: str) -> None:
    """A number, points of percent or days; nothing if one is not known."""
    assert difference(here, there) == shown


def test_another_file_is_compared(published: Path, tmp_path: Path) -> None:
    """A copy without a video has one video less, and the page names nobody."""
    now, other = tmp_path / "now.duckdb", tmp_path / "earlier copy.duckdb"
    for file in (now, other):
        shutil.copyfile(published, file)
        with duckdb.connect(file) as connection:
            connection.execute("update core.found_videos set is_current = true")
            if file == other:
                lost = "select min(video_id) from core.found_videos"
                connection.execute(f"delete from core.found_videos where video_id = ({lost})")

    html = compare(now, other, tmp_path)

    cells = re.search(r'<tr data-fact="videos">.*?</details></td>(.*?)</tr>', html, re.DOTALL)
    assert cells
    assert re.findall(r">([^<]+)</td>", cells[1]) == ["52", "51", "+1"]
    assert "earlier copy.duckdb" in html
    assert not re.search(r"creator_\d|<script", html)


def test_a_data_dir_is_its_published_file(published: Path, tmp_path: Path) -> None:
    """Another study is named by its folder."""
    (tmp_path / "other").mkdir()
    shutil.copyfile(published, tmp_path / "other" / "warehouse.duckdb")

    assert "Comparison of two published files" in compare(published, tmp_path / "other", tmp_path)


def _no_file(_: Path, folder: Path) -> Path:
    return folder / "nothing.duckdb"


def _a_text(_: Path, folder: Path) -> Path:
    (folder / "a.duckdb").write_text("this is no database at all")
    return folder / "a.duckdb"


def _another_database(_: Path, folder: Path) -> Path:
    with duckdb.connect(folder / "theirs.duckdb") as connection:
        connection.execute("create table t (n int)")
    return folder / "theirs.duckdb"


def _an_older_file(published: Path, folder: Path) -> Path:
    shutil.copyfile(published, folder / "older.duckdb")
    with duckdb.connect(folder / "older.duckdb") as connection:
        connection.execute("alter table ops.publish_info drop column api_base_url")
    return folder / "older.duckdb"


def _a_file_without_a_table(published: Path, folder: Path) -> Path:
    shutil.copyfile(published, folder / "lacks.duckdb")
    with duckdb.connect(folder / "lacks.duckdb") as connection:
        connection.execute("drop table ops.look_coverage")
    return folder / "lacks.duckdb"


def _a_damaged_file(published: Path, folder: Path) -> Path:
    content = published.read_bytes()
    (folder / "damaged.duckdb").write_bytes(content[:4096] + bytes(8192) + content[12_288 : len(content) // 3])
    return folder / "damaged.duckdb"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_no_file, "does not exist: name a published file or a data dir."),
        (_a_text, "is not a published file of tt_pipeline: it is no DuckDB database."),
        (_another_database, "lacks tables that a comparison needs"),
        (_an_older_file, "an older version of tt_pipeline published it"),
        (_a_file_without_a_table, "lacks tables that a comparison needs"),
        (_a_damaged_file, "is damaged: DuckDB cannot read it."),
        (lambda published, _: published, "is the published file itself: name another one."),
        (lambda published, _: published.parent, "is the published file itself: name another one."),
        (lambda _, folder: folder, "has no warehouse.duckdb: name a published file or a data dir."),
        (lambda *_: "2026-11-01", "is a day, and no earlier published file is kept: name a copy of warehouse.duckdb"),
    ],
)
def test_what_is_no_other_published_file_is_one_sentence(make: Any, says: str, published: Path, tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(UsageError) as refused:
        compare(published, make(published, tmp_path), tmp_path)

    assert says in f"{refused.value}"
    assert "\n" not in f"{refused.value}"
    assert not (tmp_path / "comparison.html").exists()
