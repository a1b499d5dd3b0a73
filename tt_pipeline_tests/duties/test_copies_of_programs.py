"""Deletions reach workbooks, databases, files of Stata and SPSS, and networks, also after people have changed them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import networkx as nx
import openpyxl
import polars as pl
import pyreadstat
import pytest
import xlsxwriter
from openpyxl.comments import Comment

from tt_pipeline.duties.copies import clean_export, rows_with
from tt_pipeline.duties.returned_copies import _problems_of
from tt_pipeline.duties.row_files import read_rows
from tt_pipeline.erased_subjects import ERASED, NamedSubjects
from tt_pipeline.reports.exports.network_export import export_networks
from tt_pipeline.reports.exports.read_back import read_tables
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.warehouse.builders import CLOCK, land, list_page, load, page, snowflake, user_page, video

GONE = snowflake(1)
ERASED_ONES = NamedSubjects(videos=frozenset({GONE}), users=frozenset({"imkerin"}))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of imkerin, two that mention her, her profile, and lists of followers."""
    folder = tmp_path_factory.mktemp("programs")
    others = [
        video(number, video_description=f"=1 see @imkerin, or {GONE} _x0041_", video_mention_list=["imkerin", "jo"])
        for number in (2, 3)
    ]
    files = [
        land(folder / "landing", [page(video(1, username="imkerin"), *others)]),
        land(folder / "landing", [user_page("imkerin"), user_page("jo")], load_id="users/2026-10-02/run-1"),
        land(
            folder / "landing",
            [list_page(Dataset.FOLLOWERS, "jo", "imkerin", "kim")],
            load_id="followers/2026-11-05/r",
        ),
    ]
    load(folder / "writer.duckdb", files)
    publish_file(folder / "writer.duckdb", folder / "data" / "warehouse.duckdb", CLOCK)
    return folder / "data" / "warehouse.duckdb"


def shape(format_: ExportFormat) -> Shape:
    """How a test writes an export."""
    return Shape(format=format_, created=CLOCK.now())


def texts_of(file: Path) -> str:
    """Every text of a file as our reader finds it, and every byte: of a workbook those of its parts."""
    values = [str(value) for table in read_tables(file) for row in table.rows for value in row]
    if file.suffix != ".xlsx":
        return "\n".join([*values, file.read_bytes().decode("utf-8", "replace")])
    with ZipFile(file) as book:
        return "\n".join([*values, *(book.read(name).decode("utf-8", "replace") for name in book.namelist())])


