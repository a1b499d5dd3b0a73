"""Exports have the values of the warehouse, in every program that reads them."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.errors import ExportFailed, UsageError
from tt_pipeline.reports.exports.column_formats import ColumnFormat, neutral
from tt_pipeline.reports.exports.names import LONGEST, safe_names
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.failing_disks import SyncedDisk
from tt_pipeline_tests.reports.conftest import EDGE, nasty_ids
from tt_pipeline_tests.warehouse.builders import CLOCK, snowflake

pytestmark = pytest.mark.newest

CSV = Shape(format=ExportFormat.CSV, created=CLOCK.now(), base_url="http://127.0.0.1:1")
PARQUET = Shape(format=ExportFormat.PARQUET, created=CLOCK.now())
SIGNS = "=+@\\-\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
CONTROLS = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
SKIPPED = f"'\" \u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff{CONTROLS}"
INSERTED = (("^'('*[\t\r\n])", r"\1"), (f"(^|[;\t\r\n])'([{SKIPPED}]*[{SIGNS}])", r"\1\2"))
"""What `neutral` inserts, and how it is removed: patterns and replacements, in this order."""
ODD_TEXTS = st.text(alphabet="'\"=+-@;,\t\r\n\uff1d\u200b\u00a0a1 ", max_size=8)


def restored(text: str) -> str:
    """The text before `neutral`."""
    for pattern, replacement in INSERTED:
        text = re.sub(pattern, replacement, text)
    return text


LOCAL = Shape(format=ExportFormat.CSV, created=CLOCK.now(), zone="Europe/Berlin")
EXCEL = Shape(format=ExportFormat.CSV, created=CLOCK.now(), for_excel=True)


def cells_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as any program reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def package_of(folder: Path) -> dict[str, Any]:
    """The Data Package of an export."""
    read: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return read


def test_every_table_is_the_same_in_parquet(published: Path, tmp_path: Path) -> None:
    """All tables of all schemas: the same rows and types, but ids as text."""
    exported = export_tables(published, ["core", "ops", "marts"], tmp_path / "all", PARQUET)
    assert {file.resource["name"] for file in exported.files} == set(TABLES)
    with open_published(published) as reader:
        for name, table in TABLES.items():
            there = reader.sql(f"select * from {name} order by {', '.join(table.keys)}").pl()
            ids = [column for column in there.columns if column == "id" or column.endswith("_id")]
            back = pl.read_parquet(tmp_path / "all" / f"{name}.parquet")
            assert back.equals(there.with_columns(pl.col(ids).cast(pl.String))), name


def test_every_table_is_the_same_in_csv_with_its_schema(published: Path, tmp_path: Path) -> None:
    """Read with the Data Package's types and without apostrophes, every value is that of the warehouse."""
    export_tables(published, ["core", "ops", "marts"], tmp_path / "all", CSV)
    with duckdb.connect() as connection, open_published(published) as reader:
        connection.execute("set timezone = 'UTC'")
        for name, table in TABLES.items():
            there = reader.sql(f"select * from {name} order by {', '.join(table.keys)}").pl()
            kinds = {column.name: column.type.value for column in table.columns}
            file = tmp_path / "all" / f"{name}.csv"
            connection.execute(f"create or replace table back as select * from read_csv('{file}', columns={kinds})")
            for column, kind in kinds.items():
                if kind == "VARCHAR" and not column.endswith("_id"):
                    for pattern, replacement in INSERTED:
                        undo = f"regexp_replace({column}, $pattern, $replacement, 'g')"
                        values = {"pattern": pattern, "replacement": replacement}
                        connection.execute(f"update back set {column} = {undo}", values)
            # In CSV an empty text is a missing one to this reader.
            texts = pl.selectors.string()
            expected = there.with_columns(pl.when(texts != "").then(texts))
            assert connection.sql("from back").pl().equals(expected), name


def test_no_cell_is_a_formula(published: Path, tmp_path: Path) -> None:
    """Texts that begin like a formula get an apostrophe, others stay; numbers stay numbers."""
    export_query(
        published, "select video_id, description, -1 as loss from marts.videos order by all", tmp_path / "q", CSV
    )
    found = {row["video_id"]: (row["description"], row["loss"]) for row in cells_of(tmp_path / "q" / "answer.csv")}
    for video_id, text in nasty_ids().items():
        begins = text[:1] in set("=+-@\t\r\n") or text.startswith("'=")
        assert found[video_id] == (f"'{text}" if text and begins else text, "-1")


