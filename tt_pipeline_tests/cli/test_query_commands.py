"""Output of `tt sql` and `tt describe`."""

from io import StringIO
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from rich.console import Console

from tt_pipeline.cli import main
from tt_pipeline.cli.dot_commands import OF_TABLES, explained
from tt_pipeline.cli.tables import Layout, show_frame
from tt_pipeline.data_dir import DataDir
from tt_pipeline.vocabulary import CommentStatus
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video

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


def shown(frame: pl.DataFrame, layout: Layout = Layout.TABLE) -> list[str]:
    """The lines on a screen of 80 characters."""
    screen = Console(width=80, file=StringIO(), force_terminal=True, color_system=None)
    show_frame(frame, layout=layout, remedy="--wide shows more.", screen=screen)
    assert isinstance(screen.file, StringIO)
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_long_text_is_cut_before_a_name_a_number_or_an_id() -> None:
    """If columns do not fit, texts with blanks and lists are cut, down to the width of their names."""
    frame = pl.DataFrame({"video_id": [VIDEO_ID], "region_code": ["DE"], "description": [WORDS], "tags": [["heat"]]})

    assert shown(frame) == [
        "           video_id  region_code  description                           tags",
        "───────────────────  ───────────  ────────────────────────────────────  ────────",
        f"{VIDEO_ID}  DE           Klimastreik heute um zwölf in viele…  ['heat']",
        "1 row",
        "Values that end in … are cut. --wide shows more.",
    ]


def test_a_fingerprint_or_link_is_cut_and_an_id_is_not() -> None:
    """The first eight digits of a fingerprint remain; an id in text is as whole as one in numbers."""
    frame = pl.DataFrame({"fingerprint": ["a1" * 32] * 2, "id": [str(VIDEO_ID)] * 2, "note": ["x" * 30] * 2})

    assert shown(frame)[2] == f"{'a1' * 13}…  {VIDEO_ID}  {'x' * 30}"


def test_columns_without_room_are_named() -> None:
    """The first columns that fit are shown, and the others are counted and named as far as there is room."""
    frame = pl.DataFrame({f"column_{number:02}": [number, number] for number in range(20)})

    assert shown(frame) == [
        "  ".join(f"column_{number:02}" for number in range(7)),
        "  ".join(["─────────"] * 7),
        *["  ".join(f"{number:>9}" for number in range(7))] * 2,
        "2 rows",
        "13 of 20 columns are not shown (column_07, column_08, column_09, column_10,",
        "column_11, column_12, column_13, …). --wide shows more.",
    ]


def test_ids_names_days_and_counts_come_before_fingerprints_and_long_texts() -> None:
    """A narrow screen shows what identifies a row and what was counted, in the order of the answer."""
    frame = pl.DataFrame(
        {
            "video_id": [VIDEO_ID] * 2,
            "fingerprint": ["a1" * 32] * 2,
            "load_id": ["comments/2026-10-01/abcdef"] * 2,
            "description": [WORDS] * 2,
            "is_reply": [True, False],
            "created_date": ["2026-10-01"] * 2,
            "view_count": [1, 2],
            "username": ["tagesschau_live"] * 2,
        }
    )

    assert shown(frame)[0].split() == ["video_id", "is_reply", "created_date", "view_count", "username"]
    assert shown(frame)[-2:] == [
        "3 of 8 columns are not shown (fingerprint, load_id, description). --wide shows",
        "more.",
    ]


def test_a_row_without_room_is_a_record() -> None:
    """If a single row does not fit, every field has its own line, and long texts are broken between words."""
    frame = pl.DataFrame(
        {
            "video_id": [VIDEO_ID],
            "music_id": [VIDEO_ID],
            "username": ["tagesschau_live"],
            "stitched_id": [VIDEO_ID],
            "text": [WORDS[:60]],
        }
    )

    assert shown(frame) == [
        f"   video_id  {VIDEO_ID}",
        f"   music_id  {VIDEO_ID}",
        "   username  tagesschau_live",
        f"stitched_id  {VIDEO_ID}",
        "       text  Klimastreik heute um zwölf in vielen Städten Klimastreik heu",
        "",
        "1 row",
    ]


def test_records_show_every_value_on_a_line() -> None:
    """--records never leaves a column out."""
    frame = pl.DataFrame({"a": [1, 2], "longer": ["x", None]})

    records = ["     a  1", "longer  x", "", "     a  2", "longer  NULL", ""]
    assert shown(frame, layout=Layout.RECORDS) == [*records, "2 rows"]