FORMATS = [ExportFormat.XLSX, ExportFormat.DTA, ExportFormat.SAV, ExportFormat.SQLITE, ExportFormat.JSONL]


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_nothing_of_it_is_left_in_any_value_or_byte(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Neither id nor handle; other rows stay, and a second cleaning finds nothing to do."""
    export_tables(published, ["marts", "core"], tmp_path / "e", shape(format_))
    cleaned = clean_export(tmp_path / "e", ERASED_ONES)
    files = [path for path in (tmp_path / "e").iterdir() if path.suffix == f".{format_}"]

    assert cleaned.by_hand == ()
    assert cleaned.rows
    left = {file.name for file in files if str(GONE) in texts_of(file) or "imkerin" in texts_of(file).lower()}
    assert left == set()
    assert [rows_with(file, ERASED_ONES) for file in files] == [0] * len(files)


@pytest.mark.parametrize("suffix", ["xlsx", "dta", "sav", "sqlite", "duckdb"])
def test_a_query_with_names_of_its_own_loses_it(published: Path, tmp_path: Path, suffix: str) -> None:
    """Columns that a person named lose id and username too."""
    query = "select username as konto, video_id as nr from core.videos union all select 'imkerin', 5"
    export_query(published, query, tmp_path / "q", shape(ExportFormat(suffix)))
    clean_export(tmp_path / "q", ERASED_ONES)

    (file,) = (path for path in (tmp_path / "q").iterdir() if path.suffix == f".{suffix}")
    (table,) = (table for table in read_rows(file).tables if table.name == "answer")
    assert sorted(str(row[0]) for row in table.rows) == [ERASED, "creator_2", "creator_3"]
    assert GONE not in {int(row[1]) for row in table.rows}


READERS = {ExportFormat.DTA: pyreadstat.read_dta, ExportFormat.SAV: pyreadstat.read_sav}


@pytest.mark.parametrize("format_", [*READERS], ids=str)
def test_labels_and_types_stay(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """All that the file says of its variables is the same after rows were removed, also if a column has no value."""
    export_tables(published, ["marts.videos", "core.users"], tmp_path / "e", shape(format_))
    file = tmp_path / "e" / f"marts.videos.{format_}"
    before, said = READERS[format_](file, output_format="polars")
    clean_export(tmp_path / "e", ERASED_ONES)
    after, says = READERS[format_](file, output_format="polars")

    assert after.height == before.height - 1
    for name in ("column_names_to_labels", "variable_value_labels", "file_label", "variable_measure"):
        assert getattr(says, name) == getattr(said, name), name
    kept = before.filter(pl.col("video_id") != str(GONE)).drop("description", "latest_description")
    assert after.drop("description", "latest_description").rows() == kept.rows()


def test_what_stata_cannot_write_again_is_named(published: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """Without pyreadstat, or with notes of somebody, the file stays and a person is asked to delete it."""
    export_query(published, "select video_id from core.videos", tmp_path / "e", shape(ExportFormat.DTA))
    file = tmp_path / "e" / "answer.dta"
    content = file.read_bytes()
    monkeypatch.setitem(__import__("sys").modules, "pyreadstat", None)
    (said,) = clean_export(tmp_path / "e", ERASED_ONES).by_hand

    assert f"{file}: this file of an export cannot be read or written" in said
    assert "pip install 'tt-pipeline[formats]'" in said
    assert "delete it yourself" in said
    assert file.read_bytes() == content


def test_tables_of_people_in_sqlite_stay(published: Path, tmp_path: Path) -> None:
    """A table with codes, an index and a view stay, and rows of it that name the video go."""
    export_tables(published, ["core.videos"], tmp_path / "e", shape(ExportFormat.SQLITE))
    file = tmp_path / "e" / "warehouse.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table codes (video_id text, code text)")
        connection.execute("insert into codes values (?, 'a'), ('5', 'b')", (str(GONE),))
        connection.execute("create index by_code on codes (code)")
        connection.execute('create view coded as select * from codes join "core.videos" using (video_id)')
        connection.commit()
    assert clean_export(tmp_path / "e", ERASED_ONES).by_hand == ()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select * from codes").fetchall() == [("5", "b")]
        names = connection.execute("select name from sqlite_master where type != 'table' order by 1").fetchall()
        assert names == [("by_code",), ("coded",)]
    assert str(GONE).encode() not in file.read_bytes()


def test_comments_and_types_in_duckdb_stay(published: Path, tmp_path: Path) -> None:
    """Tables keep their schema, types and comments; the bytes of removed rows are not in the file."""
    export_tables(published, ["marts.videos", "core.users"], tmp_path / "e", shape(ExportFormat.DUCKDB))
    file = tmp_path / "e" / "warehouse.duckdb"
    sql = (
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal"
        " order by all"
    )
    with duckdb.connect(file, read_only=True) as connection:
        before = connection.execute(sql).fetchall()
    clean_export(tmp_path / "e", ERASED_ONES)
    with duckdb.connect(file, read_only=True) as connection:
        assert connection.execute(sql).fetchall() == before
        assert connection.execute("select count(*) from marts.videos").fetchall() == [(2,)]
    assert str(GONE).encode() not in file.read_bytes()


def test_a_database_with_views_of_somebody_is_named(published: Path, tmp_path: Path) -> None:
    """It is not changed, because the views could not be written again."""
    export_tables(published, ["marts.videos"], tmp_path / "e", shape(ExportFormat.DUCKDB))
    with duckdb.connect(tmp_path / "e" / "warehouse.duckdb") as connection:
        connection.execute("create view mine as select 1")
    (said,) = clean_export(tmp_path / "e", ERASED_ONES).by_hand
    assert "it has views that tt_pipeline did not make" in said


def filled_in(published: Path, folder: Path, change: Callable[[Any], None]) -> Path:
    """A workbook that somebody has changed and saved with another program."""
    export_tables(published, ["core.videos"], folder, shape(ExportFormat.XLSX))
    file = folder / "core.videos.xlsx"
    book = openpyxl.load_workbook(file)
    change(book["core.videos"])
    book.save(file)
    return file


def with_codes(page: Any) -> None:
    """Add a column of codes, of which the last names her, and a bold cell."""
    page.cell(1, page.max_column + 1, "code")
    for row in range(2, 5):
        page.cell(row, page.max_column, f"code {page.cell(row, 1).value}")
    page.cell(3, page.max_column).font = openpyxl.styles.Font(bold=True)


def test_a_workbook_that_people_filled_in_keeps_their_codes(published: Path, tmp_path: Path) -> None:
    """Rows move up, and other cells and formats stay."""
    file = filled_in(published, tmp_path / "e", with_codes)
    assert clean_export(tmp_path / "e", ERASED_ONES).by_hand == ()
    page = openpyxl.load_workbook(file)["core.videos"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(max_row=3)]

    assert page.max_row == 3
    assert [row[-1] for row in rows] == ["code", f"code {snowflake(2)}", f"code {snowflake(3)}"]
    assert page.cell(2, page.max_column).font.bold
    place = rows[0].index("description")
    assert rows[1][place].startswith(f"=1 see @{ERASED}, or {ERASED}")
    assert str(GONE) not in texts_of(file)
    assert "imkerin" not in texts_of(file).lower()


def test_formulas_still_point_to_their_rows(published: Path, tmp_path: Path) -> None:
    """If a cell has a formula, removed rows stay empty instead of moving the others."""

    def with_formula(page: Any) -> None:
        page.cell(4, page.max_column + 1, "=A4&A3")

    file = filled_in(published, tmp_path / "e", with_formula)
    clean_export(tmp_path / "e", ERASED_ONES)
    page = openpyxl.load_workbook(file)["core.videos"]
    assert (page.cell(2, 1).value, page.cell(3, 1).value) == (None, str(snowflake(2)))
    assert page.cell(4, page.max_column).value == "=A4&A3"


def test_a_note_on_a_cell_is_named(published: Path, tmp_path: Path) -> None:
    """What is outside the cells is not changed, and a person is told where it is."""

    def with_note(page: Any) -> None:
        page["A3"].comment = Comment(f"same as {GONE}", "me")

    file = filled_in(published, tmp_path / "e", with_note)
    (said,) = clean_export(tmp_path / "e", ERASED_ONES).by_hand
    assert f"{file}: this workbook names what was deleted outside its cells (xl/comments" in said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no workbook"])
def test_a_damaged_workbook_is_named(tmp_path: Path, content: bytes) -> None:
    """It is not changed."""
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    (said,) = clean_export(tmp_path, ERASED_ONES).by_hand
    assert f"{file}: this file of an export cannot be read or written" in said


def test_a_zip_file_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    """It is not changed either."""
    with ZipFile(tmp_path / "a.xlsx", "w", ZIP_DEFLATED) as book:
        book.writestr("x", str(GONE))
    (said,) = clean_export(tmp_path, ERASED_ONES).by_hand
    assert "it is no workbook, or it is damaged" in said


def test_a_workbook_as_excel_writes_it_is_cleaned(tmp_path: Path) -> None:
    """With shared strings, formatted texts and attributes of Excel's own; no part has a text of a removed row."""
    file = tmp_path / "codes.xlsx"
    book = xlsxwriter.Workbook(file)
    page, bold = book.add_worksheet("codes"), book.add_format({"bold": True})
    texts = [["video_id", "note"], [str(GONE), "only here"], ["5", "both"], ["6", "both"], ["7", "see @imkerin"]]
    for number, row in enumerate(texts):
        page.write_row(number, 0, row, bold if number == 2 else None)
    page.write_rich_string(3, 1, "hi @imk", bold, "erin")
    book.close()
    with ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    space = b'<worksheet xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" xmlns:odd="urn:odd" '
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"<worksheet ", space, 1).replace(b"<c ", b'<c odd:a="1" ')
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<row ", b'<row x14ac:dyDescent="0.25" ')
    with ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)

    assert clean_export(tmp_path, ERASED_ONES).by_hand == ()
    cleaned = openpyxl.load_workbook(file)["codes"]
    assert [[cell.value for cell in row] for row in cleaned.iter_rows()] == [
        ["video_id", "note"],
        ["5", "both"],
        ["6", f"hi @{ERASED}"],
        ["7", f"see @{ERASED}"],
    ]
    assert (cleaned["A2"].font.bold, cleaned["A3"].font.bold) == (True, False)
    with ZipFile(file) as new:
        strings = new.read("xl/sharedStrings.xml")
    assert [text for text in (b"only here", str(GONE).encode(), b"erin") if text in strings] == []
    assert b"both" in strings