@given(ODD_TEXTS)
def test_removing_one_apostrophe_restores_the_text(text: str) -> None:
    """Removing the inserted apostrophes restores every text."""
    assert restored(neutral(text)) == text


@given(ODD_TEXTS)
def test_no_locale_finds_a_formula_in_a_cell(text: str) -> None:
    """Split at the separator of any locale and without leading blanks, no part begins like a formula."""
    parts = (part.lstrip(' "\u00a0\u200b') for part in re.split("[;\t\r\n]", neutral(text)))
    assert not [part for part in parts if part and part[0] in SIGNS.replace("\\", "")]


CELLS = {
    "after_a_semicolon": ("a;=1+1", "a;'=1+1"),
    "after_a_tab": ("a\t+1", "a\t'+1"),
    "after_a_line_feed": ("a\n-1", "a\n'-1"),
    "after_a_carriage_return": ("a\r@x", "a\r'@x"),
    "after_both": ("a\r\n=1", "a\r\n'=1"),
    "after_a_blank_in_front": ("  =1", "'  =1"),
    "after_a_no_break_space": ("\u00a0=1", "'\u00a0=1"),
    "after_a_byte_order_mark": ("\ufeff=1", "'\ufeff=1"),
    "after_a_zero_width_space": ("a;\u200b=1", "a;'\u200b=1"),
    "after_a_quotation_mark": ('a;"=1', "a;'\"=1"),
    "after_a_vertical_tab": ("\x0b=1", "'\x0b=1"),
    "in_full_width": ("a; \uff1d1", "a;' \uff1d1"),
    "in_small_form": ("\ufe661", "'\ufe661"),
    "a_minus_of_typography": ("\u22121", "'\u22121"),
    "in_every_part": ("=1;=2\t=3", "'=1;'=2\t'=3"),
    "after_a_tab_in_front": ("\t=1", "'\t'=1"),
    "a_text_that_is_a_number": ("-5", "'-5"),
    "a_sign_within_a_word": ("a=b; c-d, =e", "a=b; c-d, =e"),
    "an_address": ("mail@example.org", "mail@example.org"),
}


@pytest.mark.parametrize(("text", "cell"), CELLS.values(), ids=CELLS)
def test_an_apostrophe_is_wherever_a_spreadsheet_would_begin_a_formula(text: str, cell: str) -> None:
    """Separators of other locales and characters that spreadsheets ignore get one; other places do not."""
    assert neutral(text) == cell


@given(ODD_TEXTS)
def test_sql_and_python_agree_about_formulas(text: str) -> None:
    """SQL and Python make the same cell of the same text."""
    column = ColumnFormat(name="x", called="x", type="VARCHAR", is_id=False)
    assert duckdb.execute(f"select {column.csv()} from (select $text as x)", {"text": text}).fetchall() == [
        (neutral(text),)
    ]


LONG = {
    "fits": ("'a'", 32_767, "a" * 32_767),
    "one too many": ("'a'", 32_768, "a" * 32_766 + "…"),
    "emoji fit": ("'\U0001f525'", 16_383, "\U0001f525" * 16_383),
    "emoji": ("'\U0001f525'", 16_384, "\U0001f525" * 16_383 + "…"),
    "formulas": ("';='", 11_000, ";'=" * 10_922 + "…"),
}


@pytest.mark.parametrize(("text", "times", "cell"), LONG.values(), ids=LONG)
def test_a_text_too_long_for_a_cell_of_excel_is_cut(
    published: Path, tmp_path: Path, text: str, times: int, cell: str
) -> None:
    """Excel would continue the text in other cells; the cut is counted, and other exports have the whole text."""
    query = f"select repeat({text}, {times}) as words, null::varchar as missing, 'x' as short, [{text}] as list"
    (excel,) = export_query(published, query, tmp_path / "excel", EXCEL).files
    (plain,) = export_query(published, query, tmp_path / "plain", CSV).files

    (row,), (whole,) = cells_of(tmp_path / "excel" / "answer.csv"), cells_of(tmp_path / "plain" / "answer.csv")
    assert (row["words"], row["missing"], row["short"]) == (cell, "", "x")
    assert len(cell.encode("utf-16-le")) <= 2 * 32_767
    assert excel.cut == ({"words": 1} if cell.endswith("…") else {})
    assert (len(restored(whole["words"])), plain.cut) == (times * len(text.strip("'")), {})


