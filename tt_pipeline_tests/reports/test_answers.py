"""Every type that DuckDB can return is shown and exported."""

import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tt_pipeline.cli.tables import Layout, show_frame
from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import first_rows_published, query_published
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.newest

NAMES = [name for name, *_ in duckdb.execute("describe from test_all_types()").fetchall()]
# Their least and greatest values lie outside Python's calendar, which CSV and Parquet cannot hold either.
INSTANTS = [f'select "{name}" from test_all_types()' for name in NAMES if name.startswith(("date", "timestamp"))]
KINDS = [  # a hugeint can be more than polars knows
    *(f'select "{name}" from test_all_types()' for name in NAMES if not name.startswith(("date", "timestamp", "huge"))),
    "select date '2026-10-02' as x",
    "select timestamp_s '2026-10-02' as x",
    "select [timestamptz '2026-10-02'] as x",
    "select [interval 1 day] as x",
    "select {'a': interval 1 day} as x",
    "select map {'a': interval 1 day} as x",
]


def test_an_interval_is_text(published: Path) -> None:
    """An interval has DuckDB's words; a number in the same row stays a number, and names stay the same."""
    answer = query_published(published, 'select interval 34 days as "the ""age""", 1 as n')
    assert answer.equals(pl.DataFrame({'the "age"': ["34 days"], "n": [1]}, schema_overrides={"n": pl.Int32}))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("'infinity'::date", "infinity"),
        ("'-infinity'::timestamptz", "-infinity"),
        ("timestamp '2026-01-01' + to_years(9000)", "11026-01-01 00:00:00"),
        ("date '0001-01-01' - 1", "0001-12-31 (BC)"),
        ("['infinity'::date]", "[infinity]"),
    ],
)
def test_an_instant_that_python_does_not_know_is_text(published: Path, value: str, words: str) -> None:
    """A query may compute one; the column then has DuckDB's words for every row."""
    answer = query_published(published, f"select {value} as x, 1 as n")
    assert answer.equals(pl.DataFrame({"x": [words], "n": [1]}, schema_overrides={"n": pl.Int32}))


def test_the_first_rows_are_shown_and_the_others_counted(published: Path) -> None:
    """Repeated names differ, and infinite days are words."""
    question = "select 1 as a, 'infinity'::date as a, interval 2 days as b from range(5)"
    found = first_rows_published(published, question, most=2)
    assert ([column.name for column in found.columns], found.height) == (["a", "a_1", "b"], 5)
    assert [row[1:] for row in found.rows] == [("infinity", "2 days")] * 2


@pytest.mark.parametrize("question", [*KINDS, *INSTANTS])
def test_the_first_rows_have_a_value_of_every_type(published: Path, question: str) -> None:
    """What a frame can have, the screen can show without one."""
    frame = query_published(published, question)
    found = first_rows_published(published, question, most=100)
    assert ([column.name for column in found.columns], found.height) == (frame.columns, frame.height)


@pytest.mark.parametrize("question", [*KINDS, *INSTANTS])
def test_every_type_is_shown(published: Path, question: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every type is shown as a table and as CSV."""
    answer = query_published(published, question)
    show_frame(answer)
    show_frame(answer, layout=Layout.CSV)
    assert answer.columns[0] in capsys.readouterr().out


@pytest.mark.parametrize("format_", [ExportFormat.CSV, ExportFormat.PARQUET])
@pytest.mark.parametrize("question", KINDS)
def test_every_type_is_exported(published: Path, tmp_path: Path, question: str, format_: ExportFormat) -> None:
    """Every type is exported into a file that polars reads."""
    export_query(published, question, tmp_path / "x", Shape(format=format_, created=CLOCK.now()))
    path = tmp_path / "x" / f"answer.{format_}"
    back = pl.read_csv(path, infer_schema=False) if format_ is ExportFormat.CSV else pl.read_parquet(path)
    with duckdb.connect() as connection:
        assert [(back.height,)] == connection.execute(f"select count(*) from ({question})").fetchall()


def test_a_pipe_in_place_of_the_published_file_is_not_opened(tmp_path: Path) -> None:
    """Whoever opens one waits for ever."""
    os.mkfifo(tmp_path / "warehouse.duckdb")
    with pytest.raises(UsageError, match="not a regular file"):
        query_published(tmp_path / "warehouse.duckdb", "select 1")
