"""LibreOffice and R read exports as they are meant: ids whole, texts as texts, what is missing as missing.

`make formats` runs them; they need Debian's libreoffice-calc and r-base-core with the packages that it names.
"""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tt_pipeline.duties.copies import clean_export
from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline_tests.reports.conftest import nasty_ids, publish_small
from tt_pipeline_tests.reports.hostile import ID, QUERY, TEXTS
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.formats
WITHOUT_NUL = (*TEXTS, "a\ufffdb")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small published file."""
    return publish_small(tmp_path_factory.mktemp("published"))


def answer(published: Path, folder: Path, format_: ExportFormat, query: str = QUERY) -> Path:
    """The file with the result of a query."""
    exported = export_query(published, query, folder / "e", Shape(format=format_, created=CLOCK.now()))
    return exported.folder / str(exported.files[0].resource["path"])


def converted(file: Path, folder: Path, to: str) -> Path:
    """A file as LibreOffice saves it in another format."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder / "out"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder / "out" / f"{file.stem}.{to.partition(':')[0]}"


_ALL_AS_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,true"
"""Comma, quotation marks, UTF-8; every text quoted, cells as they are stored, and formulas as formulas."""


def test_libreoffice_reads_a_workbook(published: Path, tmp_path: Path) -> None:
    """Ids and texts as they were, no formula, days and instants as dates, and empty cells."""
    file = converted(answer(published, tmp_path, ExportFormat.XLSX), tmp_path, _ALL_AS_TEXT)
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert [row["video_id"] for row in rows] == [str(ID + number) for number in range(1, len(WITHOUT_NUL) + 1)]
    assert [row["words"] for row in rows] == list(WITHOUT_NUL)
    assert {(row["no_text"], row["no_number"], row["no_time"], row["items"]) for row in rows} == {("", "", "", "x; y")}
    assert {(row["day"][:10], row["is_on"]) for row in rows} in ({("2026-10-03", "TRUE")}, {("2026-10-03", "1")})


def test_a_workbook_that_libreoffice_has_saved_can_be_cleaned(published: Path, tmp_path: Path) -> None:
    """Rows of what is deleted go from a workbook that somebody has saved, and LibreOffice still reads it."""
    (gone, _), (other, _) = list(nasty_ids().items())[:2]
    export_tables(published, ["core.videos"], tmp_path / "e", Shape(format=ExportFormat.XLSX, created=CLOCK.now()))
    file = tmp_path / "e" / "core.videos.xlsx"
    shutil.copyfile(converted(file, tmp_path, "xlsx"), file)
    cleaned = clean_export(tmp_path / "e", NamedSubjects(videos=frozenset({int(gone)})))
    text = converted(file, tmp_path, _ALL_AS_TEXT).read_text(encoding="utf-8")

    assert (cleaned.rows, cleaned.by_hand) == ({file: 1}, ())
    assert gone not in text
    assert other in text


def r(script: str, *words: object) -> str:
    """What R prints."""
    command = ["Rscript", "--vanilla", "-e", script, *map(str, words)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


_SAID = "file <- commandArgs(TRUE)[1]; say <- function(x) cat(enc2utf8(as.character(x)), sep = '\\n'); "
SIMPLE = "select video_id, username, is_on, day, n, missing from (select video_id, username, true as is_on,"
SIMPLE += " date '2026-10-03' as day, 5 as n, null::bigint as missing from core.videos order by 1 limit 2)"
READING = {
    ExportFormat.CSV: "x <- read.csv(file, colClasses = c(video_id = 'character'))",
    ExportFormat.SAV: "x <- foreign::read.spss(file, to.data.frame = TRUE, reencode = 'UTF-8')",
    ExportFormat.DTA: "x <- as.data.frame(haven::as_factor(haven::read_dta(file)))",
    ExportFormat.XLSX: "x <- as.data.frame(readxl::read_excel(file))",
    ExportFormat.JSONL: "x <- jsonlite::stream_in(file(file), verbose = FALSE)",
    ExportFormat.SQLITE: (
        "con <- DBI::dbConnect(RSQLite::SQLite(), file); x <- DBI::dbReadTable(con, 'answer'); DBI::dbDisconnect(con)"
    ),
}


@pytest.mark.parametrize("format_", [*READING], ids=str)
def test_r_reads_ids_whole(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """No id is rounded, a number is a number, and what is missing is NA."""
    file = answer(published, tmp_path, format_, SIMPLE)
    script = f"{_SAID} suppressWarnings({{{READING[format_]}}}); say(trimws(x$video_id)); say(x$n + 1)"
    has_missing = format_ is not ExportFormat.JSONL  # R leaves out a column that has null alone
    lines = r(script + ("; say(is.na(x$missing))" if has_missing else ""), file).split()
    ids = sorted(nasty_ids())[:2]
    assert lines == [*ids, "6", "6", *(["TRUE", "TRUE"] if has_missing else [])]


def test_r_reads_labels_of_spss_and_stata(published: Path, tmp_path: Path) -> None:
    """Statuses and true or false are factors with the words as levels."""
    for format_ in (ExportFormat.SAV, ExportFormat.DTA):
        export_tables(published, ["marts.videos"], tmp_path / format_, Shape(format=format_, created=CLOCK.now()))
        file = tmp_path / format_ / f"marts.videos.{format_}"
        script = f"{_SAID} suppressWarnings({{{READING[format_]}}}); say(levels(x$comment_status))"
        words = r(script, file).split()
        assert {"never_asked", "complete", "no_comments"} <= set(words)


def test_r_reads_hostile_texts(published: Path, tmp_path: Path) -> None:
    """From SQLite and lines of JSON, with base functions for the latter: every text is whole."""
    file = answer(published, tmp_path / "s", ExportFormat.SQLITE)
    lines = r(f"{_SAID} {READING[ExportFormat.SQLITE]}; cat(jsonlite::toJSON(x$words))", file)
    assert json.loads(lines) == list(WITHOUT_NUL)
    file = answer(published, tmp_path / "j", ExportFormat.JSONL)
    assert r(f"{_SAID} say(length(readLines(file, encoding = 'UTF-8')))", file).split() == [str(len(WITHOUT_NUL))]