@pytest.mark.parametrize("shape", [CSV, EXCEL], ids=["csv", "excel"])
def test_numbers_stay_numbers(published: Path, tmp_path: Path, shape: Shape) -> None:
    """Negative numbers, alone and in lists, get no apostrophe, because no digit runs as a formula."""
    sql = "select -1 as a, -1.5 as b, -1.5::decimal(4, 2) as c, [-1, -2] as d, [-1.5::decimal(4, 2)] as e, ['-1'] as f"
    export_query(published, sql, tmp_path / "n", shape)
    assert cells_of(tmp_path / "n" / "answer.csv") == [
        {"a": "-1", "b": "-1.5", "c": "-1.50", "d": "-1; -2", "e": "-1.50", "f": "'-1"}
    ]


def test_excel_gets_a_byte_order_mark_and_ids_that_stay_text(published: Path, tmp_path: Path) -> None:
    """Both CSV files begin with the mark, and an apostrophe keeps Excel from rounding an id."""
    export_query(published, f"select video_id from core.videos where video_id = {EDGE}", tmp_path / "x", EXCEL)
    assert (tmp_path / "x" / "answer.csv").read_bytes() == f"\ufeffvideo_id\n'{EDGE}\n".encode()
    assert (tmp_path / "x" / "data-dictionary.csv").read_bytes().startswith(b"\xef\xbb\xbffile,column,")


@pytest.mark.parametrize("shape", [CSV, EXCEL], ids=["csv", "excel"])
def test_a_text_in_a_column_of_ids_is_not_a_formula(published: Path, tmp_path: Path, shape: Shape) -> None:
    """In a column of ids, digits stay as they are and every other text begins with one apostrophe."""
    sql = "select * from (values ('=cmd|calc', '7'), ('abc', '-7')) as found(text_id, id)"
    export_query(published, sql, tmp_path / "f", shape)
    text = (tmp_path / "f" / "answer.csv").read_text(encoding="utf-8-sig")
    number, letters = ("'7", "'abc") if shape.for_excel else ("7", "abc")
    assert text == f"text_id,id\n'=cmd|calc,{number}\n{letters},'-7\n"


def test_ids_are_text_under_any_name(published: Path, tmp_path: Path) -> None:
    """A column with numbers beyond 2^53 is text, also lists of them; small numbers stay numbers."""
    sql = "select max(video_id) as newest, list(video_id) as all_of_them, count(*) as videos, sum(1) from core.videos"
    export_query(published, sql, tmp_path / "p", PARQUET)
    read = pl.read_parquet(tmp_path / "p" / "answer.parquet")
    assert dict(read.schema) == {
        "newest": pl.String(),
        "all_of_them": pl.List(pl.String()),
        "videos": pl.Int64(),
        "sum_1_": pl.Int64(),
    }
    assert read["newest"].to_list() == [str(EDGE)]


def test_lists_are_flattened_in_csv(published: Path, tmp_path: Path) -> None:
    """The entries of a list are in one cell, separated by a semicolon."""
    sql = "select username, list(hashtag_name order by 1) as tags, {'a': 1} as s from core.video_hashtags join core.videos using (video_id) where video_id = $$1$$::bigint or username = 'creator_1' group by 1"  # noqa: E501
    export_query(published, sql, tmp_path / "l", CSV)
    assert cells_of(tmp_path / "l" / "answer.csv") == [
        {"username": "creator_1", "tags": "'=cmd; wildbees", "s": '{"a":1}'}
    ]


def test_the_folder_describes_itself(published: Path, tmp_path: Path) -> None:
    """Checksums match, the dictionary has a line for each column, and the package has key, bytes and hash."""
    folder = tmp_path / "d"
    export_tables(published, ["core.comments", "ops.known_breaks"], folder, CSV)
    lines = (folder / "checksums.sha256").read_text().splitlines()
    sums = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "checksums.sha256"
    }
    columns = [(row["file"], row["column"]) for row in cells_of(folder / "data-dictionary.csv")]
    assert columns == [
        (f"{name}.csv", column)
        for name in ("core.comments", "ops.known_breaks")
        for column in TABLES[name].column_names
    ]
    package = package_of(folder)
    comments = package["resources"][0]
    assert (comments["schema"]["primaryKey"], comments["bytes"], comments["hash"]) == (
        ["comment_id"],
        (folder / "core.comments.csv").stat().st_size,
        f"sha256:{sums['core.comments.csv']}",
    )
    assert comments["schema"]["fields"][0] == {
        "name": "comment_id",
        "type": "string",
        "title": "Comment id",
        "description": TABLES["core.comments"].columns[0].comment,
        "constraints": {"required": True},
        "source": "id",
        "privacy": "linkable",
        "missingValues": [],
    }
    assert package["sources"] == [{"title": "The simulator of tt_pipeline: people and videos are invented"}]
    assert (package["created"], package["warehouse"]["api_base_url"]) == ("2026-11-06T00:00:00Z", "http://127.0.0.1:1")