def test_a_workbook_with_a_broken_part_is_named(published: Path, tmp_path: Path) -> None:
    """Whatever is broken in it, it is not changed, and the next file is cleaned."""
    export_tables(published, ["core.videos"], tmp_path / "e", shape(ExportFormat.XLSX))
    file = tmp_path / "e" / "core.videos.xlsx"
    content = bytearray(file.read_bytes())
    content[60:400] = bytes(340)
    file.write_bytes(content)
    (said,) = clean_export(tmp_path / "e", ERASED_ONES).by_hand
    assert "it is no workbook, or it is damaged" in said
    assert file.read_bytes() == bytes(content)


NETWORKS = {ExportFormat.GEXF: nx.read_gexf, ExportFormat.GRAPHML: nx.read_graphml}


@pytest.mark.parametrize("format_", [*NETWORKS], ids=str)
def test_an_account_goes_from_a_network_with_its_edges(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Other nodes and edges keep their attributes, and networkx still reads the file."""
    export_networks(published, [], tmp_path / "e", shape(format_))
    before = NETWORKS[format_](tmp_path / "e" / f"follows.{format_}")
    cleaned = clean_export(tmp_path / "e", ERASED_ONES)
    after = NETWORKS[format_](tmp_path / "e" / f"follows.{format_}")
    mentions = NETWORKS[format_](tmp_path / "e" / f"mentions.{format_}")

    assert cleaned.by_hand == ()
    assert set(before) - set(after) == {"imkerin"}
    assert list(after.edges(data=True)) == [edge for edge in before.edges(data=True) if "imkerin" not in edge[:2]]
    assert after.nodes["jo"] == before.nodes["jo"]
    assert set(mentions.edges) == {("creator_2", "jo"), ("creator_3", "jo")}
    for file in (tmp_path / "e").glob(f"*.{format_}"):
        assert "imkerin" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", [*NETWORKS], ids=str)
def test_of_a_creator_without_videos_only_the_profile_goes(
    published: Path, tmp_path: Path, format_: ExportFormat
) -> None:
    """Whom others follow stays, as in the warehouse; the numbers of the profile go."""
    export_networks(published, ["follows"], tmp_path / "e", shape(format_))
    clean_export(tmp_path / "e", NamedSubjects(creators=frozenset({"jo"})))
    after = NETWORKS[format_](tmp_path / "e" / f"follows.{format_}")
    assert set(after.edges) == {("imkerin", "jo"), ("kim", "jo")}
    assert "follower_count" not in after.nodes["jo"]


def test_a_hashtag_that_is_also_a_handle_stays(tmp_path: Path) -> None:
    """A hashtag is no account."""
    graph = nx.Graph()
    graph.add_edge("imkerin", "bees", weight=5)
    nx.set_node_attributes(graph, "hashtag", "kind")
    nx.write_gexf(graph, tmp_path / "hashtags.gexf")
    assert clean_export(tmp_path, ERASED_ONES).rows == {}


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_a_folder_that_only_the_study_names_is_searched(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Nothing in it is changed, and each file with deleted rows is named, also if it is compressed."""
    export_tables(published, ["core.videos"], tmp_path / "e", shape(format_))
    (file,) = (path for path in (tmp_path / "e").iterdir() if path.suffix == f".{format_}")
    content = file.read_bytes()

    assert [*_problems_of(file, ERASED_ONES)] == [f"{file}: this file has what was deleted; delete it there."]
    assert file.read_bytes() == content
    clean_export(tmp_path / "e", ERASED_ONES)
    assert [*_problems_of(file, ERASED_ONES)] == []
