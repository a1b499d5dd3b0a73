"""Exports for other programs have the values of the warehouse, read by readers that are not ours."""

import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyreadstat
import pytest
from openpyxl.utils.escape import unescape

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports import files as export_files
from tt_pipeline.reports.exports import workbook
from tt_pipeline.reports.exports.local_times import check_zone
from tt_pipeline.reports.exports.read_back import read_tables
from tt_pipeline.reports.exports.sheet import Sheet, export_sheet
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.reports.exports.workbook import MOST_ROWS, check_size, sheet_names
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.catalog.model import status_words
from tt_pipeline.warehouse.marts import caveat_of
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.reports.hostile import DAY, EMPTY, ID, INSTANT, LONG, NUL, QUERY, TEXTS
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.newest

WITHOUT_NUL = (*TEXTS, "a\ufffdb")
NAIVE = INSTANT.replace(tzinfo=None)
COLUMNS = [
    *("n", "video_id", "words", "is_on", "share", "day", "seen_at"),
    *("no_text", "no_number", "no_day", "no_answer", "no_time", "items"),
]


def shape(format_: ExportFormat, zone: str | None = None) -> Shape:
    """How a test writes an export."""
    return Shape(format=format_, created=CLOCK.now(), zone=zone)


def answer(published: Path, folder: Path, format_: ExportFormat, query: str = QUERY) -> Path:
    """The file with the result of a query."""
    exported = export_query(published, query, folder / "e", shape(format_))
    return exported.folder / str(exported.files[0].resource["path"])


def expected(number: int, text: str) -> list[Any]:
    """A row of the query, for a reader that knows the types."""
    return [number, str(ID + number), text, True, 1.5, DAY, NAIVE, *[None] * 5, "x; y"]


