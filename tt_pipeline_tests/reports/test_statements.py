"""Attacks on `tt sql`: no SQL writes a file, and none reads another file than the published one."""

import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports.answers import query_published
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline_tests.reports.sql_attacks import ATTACKS, SECRET
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.newest


@pytest.fixture(scope="module")
def target(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file next to a file that no query may read."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "secret.txt").write_text(f"text\n{SECRET}\n")
    return Path(shutil.copy(published, folder / "warehouse.duckdb"))


def state(folder: Path) -> dict[str, str]:
    """The files of a folder and their contents."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def attempt(sql: str, target: Path) -> str:
    """What the SQL shows, an error included."""
    variable_of_ours = pl.DataFrame({"a": [SECRET]})
    names = {
        "file": target,
        "folder": target.parent,
        "secret": target.parent / "secret.txt",
        "out": target.parent / "o",
    }
    try:
        answer = query_published(target, sql.format(**names))
    except TtPipelineError as error:
        return str(error)
    return f"{variable_of_ours.height} {answer.rows()}"


@pytest.mark.parametrize("sql", ATTACKS)
def test_no_statement_reads_or_writes_outside_the_published_file(sql: str, target: Path) -> None:
    """No file is changed or created, and no content of another file is shown."""
    before = state(target.parent)

    shown = attempt(sql, target)

    assert SECRET not in shown
    assert "root:" not in shown
    assert state(target.parent) == before


@pytest.mark.parametrize(
    "sql",
    [
        "from read_text('{secret}')",
        "select 1); copy (select 1) to '{out}'; from (select 1",
        "copy (select 1) to '{out}'",
        "pivot (from read_csv('{secret}')) on text",
        "select 1; select 2",
        "with gone as (delete from core.videos returning 1) from gone",
    ],
)
def test_no_exported_query_reads_or_writes_elsewhere(sql: str, target: Path, tmp_path: Path) -> None:
    """`tt export --sql` writes only its own folder, and only for a query of the published file."""
    before = state(target.parent)
    names = {"secret": target.parent / "secret.txt", "out": target.parent / "o"}

    with pytest.raises(TtPipelineError):
        export_query(target, sql.format(**names), tmp_path / "x", Shape(format=ExportFormat.CSV, created=CLOCK.now()))

    assert state(target.parent) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("set timezone = 'Europe/Berlin'; select hour(timestamptz '2026-01-01 00:00:00+00') as x", 1),
        ("set threads to 2; set default_order = 'desc'; from (values (1), (2)) as t(x) order by x limit 1", 2),
        ("create temp table x as select 3 as x; from x", 3),
        ("pivot (select 1 as x) on x using sum(x)", 1),
        ("-- a comment\npivot (select 1 as x) on x using sum(x)", 1),
        ("with x as (select 4 as x) from x", 4),
        ("(select 5 as x)", 5),
        ("-- a comment\nselect 6 as x", 6),
    ],
)
def test_what_a_query_needs_is_allowed(sql: str, answer: int, target: Path) -> None:
    """Harmless settings, temporary tables, pivots and comments are allowed before and in a query."""
    assert query_published(target, sql).item() == answer


@pytest.mark.parametrize("sql", ["explain from marts.videos", "EXPLAIN ANALYZE select 1", "describe marts.videos"])
def test_a_query_is_explained(sql: str, target: Path) -> None:
    """EXPLAIN and DESCRIBE are allowed."""
    assert query_published(target, sql).height