@pytest.mark.filterwarnings("ignore")  # of a program that is not ours
@pytest.mark.parametrize("shape", cases({"csv": CSV, "excel": EXCEL, "local times": LOCAL}, "local times"))
def test_frictionless_finds_no_error(published: Path, tmp_path: Path, shape: Shape) -> None:
    """The public validator of Data Packages reads every file without an error."""
    folder = tmp_path / "f"
    export_tables(published, ["core", "ops", "marts"], folder, shape)
    ended = subprocess.run(
        ["frictionless", "validate", "datapackage.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert (ended.returncode, "INVALID" in ended.stdout) == (0, False), ended.stdout


def test_the_same_rows_give_the_same_bytes(published: Path, tmp_path: Path) -> None:
    """Two exports of one published file are identical."""
    for name in ("one", "two"):
        export_tables(published, ["marts", "core"], tmp_path / name, PARQUET)
    one, two = ((tmp_path / name / "checksums.sha256").read_text() for name in ("one", "two"))
    assert [line for line in one.splitlines() if ".parquet" in line] == [
        line for line in two.splitlines() if ".parquet" in line
    ]


def test_a_place_that_cannot_be_written_is_named(published: Path, tmp_path: Path) -> None:
    """The message has the reason and the remedy, and no file is left."""
    (tmp_path / "a_file").write_text("")
    with pytest.raises(ExportFailed, match=r"a_file/export could not be written: .*Not a directory.*another folder"):
        export_tables(published, ["marts.videos"], tmp_path / "a_file" / "export", CSV)
    assert [path.name for path in tmp_path.iterdir()] == ["a_file"]


_ON_A_SMALL_DISK = """
import resource, signal, sys
sys.dont_write_bytecode = True  # a compiled module that is cut off would break every later import
from tt_pipeline.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
main(["export", "core", "--format", "csv", "--to", sys.argv[1]])
"""


def test_nothing_is_left_when_the_disk_is_full(published: Path, tmp_path: Path) -> None:
    """A failed export leaves neither its folder nor a hidden one, and the published file is unchanged."""
    before = published.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-c", _ON_A_SMALL_DISK, str(tmp_path / "full")],
        cwd=tmp_path,
        env={**os.environ, "TT_DATA_DIR": str(published.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, "full could not be written" in ended.stderr, "Traceback" in ended.stderr) == (
        *(1, True, False),
    ), ended.stderr
    assert list(tmp_path.iterdir()) == []
    assert published.read_bytes() == before


def test_a_folder_that_is_there_is_not_touched(published: Path, tmp_path: Path) -> None:
    """An existing folder is not overwritten, whether it has other files or an earlier export."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already; choose another folder with --to"):
        export_tables(published, ["marts.videos"], tmp_path / "mine", CSV)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_an_export_survives_a_power_cut(published: Path, tmp_path: Path, disk: SyncedDisk) -> None:
    """Its folder has its name only when its files are on the disk."""
    export_tables(published, ["marts.videos"], tmp_path / "e", CSV)
    files = list((tmp_path / "e").iterdir())
    assert {file.name: disk.after_power_cut(file) for file in files} == {file.name: file.read_bytes() for file in files}
    assert disk.after_power_cut(tmp_path / "e") is not None


def test_the_remains_of_a_killed_export_are_deleted(published: Path, tmp_path: Path) -> None:
    """The next export of that name does not contain files of the killed one."""
    (tmp_path / ".e.unfinished").mkdir()
    (tmp_path / ".e.unfinished" / "half.csv").write_text("half")
    export_tables(published, ["marts.videos"], tmp_path / "e", CSV)
    assert sorted(path.name for path in (tmp_path / "e").iterdir()) == [
        "checksums.sha256",
        "data-dictionary.csv",
        "datapackage.json",
        "marts.videos.csv",
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [("marts.vidoes", "Did you mean marts.videos?"), ("nothing at all", "`tt describe` lists them")],
)
def test_an_unknown_table_is_named(published: Path, tmp_path: Path, table: str, message: str) -> None:
    """The message has the nearest table, and nothing is written."""
    with pytest.raises(UsageError, match=re.escape(message)):
        export_tables(published, [table], tmp_path / "u", CSV)
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_cannot_be_answered_says_why(published: Path, tmp_path: Path) -> None:
    """The message has DuckDB's words and a command to try the query."""
    with pytest.raises(UsageError, match=r"(?s)likes.*Test the query with `tt sql` first"):
        export_query(published, "select likes from marts.videos", tmp_path / "b", CSV)


def test_a_query_may_end_in_a_comment_or_a_semicolon(published: Path, tmp_path: Path) -> None:
    """Pasted queries often end in one."""
    export_query(published, "from marts.videos limit 1 -- one", tmp_path / "one", CSV)
    export_query(published, "from marts.videos limit 1;\n", tmp_path / "two", CSV)
    assert (tmp_path / "one" / "answer.csv").read_text() == (tmp_path / "two" / "answer.csv").read_text()


def test_names_of_the_catalog_pass_unchanged() -> None:
    """Every program shows the names of the dictionary."""
    for table in TABLES.values():
        assert safe_names(table.column_names) == list(table.column_names)


def test_names_are_made_valid_for_stata() -> None:
    """No two names are equal, also without case; the dictionary has the original name."""
    long = "views_of_all_videos_of_the_creator_"
    assert safe_names(["count(*)", "Views", "views", "in", "2nd", f"{long}1", f"{long}2", "ä", "str8"]) == [
        "count_",
        "Views",
        "views_2",
        "v_in",
        "v_2nd",
        "views_of_all_videos_of_the_creat",
        "views_of_all_videos_of_the_cre_2",
        "v__",
        "v_str8",
    ]


@given(st.lists(st.text(max_size=40), max_size=12))
def test_safe_names_are_short_plain_and_different(names: list[str]) -> None:
    """This is true for any column names of a query."""
    safe = safe_names(names)
    assert len({name.lower() for name in safe}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and len(name) <= LONGEST for name in safe)


def test_a_changed_name_is_explained(published: Path, tmp_path: Path) -> None:
    """The dictionary has the original name of the column."""
    export_query(published, "select count(*) from core.videos", tmp_path / "n", CSV)
    (column,) = cells_of(tmp_path / "n" / "data-dictionary.csv")
    assert (column["column"], column["called"]) == ("count_star_", "count_star()")


OF_A_QUERY = "Column of a query: its SQL is the title of the file in datapackage.json."
LIKES, VIEWS = (
    f"{column.meaning}." for column in TABLES["marts.videos"].columns if column.name in {"like_count", "view_count"}
)


@pytest.mark.parametrize(
    ("query", "meanings"),
    [
        ("select count(*) as lift from marts.videos", {"lift": OF_A_QUERY}),
        ("select view_count, like_count as likes from marts.videos", {"view_count": VIEWS, "likes": LIKES}),
        ("select v.view_count from marts.videos as v -- all", {"view_count": VIEWS}),
        ("select 1 as view_count, * from marts.videos", {"view_count": OF_A_QUERY, "like_count": LIKES}),
        ("select * replace (1 as like_count) from marts.videos", {"like_count": OF_A_QUERY}),
        ("select max(view_count) as view_count from marts.videos", {"view_count": OF_A_QUERY}),
        (
            "with videos as (select 1 as view_count) select view_count from videos",
            {"view_count": OF_A_QUERY},
        ),
        ("select a.view_count from marts.videos a join marts.videos b using (video_id)", {"view_count": OF_A_QUERY}),
        ("select view_count from marts.videos union all select 1", {"view_count": OF_A_QUERY}),
    ],
)
def test_a_column_gets_no_meaning_from_its_name_alone(
    published: Path, tmp_path: Path, query: str, meanings: dict[str, str]
) -> None:
    """A column has the catalog's meaning only if it comes unchanged from one table; otherwise it has its SQL."""
    export_query(published, query, tmp_path / "m", CSV)
    meaning_of = {row["column"]: row["meaning"] for row in cells_of(tmp_path / "m" / "data-dictionary.csv")}
    assert {name: meaning_of[name] for name in meanings} == meanings


def test_an_id_is_found_again(published: Path, tmp_path: Path) -> None:
    """An id in an export is the id in the warehouse, digit by digit."""
    export_tables(published, ["marts.videos"], tmp_path / "i", CSV)
    ids = {row["video_id"] for row in cells_of(tmp_path / "i" / "marts.videos.csv")}
    assert {str(snowflake(1)), str(EDGE)} <= ids
