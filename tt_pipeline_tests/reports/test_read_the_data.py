"""The code blocks of docs/read-the-data.md read exactly what is in the warehouse."""

import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.reports.conftest import publish_small

pytestmark = pytest.mark.filterwarnings("ignore:1 videos were created more than a day away")

PAGE = (Path(__file__).parents[2] / "docs" / "read-the-data.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced blocks of the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data` in it, in which the commands of the page were run."""
    folder = tmp_path_factory.mktemp("session")
    publish_small(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in "".join(blocks("sh")).splitlines():
            assert run(*line.split()[1:]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_the_session(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(session)


def stored(sql: str) -> list[Any]:
    """The rows that the warehouse returns."""
    with duckdb.connect("data/warehouse.duckdb", read_only=True) as warehouse:
        return warehouse.execute(sql).fetchall()


@pytest.mark.parametrize("snippet", blocks("python"), ids=lambda snippet: snippet.split("\n", 1)[0])
def test_python_reads_what_is_there(snippet: str) -> None:
    """Ids of videos and comments are equal digit by digit, and instants are instants."""
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 — our own page
    assert sorted(names["videos"]["video_id"]) == [
        row[0] for row in stored("select video_id from marts.videos order by 1")
    ]
    if "comments" in names:
        comments = names["comments"]
        (expected,) = stored("select comment_id, video_id, parent_comment_id, epoch(created_at) from marts.comments")
        assert tuple(comments[column][0] for column in ("comment_id", "video_id", "parent_comment_id")) == expected[:3]
        assert comments["created_at"][0].timestamp() == expected[3]
        assert len(names["commented"]) == 1


@pytest.mark.parametrize("query", blocks("sql"), ids=lambda query: query.split("\n", 1)[0])
def test_sql_reads_what_is_there(query: str) -> None:
    """Every query returns rows, and ids are those of the warehouse."""
    with duckdb.connect() as connection:
        answer = connection.sql(query).pl()
    assert answer.height > 0
    if "video_id" in answer.columns:
        assert set(answer["video_id"]) <= {row[0] for row in stored("select video_id from marts.videos")}


def test_the_weights_add_up_to_what_was_found() -> None:
    """The page's estimate counts every video that a search found."""
    (estimate,) = [query for query in blocks("sql") if "inclusion_probability" in query]
    found = stored("select count(distinct video_id) from core.search_hits")[0][0]
    with duckdb.connect() as connection:
        assert connection.sql(estimate).pl()["videos"].sum() == pytest.approx(found)


def test_a_float_would_change_the_id_that_the_page_names() -> None:
    """The page's example of a changed id is true."""
    text, rounded = re.findall(r"`(\d{19})` becomes `(\d{19})`", PAGE)[0]
    assert f"{float(text):.0f}" == rounded != text


def test_a_reader_without_options_changes_ids() -> None:
    """Missing values turn integer ids into floats; the page's options prevent that."""
    careless = pl.Series([int(stored("select max(video_id) from marts.videos")[0][0]), None]).cast(pl.Float64)
    assert int(careless[0]) != int(stored("select max(video_id) from marts.videos")[0][0])
