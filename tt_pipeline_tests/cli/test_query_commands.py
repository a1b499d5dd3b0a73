"""Output of `tt sql` and `tt describe`."""

from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from tt_pipeline.cli import main
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.warehouse.catalog import TABLES

VIDEO_ID = 7_696_688_856_609_475_842
WORDS = "Klimastreik heute um zwölf in vielen Städten " * 9


@pytest.fixture(autouse=True)
def project() -> None:
    """The current folder has a project, in which nothing is published yet."""
    Path("data").mkdir()
    Path("data", "study.yaml").touch()


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def shown(frame: pl.DataFrame) -> list[str]:
    """The lines on a screen of 80 characters."""
    screen = Console(width=80, file=StringIO(), force_terminal=True, color_system=None)
    show_frame(frame, screen=screen)
    assert isinstance(screen.file, StringIO)
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_long_text_is_cut_before_a_name_a_number_or_an_id() -> None:
    """If columns do not fit, texts with blanks and lists are cut, down to the width of their names."""
    frame = pl.DataFrame({"video_id": [VIDEO_ID], "region_code": ["DE"], "description": [WORDS], "tags": [["heat"]]})

    head, _, row, *_ = shown(frame)

    assert [name.strip() for name in head.split("┃")] == frame.columns
    assert [cell.strip() for cell in row.split("│")] == [
        str(VIDEO_ID),
        "DE",
        "Klimastreik heute um zwölf in…",
        "['heat']",
    ]


def test_a_row_without_room_is_a_record() -> None:
    """If a name, a number or an id would be cut, every field has its own line."""
    frame = pl.DataFrame(
        {"video_id": [VIDEO_ID], "music_id": [VIDEO_ID], "username": ["tagesschau_live"], "video_description": [WORDS]}
    )

    assert shown(frame) == [
        f"         video_id  {VIDEO_ID}",
        f"         music_id  {VIDEO_ID}",
        "         username  tagesschau_live",
        f"video_description  {WORDS.strip()}",
        "",
        "1 row",
    ]


def test_a_wide_row_in_a_pipe_is_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty columns have no room for their names, even without an edge of the screen."""
    show_frame(pl.DataFrame({f"column_{number:02}": [number] for number in range(60)}))

    lines = capsys.readouterr().out.splitlines()

    assert (lines[0], lines[59], lines[-1]) == ("column_00  0", "column_59  59", "1 row")


def test_a_narrow_row_in_a_pipe_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that fit are a table."""
    show_frame(pl.DataFrame({"video_id": [VIDEO_ID], "text": [WORDS * 2]}))

    assert len(capsys.readouterr().out.splitlines()) == 4


def test_several_queries_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """All answers but one would be lost."""
    assert output_of(capsys, "sql", "select 1; select 2") == (
        2,
        "These are 2 queries, but `tt sql` runs one at a time; run it once for each.\n",
    )


@pytest.mark.parametrize("query", ["select 1;", "set threads = 1; select 1", "pivot (select 1 as x) on x", "selec"])
def test_one_query_is_accepted(capsys: pytest.CaptureFixture[str], query: str) -> None:
    """Settings before it, a pivot (two for DuckDB) and a typing error are passed to DuckDB."""
    assert "does not exist yet" in output_of(capsys, "sql", query)[1]


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ("copy (select 1) to 'x.csv'", "`tt export --sql"),
        ("export database 'x'", "`tt export --sql"),
        ("show tables;", "`tt describe` lists them"),
    ],
)
def test_what_is_not_a_query_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, query: str, remedy: str
) -> None:
    """Nothing is written, and the message has the right command."""
    code, output = output_of(capsys, "sql", query)
    assert (code, remedy in output, list(tmp_path.iterdir())) == (2, True, [tmp_path / "data"])


@pytest.mark.parametrize("query", ["-- Grain: a day\nselect 1", "--a day\nselect 1", "/* a day */ select 1"])
def test_a_query_may_begin_with_a_comment(capsys: pytest.CaptureFixture[str], query: str) -> None:
    """A leading -- is not read as an option, and a misspelt option is not read as a query."""
    assert "does not exist yet" in output_of(capsys, "sql", query)[1]
    assert "does not exist yet" in output_of(capsys, "export", "--sql", query)[1]
    assert "No such option: --cvs" in output_of(capsys, "sql", "select 1", "--cvs")[1]


def test_a_schema_lists_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """`tt describe marts` prints grain and meaning of each table."""
    code, output = output_of(capsys, "describe", "marts")

    videos = TABLES["marts.videos"]
    assert (code, output.splitlines()[0]) == (0, f"marts.videos: {videos.grain}. {videos.meaning}")
    assert {line.partition(".")[0] for line in output.splitlines()} == {"marts"}


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("videos", "marts.videos"),
        ("core.videos", "core.videos"),
        ("loads", "ops.loads"),
        ("VIDEOS", "marts.videos"),
        ("Core.Videos", "core.videos"),
    ],
)
def test_a_bare_name_means_the_table_for_analysts(capsys: pytest.CaptureFixture[str], name: str, begins: str) -> None:
    """`videos` is marts.videos, not core.videos."""
    code, output = output_of(capsys, "describe", name)

    assert (code, output.splitlines()[0]) == (0, begins)


def test_a_misspelt_table_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    """The message has the nearest name."""
    assert output_of(capsys, "describe", "vidos") == (
        2,
        "No table is called 'vidos'; `tt describe` lists them. Did you mean videos?\n",
    )


def test_printed_csv_contains_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """As in an export, texts and lists of texts get an apostrophe; numbers and lists of numbers do not."""
    show_frame(pl.DataFrame({"a": ["x;=1", None], "b": [["-y"], []], "c": [-1, 2], "d": [[-1, -2], []]}), as_csv=True)

    assert capsys.readouterr().out == 'a,b,c,d\nx;\'=1,\'-y,-1,-1 -2\n,"",2,""\n'