def cells(file: Path, sheet: str) -> list[list[Any]]:
    """The values of a sheet as openpyxl reads them, and that none is a formula."""
    book = openpyxl.load_workbook(file)
    page = book[sheet]
    assert [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"] == []
    # openpyxl leaves Excel's escapes of odd characters in a text as they are.
    return [
        [unescape(cell.value) if isinstance(cell.value, str) else cell.value for cell in row]
        for row in page.iter_rows()
    ]


def test_a_workbook_has_the_values_and_no_formula(published: Path, tmp_path: Path) -> None:
    """Ids and hostile texts are texts, days and instants dates, and markup in a text does no harm."""
    head, *rows = cells(answer(published, tmp_path, ExportFormat.XLSX), "answer")

    midnight = datetime.combine(DAY, datetime.min.time())
    known = [expected(number, text) for number, text in enumerate(WITHOUT_NUL, start=1)]
    assert head == COLUMNS
    assert rows == [[midnight if value == DAY else value for value in row] for row in known]


def test_a_workbook_says_what_it_has(published: Path, tmp_path: Path) -> None:
    """Sheets of tables, codebook and notes; the codebook has meaning, unit, privacy and what is missing."""
    exported = export_tables(
        published, ["marts.videos", "core.users"], tmp_path / "e", shape(ExportFormat.XLSX, "Europe/Berlin")
    )
    file = tmp_path / "e" / "tables.xlsx"
    head, *rows = cells(file, "codebook")
    found = {(row[0], row[1]): dict(zip(head, row, strict=True)) for row in rows}
    notes = [row[0] for row in cells(file, "notes")]

    assert openpyxl.load_workbook(file).sheetnames == ["marts.videos", "core.users", "codebook", "notes"]
    assert found["marts.videos", "created_at"] == {
        "sheet": "marts.videos",
        "column": "created_at",
        "type": "datetime",
        "meaning": "When it was posted, UTC.",
        "unit": "UTC",
        "an empty cell means": "the API did not give it, which is not the same as empty or zero",
        "privacy": "none",
        "API field": "create_time",
        "name in the query": "",
    }
    assert found["marts.videos", "created_at_local"]["meaning"] == (
        "created_at as a local time in Europe/Berlin, without its zone."
    )
    assert found["marts.videos", "username"]["privacy"] == "identifying"
    assert any(note.startswith("A check failed: Videos were created more than a day away") for note in notes)
    assert any(note.startswith("Written by tt_pipeline") for note in notes)
    assert [note for note in notes if note.startswith("Caveat of marts.videos: ")] == [
        f"Caveat of marts.videos: {caveat_of('marts.videos')}"
    ]
    assert [file.resource["dialect"]["sheetName"] for file in exported.files] == ["marts.videos", "core.users"]


def test_every_view_has_its_caveat() -> None:
    """It is the header of its SQL as one line, without example and grain; tables of other kinds have none."""
    found = {name: caveat_of(name) for name, table in TABLES.items() if table.schema == "marts"}
    assert [name for name, caveat in found.items() if not caveat] == []
    assert [name for name, caveat in found.items() if "--" in caveat or "Example:" in caveat] == []
    assert found["marts.repost_edges"] == (
        "few accounts show their reposts, and only observed accounts are reposters here."
    )
    assert caveat_of("core.users") == ""


def test_long_texts_are_cut_for_excel_and_said(published: Path, tmp_path: Path) -> None:
    """A cell holds 32,767 units of UTF-16; the number of cut and of changed texts is in the notes."""
    query = f"select repeat('😀', 20000) as words union all select {chr(39)}a{chr(39)} || chr(7)"
    exported = export_query(published, query, tmp_path / "e", shape(ExportFormat.XLSX))
    rows = cells(tmp_path / "e" / "answer.xlsx", "answer")
    notes = [row[0] for row in cells(tmp_path / "e" / "answer.xlsx", "notes")]

    assert sorted(row[0] for row in rows[1:]) == ["a\ufffd", "😀" * 16_383 + "…"]
    assert (exported.files[0].cut, exported.files[0].replaced) == ({"words": 1}, {"words": 1})
    assert "answer, words: 1 text was cut to 32,767 characters, because a cell cannot hold more." in notes


def test_what_is_too_large_for_excel_is_refused_before_anything_is_written(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the table, its rows and the way out; the limit is Excel's."""
    with pytest.raises(UsageError, match=r"big has 1,048,576 rows, and a sheet of Excel has space for 1,048,575"):
        check_size("big", MOST_ROWS + 1, 3)
    check_size("fits", MOST_ROWS, 16_384)
    monkeypatch.setattr(workbook, "MOST_ROWS", 51)
    with pytest.raises(
        UsageError, match=r"marts\.videos has 52 rows.*nothing was written. Use --format parquet or csv"
    ):
        export_tables(published, ["marts.videos"], tmp_path / "e", shape(ExportFormat.XLSX))
    assert [*tmp_path.iterdir()] == []


def test_names_of_sheets_are_valid_and_different() -> None:
    """Excel allows 31 characters and no slash, and takes no notice of case."""
    names = ["a" * 40, "A" * 40, "x/y", "codebook", "History", ""]
    assert sheet_names(names) == ["a" * 31, f"{'A' * 29}_2", "x_y", "codebook_2", "History_2", "table"]


READERS = {ExportFormat.DTA: pyreadstat.read_dta, ExportFormat.SAV: pyreadstat.read_sav}
STATISTICS = pytest.mark.parametrize("format_", [*READERS], ids=str)


@STATISTICS
def test_stata_and_spss_read_the_values(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Ids and texts are strings, true is 1 with a label, what is missing is missing, a missing string is empty."""
    frame, described = READERS[format_](answer(published, tmp_path, format_), output_format="polars")

    assert frame.columns == COLUMNS
    known = [expected(number, text) for number, text in enumerate(WITHOUT_NUL, start=1)]
    rows = [[None if value == "" else value for value in row] for row in frame.rows()]
    assert rows == [[1 if value is True else value for value in row] for row in known]
    assert described.variable_value_labels["is_on"] == {0: "no", 1: "yes"}
    assert frame["no_text"].to_list() == [""] * len(rows)


@STATISTICS
def test_labels_come_from_the_catalog(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Variables have their meaning as label, and statuses are numbers whose labels are the statuses."""
    export_tables(published, ["marts.videos", "core.users"], tmp_path / "e", shape(format_))
    frame, described = READERS[format_](tmp_path / "e" / f"marts.videos.{format_}", output_format="polars")
    package = json.loads((tmp_path / "e" / "datapackage.json").read_text(encoding="utf-8"))
    (status,) = (field for field in package["resources"][0]["schema"]["fields"] if field["name"] == "comment_status")
    with open_published(published) as reader:
        known = reader.execute("select video_id, comment_status from marts.videos order by 1").fetchall()

    labels = described.variable_value_labels["comment_status"]
    assert sorted(zip(frame["video_id"], map(labels.get, frame["comment_status"]), strict=True)) == known
    assert {int(value): label for value, label in labels.items()} == dict(enumerate(_comment_statuses(), start=1))
    assert status["categories"][0] == {"value": 1, "label": "no_comments"}
    assert described.column_names_to_labels["created_at"] == "When it was posted, UTC"
    assert all(len(label) <= 80 or format_ is ExportFormat.SAV for label in described.column_labels if label)


def _comment_statuses() -> Sequence[str]:
    return status_words(next(column for column in TABLES["marts.videos"].columns if column.name == "comment_status"))


def test_columns_with_statuses_are_known() -> None:
    """A column whose meaning lists the statuses gets them as labels."""
    found = {f"{table}.{column.name}" for table in TABLES for column in TABLES[table].columns if status_words(column)}
    assert {"marts.videos.comment_status", "ops.search_coverage.status", "marts.creators.profile_status"} <= found
    assert "ops.requests.status" not in found


def test_a_status_that_this_version_does_not_know_is_kept(published: Path, tmp_path: Path) -> None:
    """A file published by a later version can have one; it gets the next number."""
    query = "select 'new' as status from ops.search_coverage limit 0"
    assert answer(published, tmp_path, ExportFormat.DTA, query).exists()


def test_texts_too_long_for_spss_are_cut_and_said(published: Path, tmp_path: Path) -> None:
    """A string of SPSS has at most 32,767 bytes; Stata has no such limit."""
    query = "select repeat('é', 20000) as words"
    exported = export_query(published, query, tmp_path / "s", shape(ExportFormat.SAV))
    frame, _ = pyreadstat.read_sav(tmp_path / "s" / "answer.sav", output_format="polars")
    assert frame["words"].to_list() == ["é" * 16_382 + "…"]
    assert exported.files[0].cut == {"words": 1}

    export_query(published, query, tmp_path / "d", shape(ExportFormat.DTA))
    frame, _ = pyreadstat.read_dta(tmp_path / "d" / "answer.dta", output_format="polars")
    assert frame["words"].to_list() == ["é" * 20_000]


@STATISTICS
def test_names_that_they_do_not_allow_stay_different(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Long names that begin with the same letters are cut without a collision, and the original name is described."""
    query = f'select 1 as {"a" * 40}, 2 as {"a" * 41}, 3 as "if", 4 as "größe"'
    frame, _ = READERS[format_](answer(published, tmp_path, format_, query), output_format="polars")
    assert frame.columns == ["a" * 32, f"{'a' * 30}_2", "v_if", "gr_e"]


def test_json_lines_have_texts_as_they_are(published: Path, tmp_path: Path) -> None:
    """One object a line in UTF-8, with NUL too, ids as text, lists as lists, and null for what is missing."""
    file = answer(published, tmp_path, ExportFormat.JSONL)
    rows = [json.loads(line) for line in file.read_bytes().decode().split("\n") if line]
    assert [list(row) for row in rows] == [COLUMNS] * len(rows)
    assert [row["words"] for row in rows] == [*TEXTS, NUL]
    assert "שלום".encode() in file.read_bytes()
    assert {key: value for key, value in rows[0].items() if key != "words"} == {
        "n": 1,
        "video_id": str(ID + 1),
        "is_on": True,
        "share": 1.5,
        "day": "2026-10-03",
        "seen_at": "2026-10-25T00:30:01.250000Z",
        **dict.fromkeys(name for name in COLUMNS if name.startswith("no_")),
        "items": ["x", "y"],
    }


def test_json_has_no_number_that_is_not_finite(published: Path, tmp_path: Path) -> None:
    """NaN and infinity are no JSON; they are null."""
    file = answer(published, tmp_path, ExportFormat.JSONL, "select 'nan'::double as a, 'inf'::double as b, 0.5 as c")
    assert file.read_text() == '{"a":null,"b":null,"c":0.5}\n'


def test_sqlite_has_tables_under_their_names(published: Path, tmp_path: Path) -> None:
    """Ids are text, instants and days ISO texts, and true is 1; a NUL is replaced, because programs end there."""
    file = answer(published, tmp_path, ExportFormat.SQLITE)
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute('select * from "answer"').fetchall()
        kinds = connection.execute("select typeof(video_id), typeof(n), typeof(share) from answer limit 1").fetchall()
    assert rows == [
        (number, str(ID + number), text, 1, 1.5, "2026-10-03", "2026-10-25T00:30:01.250000Z", *[None] * 5, "x; y")
        for number, text in enumerate(WITHOUT_NUL, start=1)
    ]
    assert kinds == [("text", "integer", "real")]

    export_tables(published, ["marts.videos", "core.users"], tmp_path / "t", shape(ExportFormat.SQLITE))
    with closing(sqlite3.connect(tmp_path / "t" / "warehouse.sqlite")) as connection:
        assert connection.execute('select count(*) from "marts.videos"').fetchall() == [(52,)]


TABLE_FORMATS = [format_ for format_ in ExportFormat if not format_.is_network]


@pytest.mark.parametrize("format_", TABLE_FORMATS, ids=str)
def test_a_table_without_rows_has_its_columns(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """An empty result is no error in any format, and the description has every column."""
    exported = export_query(published, EMPTY, tmp_path / "e", shape(format_))
    assert exported.files[0].rows == 0
    assert [field["name"] for field in exported.files[0].resource["schema"]["fields"]] == COLUMNS


@pytest.mark.parametrize(
    "format_", [ExportFormat.XLSX, ExportFormat.DTA, ExportFormat.SAV, ExportFormat.SQLITE], ids=str
)
def test_every_table_can_be_exported(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """All tables of all schemas, with as many rows as the warehouse has, and read back by our own reader."""
    exported = export_tables(published, ["core", "ops", "marts"], tmp_path / "e", shape(format_))
    with open_published(published) as reader:
        known = {name: reader.execute(f"select count(*) from {name}").fetchall()[0][0] for name in TABLES}
    assert {file.resource["name"]: file.rows for file in exported.files} == known
    paths = {tmp_path / "e" / str(file.resource["path"]) for file in exported.files}
    read = {table.name: sum(1 for _ in table.rows) for path in paths for table in read_tables(path)}
    assert sum(read.get(name, 0) for name in known if len(name) <= 31) == sum(
        rows for name, rows in known.items() if len(name) <= 31
    )


@pytest.mark.parametrize("format_", [ExportFormat.CSV, ExportFormat.PARQUET], ids=str)
def test_local_times_are_beside_utc(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """The column with the instant stays, and the next one has the time on clocks in the zone, also in summer."""
    query = "select timestamptz '2026-07-01 12:00:00+00' as seen_at, 1 as n"
    query += " union all select timestamptz '2026-10-25 01:30:00+00', 2"
    export_query(published, query, tmp_path / "e", shape(format_, "Europe/Berlin"))
    if format_ is ExportFormat.CSV:
        lines = (tmp_path / "e" / "answer.csv").read_text().splitlines()
        assert sorted(lines) == [
            "2026-07-01T12:00:00.000000Z,2026-07-01T14:00:00.000000,1",
            "2026-10-25T01:30:00.000000Z,2026-10-25T02:30:00.000000,2",
            "seen_at,seen_at_local,n",
        ]
        return
    frame = pl.read_parquet(tmp_path / "e" / "answer.parquet").sort("n")
    assert frame["seen_at"].to_list()[0] == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert frame["seen_at_local"].to_list() == [datetime(2026, 7, 1, 14), datetime(2026, 10, 25, 2, 30)]  # noqa: DTZ001


def test_a_local_column_does_not_replace_another(published: Path, tmp_path: Path) -> None:
    """If a query has a column of that name, the new one gets a number."""
    query = "select timestamptz '2026-07-01 12:00:00+00' as a, 'mine' as a_local"
    export_query(published, query, tmp_path / "e", shape(ExportFormat.CSV, "Asia/Tokyo"))
    head, row = (tmp_path / "e" / "answer.csv").read_text().splitlines()
    assert (head, row.split(",")[1:]) == ("a,a_local_2,a_local", ["2026-07-01T21:00:00.000000", "mine"])


def test_an_unknown_zone_is_a_sentence() -> None:
    """The message has two names that exist."""
    check_zone("America/New_York")
    with pytest.raises(UsageError, match=r"--zone 'Berlin' is unknown; .* for example Europe/Berlin or"):
        check_zone("Berlin")


def test_a_coding_sheet_can_be_a_workbook(published: Path, tmp_path: Path) -> None:
    """Its ids are text, and the columns for codes are empty."""
    export_sheet(published, Sheet(size=3), tmp_path / "s", shape(ExportFormat.XLSX))
    head, *rows = cells(tmp_path / "s" / "coding_sheet.xlsx", "coding_sheet")
    first = dict(zip(head, rows[0], strict=True))
    assert (len(rows), first["code_1"], first["video_id"].isdigit()) == (3, None, True)


_WITHOUT = """
import sys
for name in ("xlsxwriter", "pyreadstat", "networkx"):
    sys.modules[name] = None
from tt_pipeline.cli import main
main(["export", *sys.argv[1:]])
"""
MISSING = {"xlsx": "XlsxWriter", "dta": "pyreadstat", "sav": "pyreadstat", "gexf": "networkx", "graphml": "networkx"}


@pytest.mark.parametrize(("format_", "library"), MISSING.items(), ids=list(MISSING))
def test_a_missing_library_is_one_sentence(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str, library: str
) -> None:
    """It has the line that installs the extra, and nothing is written."""
    monkeypatch.setenv("TT_DATA_DIR", str(published.parent))
    command = [sys.executable, "-c", _WITHOUT, "--format", format_, "--to", str(tmp_path / "e")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    message = " ".join(ended.stderr.split())
    assert f"--format {format_} needs {library}, which is not installed: pip install 'tt-pipeline[formats]'" in message
    assert ended.returncode == 2
    assert not (tmp_path / "e").exists()


def test_other_formats_need_no_library_of_the_extra(published: Path, tmp_path: Path) -> None:
    """parquet, csv, jsonl and sqlite are written without it."""
    code = _WITHOUT.replace("from tt_pipeline.cli import main\n", "import tt_pipeline.cli as cli\nmain = cli.main\n")
    env_dir = str(published.parent)
    for format_ in ("csv", "jsonl", "sqlite"):
        command = [sys.executable, "-c", code, "core.users", "--format", format_, "--to", str(tmp_path / format_)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"TT_DATA_DIR": env_dir})
        assert ended.returncode == 0, ended.stderr


def test_a_date_that_excel_does_not_have_is_a_text(published: Path, tmp_path: Path) -> None:
    """Excel's days begin in 1900."""
    query = "select date '1800-01-01' as day, 'nan'::double as share, 1234567890123456::bigint as many"
    file = answer(published, tmp_path, ExportFormat.XLSX, query)
    assert cells(file, "answer")[1] == ["1800-01-01", "nan", "1234567890123456"]


def test_two_workbooks_of_the_same_rows_have_the_same_cells(published: Path, tmp_path: Path) -> None:
    """Row order follows the keys of the table."""
    read = []
    for name in ("one", "two"):
        export_tables(published, ["marts.videos"], tmp_path / name, shape(ExportFormat.XLSX))
        read.append((tmp_path / name / "marts.videos.xlsx").read_bytes())
    assert read[0] == read[1]


def test_nothing_is_left_if_a_writer_fails(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full while the workbook is closed leaves no folder."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(export_files, "write_workbook", full)
    with pytest.raises(Exception, match="could not be written: No space left"):
        answer(published, tmp_path, ExportFormat.XLSX)
    assert [*tmp_path.iterdir()] == []


def test_long_texts_stay_whole_where_the_format_allows(published: Path, tmp_path: Path) -> None:
    """Ten thousand characters of two and four bytes are not cut in a workbook, in Stata or in SPSS."""
    assert len(LONG) == 10_000
    book = openpyxl.load_workbook(io.BytesIO(answer(published, tmp_path, ExportFormat.XLSX).read_bytes()))
    assert LONG in {row[2].value for row in book["answer"].iter_rows()}
    assert date(2026, 10, 3) == DAY