def test_a_wide_table_and_a_pipe_show_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty columns and long texts are whole, one line for each row; a line end in a value is a blank."""
    frame = pl.DataFrame({f"column_{number:02}": [number] for number in range(60)} | {"text": [WORDS + "\nend"]})
    show_frame(frame)

    head, _, row, count = capsys.readouterr().out.splitlines()
    assert (head.split(), count) == (frame.columns, "1 row")
    assert row.split() == [*map(str, range(60)), *WORDS.split(), "end"]
    assert shown(frame, layout=Layout.WIDE)[2] == row


def test_nothing_found_still_has_its_columns() -> None:
    """An answer without rows shows the names of its columns."""
    assert shown(pl.DataFrame({"a": [], "b": []}, schema={"a": pl.Int64, "b": pl.String})) == ["a  b", "─  ─", "0 rows"]


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
        (".table", ".tables          lists the tables"),
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
        "No table is called 'vidos'; `tt describe` lists them. Did you mean marts.videos?\n",
    )


def test_what_a_failed_check_found_stands_below_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`tt describe` and `tt sql` name it on stderr, of the tables that it concerns alone; CSV stays clean."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "IN", "field_values": ["DE"]}]}}
    writer_file, published = tmp_path / "writer.duckdb", DataDir(Path("data")).published
    load(writer_file, [land(tmp_path, [page(video(1), video(2, region_code="FR"), request=german)])])
    publish_file(writer_file, published, CLOCK)
    failed = "A check failed: 50 % of climate does not fit its query: 1 of 2 videos.\n"

    assert output_of(capsys, "describe", "daily_volume")[1].endswith(failed)
    assert output_of(capsys, "sql", "select count(*) from MARTS.daily_volume", "--csv") == (
        0,
        f"count_star()\n1\n{failed}",
    )
    assert failed not in output_of(capsys, "describe", "attrition")[1]
    assert failed not in output_of(capsys, "sql", "from marts.attrition")[1]


def test_printed_csv_contains_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """As in an export, texts and lists of texts get an apostrophe; numbers and lists of numbers do not."""
    show_frame(
        pl.DataFrame({"a": ["x;=1", None], "b": [["-y"], []], "c": [-1, 2], "d": [[-1, -2], []]}), layout=Layout.CSV
    )

    assert capsys.readouterr().out == 'a,b,c,d\nx;\'=1,\'-y,-1,-1 -2\n,"",2,""\n'


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A published warehouse with one video, in the data dir of the settings."""
    files = DataDir(tmp_path / "data")
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    monkeypatch.setenv("TT_DATA_DIR", str(files.root))
    monkeypatch.chdir(tmp_path)
    return files.published


ONE: Final = (0, "x\n─\n1\n1 row\n")


def test_a_query_comes_from_a_file(published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """-f reads it, also with a byte order mark and comments."""
    assert published.exists()
    (tmp_path / "q.sql").write_text("\ufeff-- one\nselect 1 as x;\n", encoding="utf-8")

    assert output_of(capsys, "sql", "-f", "q.sql") == ONE


@pytest.mark.parametrize("words", [["sql"], ["sql", "-"], ["sql", "-f", "-"]], ids=" ".join)
def test_a_query_comes_from_stdin(
    published: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tt sql < q.sql` reads it, and so does `-`."""
    assert published.exists()
    monkeypatch.setattr("sys.stdin", StringIO("select 1 as x"))

    assert output_of(capsys, *words) == ONE


ONLY_READS: Final = (
    "`tt sql` only reads: {} is not a query. To change a table, copy it into a DuckDB file of your own.\n"
)
MISTAKES: Final[list[tuple[list[str], str]]] = [
    (["-f", "no.sql"], "no.sql cannot be read (No such file or directory); no query was run.\n"),
    (["-f", "bad.sql"], "bad.sql cannot be read (it is not text in UTF-8); no query was run.\n"),
    (["-f", "."], ". cannot be read (Is a directory); no query was run.\n"),
    (
        ["select 1", "-f", "no.sql"],
        "There are two queries: the file no.sql and the one after `tt sql`. Leave one of them out.\n",
    ),
    (["from", "marts.videos"], 'Write the query in quotes: `tt sql "from marts.videos limit 5"`.\n'),
    (["select 1", "--csv", "--wide"], "Choose one of --csv, --wide and --records.\n"),
    ([], 'The query is empty; write one, for example `tt sql "from marts.videos limit 5"`.\n'),
    (
        [".nothing"],
        f".nothing is not a command. There are:\n{explained(OF_TABLES)}\n",
    ),
    ([".schema vidos"], "No table is called 'vidos'; `tt describe` lists them. Did you mean marts.videos?\n"),
    (["from marts.video"], "There is no table marts.video. Did you mean marts.videos? `tt sql .tables` lists them.\n"),
    (["from videos"], "There is no table videos. Did you mean marts.videos? `tt sql .tables` lists them.\n"),
    (["from mart.loads"], "There is no table mart.loads. Did you mean ops.loads? `tt sql .tables` lists them.\n"),
    (
        ['from "marts.videos"'],
        "There is no table marts.videos. Did you mean marts.videos, without quotes? `tt sql .tables` lists them.\n",
    ),
    (["delete from core.videos"], ONLY_READS.format("DELETE")),
    (["update core.videos set username = 'x'"], ONLY_READS.format("UPDATE")),
    (["create table x (y int)"], ONLY_READS.format("CREATE")),
    (["vacuum"], ONLY_READS.format("VACUUM")),
    (["from qqqqqq"], "There is no table qqqqqq. `tt sql .tables` lists them.\n"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words) for words, _ in MISTAKES])
def test_a_mistake_is_named_with_the_remedy(
    published: Path,
    tmp_path: Path,
    words: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each ends with exit code 2 and one message."""
    assert published.exists()
    (tmp_path / "bad.sql").write_bytes(b"select '\xff'")
    monkeypatch.setattr("sys.stdin", StringIO())

    assert output_of(capsys, "sql", *words) == (2, message)


@pytest.mark.parametrize("words", [[".tables"], ["show tables;"], [".tables", "marts"]], ids=" ".join)
def test_the_tables_are_listed(published: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Those for analysts come first, each with what a row is."""
    assert published.exists()
    code, output = output_of(capsys, "sql", *words)

    names = [line.split()[0] for line in output.splitlines() if line]
    wanted = [name for name in TABLES if name.startswith("marts.")]
    others = [name for schema in ("core.", "ops.") for name in TABLES if name.startswith(schema)]
    expected = wanted if "marts" in words else wanted + others
    assert (code, names) == (0, expected)
    assert output.startswith("marts.videos ")


def test_the_columns_of_a_table_are_listed(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`.schema` with a name, with or without its schema, has the types of the published file."""
    assert published.exists()
    listed = "marts.looks\n" + "".join(
        f"  {column.name:<{max(map(len, TABLES['marts.looks'].column_names))}}  "
        f"{column.type.value.replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ')}\n"
        for column in TABLES["marts.looks"].columns
    )

    assert output_of(capsys, "sql", ".schema looks") == (0, listed)
    assert output_of(capsys, "sql", ".schema", "marts.looks") == (0, listed)


def test_every_table_is_listed_with_what_a_row_is(capsys: pytest.CaptureFixture[str]) -> None:
    """`tt describe` has one line for each table, and says how to learn more."""
    code, output = output_of(capsys, "describe")

    *listed, _, hint = output.splitlines()
    assert (code, {line.split()[0] for line in listed if line}) == (0, set(TABLES))
    assert "`tt describe marts.videos`" in hint


def test_columns_that_the_study_does_not_request_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """`tt describe` says that NULL there means nothing, of the tables that have such a column alone."""
    rules = "privacy: {avatars: false, omit_fields: [voice_to_text]}"
    Path("data", "study.yaml").write_text(f"{HEAD}{SEARCHES}{rules}\n")
    left_out = "The study does not request avatar_url (privacy), so NULL there says nothing.\n"

    assert output_of(capsys, "describe", "core.users")[1].endswith(left_out)
    assert "(privacy)" not in output_of(capsys, "describe", "core.comments")[1]

    Path("data", "study.yaml").write_text(f"{HEAD}{SEARCHES}privacy: {{profiles: false}}\n")
    assert (
        "does not request display_name, bio_description, bio_url, avatar_url, is_verified, follower_count"
        in (output_of(capsys, "describe", "core.users")[1])
    )


def test_the_catalog_is_a_ddi_codebook(capsys: pytest.CaptureFixture[str]) -> None:
    """Valid XML with a file for each table, and a variable for each column with meaning and categories."""
    space = {"d": "ddi:codebook:2_5"}
    whole = ET.fromstring(output_of(capsys, "describe", "--ddi")[1])  # noqa: S314 — our own output
    assert len(whole.findall("d:fileDscr", space)) == len(TABLES)
    assert len(whole.findall("d:dataDscr/d:var", space)) == sum(len(table.columns) for table in TABLES.values())

    one = ET.fromstring(output_of(capsys, "describe", "marts.videos", "--ddi")[1])  # noqa: S314 — our own output
    (status,) = one.findall("d:dataDscr/d:var[@name='comment_status']", space)
    assert [each.tag.partition("}")[2] for each in status][:2] == ["labl", "txt"]
    assert {value.text for value in status.findall("d:catgry/d:catValu", space)} == set(map(str, CommentStatus))
    (username,) = one.findall("d:dataDscr/d:var[@name='username']", space)
    assert username.findtext("d:security", "", space) == "Privacy class: identifying"
