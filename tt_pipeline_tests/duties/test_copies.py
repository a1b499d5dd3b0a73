"""Exports and coding sheets lose the rows of what was deleted, and nothing else, whatever format they have."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.copies import _of_others, clean_export, copies_with
from tt_pipeline.duties.row_files import has_rows, read_rows
from tt_pipeline.erased_subjects import ERASED, NamedSubjects
from tt_pipeline.reports.exports.sheet import Sheet, export_sheet
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_query, export_tables
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.duties.builders import places_of
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    comment,
    comment_page,
    land,
    list_page,
    load,
    page,
    snowflake,
    user_page,
    video,
)

GONE, COMMENT = snowflake(1), snowflake(1001)
ERASED_ONES = NamedSubjects(videos=frozenset({GONE}), comments=frozenset({COMMENT}), users=frozenset({"imkerin"}))
WORDS = (GONE, COMMENT, "imkerin")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A published file with a video of imkerin, and videos and comments that name her."""
    data = DataDir(tmp_path_factory.mktemp("copies") / "data")
    others = [video(number, video_description=f"see @imkerin, or {GONE}\u2028; '#imkerin'") for number in (2, 3)]
    load(
        data.writer,
        [
            land(data.landing, [page(video(1, username="imkerin"), *others)]),
            land(
                data.landing,
                [comment_page(comment(1)), comment_page(comment(2, under=2, text='line\n"@Imkerin"\u0085'), under=2)],
                load_id="comments/2026-10-02/run-1",
            ),
            land(data.landing, [user_page("imkerin"), user_page("jo")], load_id="users/2026-10-02/run-1"),
            land(
                data.landing, [list_page(Dataset.FOLLOWERS, "jo", "imkerin", "kim")], load_id="followers/2026-11-05/r"
            ),
        ],
    )
    publish_file(data.writer, data.published, CLOCK)
    return data


TABLES = ["core.videos", "core.comments", "core.users", "core.follow_snapshots", "marts.videos", "marts.creators"]


KINDS = [format_.value for format_ in ExportFormat if not format_.is_network]


@pytest.mark.parametrize("kind", [*KINDS, "excel"])
def test_an_export_loses_it_in_every_format(files: DataDir, tmp_path: Path, kind: str) -> None:
    """Its rows go, others lose mentions; the description has the new sizes, and all checksums are right."""
    format_ = ExportFormat.CSV if kind == "excel" else ExportFormat(kind)
    shape = Shape(format=format_, created=CLOCK.now(), for_excel=kind == "excel")
    export_tables(files.published, TABLES, tmp_path / "export", shape)
    before = rows_of_tables(tmp_path / "export")

    changed = clean_export(tmp_path / "export", ERASED_ONES).rows

    assert places_of(tmp_path / "export", WORDS) == []
    after = rows_of_tables(tmp_path / "export")
    assert {name: before[name] - after[name] for name in after} == dict.fromkeys(TABLES, 1)
    assert clean_export(tmp_path / "export", ERASED_ONES).by_hand == ()
    assert {path.suffix for path in changed} == {f".{format_}"}
    package = json.loads((tmp_path / "export" / "datapackage.json").read_text())
    for resource in package["resources"]:
        content = (tmp_path / "export" / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (
            len(content),
            f"sha256:{hashlib.sha256(content).hexdigest()}",
        )
    _check_sums(tmp_path / "export")
    assert clean_export(tmp_path / "export", ERASED_ONES).rows == {}


def rows_of_tables(folder: Path) -> dict[str, int]:
    """Rows of each exported table of a folder, whether it has a file of its own or not."""
    files = [path for path in folder.iterdir() if path.name != "data-dictionary.csv" and has_rows(path)]
    found = {table.name: len(table.rows) for path in files for table in read_rows(path).tables}
    return {name: rows for name, rows in found.items() if name in TABLES}


def _check_sums(folder: Path) -> None:
    for line in (folder / "checksums.sha256").read_text().splitlines():
        wanted, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == wanted, name


def test_codes_of_others_are_kept_byte_for_byte(files: DataDir, tmp_path: Path) -> None:
    """A coder saved the sheet with Excel: semicolons, Windows letters, a cell too many, lines in a cell."""
    folder, shape = tmp_path / "sheet", Shape(format=ExportFormat.CSV, created=CLOCK.now(), for_excel=True)
    export_sheet(files.published, Sheet(size=3), folder, shape)
    (sheet,) = folder.glob("coding_sheet.csv")
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        head, *body = list(csv.reader(file))
    place = head.index("video_id")
    kept = b'\'5;"two\r\nlines; ten";sch\xf6n \x96 imkerin;x;y;imkerin;;\r\n'
    gone = next(row for row in body if row[place] == f"'{GONE}")
    text = f"video_id;note;frame;extra\r\n'{GONE};{gone[-1]};a;b\r\n"
    sheet.write_bytes(text.encode() + kept)

    assert clean_export(folder, ERASED_ONES).rows == {sheet: 1}
    assert sheet.read_bytes() == b"video_id;note;frame;extra\r\n" + kept


def test_a_row_that_mentions_it_changes_only_there(tmp_path: Path) -> None:
    """Other cells of the row stay, those without a name too; other rows keep their bytes, odd characters included."""
    file = tmp_path / "rows.csv"
    odd = 'a,"b\x0bc\u2028d",""\n"e\x85f",g\x1ch,\n'
    file.write_text(f"video_id,text,code\n{odd}5,see @imkerin!,x,y\n", encoding="utf-8")

    assert clean_export(file, ERASED_ONES).rows == {file: 1}
    assert file.read_text(encoding="utf-8") == f"video_id,text,code\n{odd}5,see @{ERASED}!,x,y\n"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_query_with_names_of_its_own_loses_it(files: DataDir, tmp_path: Path, suffix: str) -> None:
    """Columns that a person named lose id and username too, and so does the query in the description."""
    query = f"select username as konto, 'imkerin' as wort, video_id as nr from core.videos where video_id <> {GONE + 7}"
    query += f" or video_id = {GONE} or username = 'imkerin'"
    query = f"select * from ({query}) union all select 'imkerin', 'imkerin', 5"
    export_query(files.published, query, tmp_path / "q", Shape(format=ExportFormat(suffix), created=CLOCK.now()))

    clean_export(tmp_path / "q", ERASED_ONES)

    assert places_of(tmp_path / "q", WORDS) == []
    description = (tmp_path / "q" / "datapackage.json").read_text()
    assert "'imkerin'" not in description
    assert str(GONE) not in description
    assert len(read_rows(tmp_path / "q" / f"answer.{suffix}").rows) == 3
    _check_sums(tmp_path / "q")


def test_rows_of_one_off_commands_lose_it(tmp_path: Path) -> None:
    """Lists and objects in JSON lines and in CSV lose it, and lines of others stay as they are."""
    other = '{"id": "5",  "text": "a\u2028b", "n": 1.0}'
    records: list[dict[str, Any]] = [
        {"id": str(GONE), "text": "x"},
        {"id": "6", "text": "hi @IMKERIN", "video_mention_list": ["imkerin", "jo"], "deep": {"ids": [str(GONE), 1]}},
    ]
    lines = tmp_path / "rows.jsonl"
    lines.write_text("\n".join([other, *map(json.dumps, records)]) + "\n", encoding="utf-8")
    clean_export(lines, ERASED_ONES)
    kept = {"id": "6", "text": f"hi @{ERASED}", "video_mention_list": ["jo"], "deep": {"ids": [ERASED, 1]}}
    assert lines.read_text(encoding="utf-8").split("\n") == [other, json.dumps(kept), ""]

    table = tmp_path / "rows.csv"
    table.write_text("id,video_mention_list,hashtag_names\n6,imkerin; jo,imkerin; bees\n7,Imkerin,\n")
    clean_export(table, ERASED_ONES)
    assert table.read_text() == "id,video_mention_list,hashtag_names\n6,jo,imkerin; bees\n7,,\n"


def test_of_a_creator_without_videos_only_profiles_go(tmp_path: Path) -> None:
    """What others wrote of the account stays, as in the warehouse."""
    creator = NamedSubjects(creators=frozenset({"imkerin"}))
    texts = {
        "profiles.csv": ("username,follower_count\nimkerin,5\njo,6\n", "username,follower_count\njo,6\n"),
        "mentions.csv": ("video_id,username\n5,imkerin\n", "video_id,username\n5,imkerin\n"),
        "follows.csv": ("follower,followed\nimkerin,jo\n", "follower,followed\nimkerin,jo\n"),
    }
    for name, (before, after) in texts.items():
        (tmp_path / name).write_text(before)
        clean_export(tmp_path / name, creator)
        assert (tmp_path / name).read_text() == after


def test_an_empty_file_is_left_alone(tmp_path: Path) -> None:
    """Somebody may have emptied a file by hand."""
    for name in ("a.csv", "b.jsonl"):
        (tmp_path / name).touch()
        assert clean_export(tmp_path / name, ERASED_ONES).rows == {}


def test_files_of_people_are_named(tmp_path: Path) -> None:
    """A note that names it and a zip file, which nobody reads, are not changed; other files are not mentioned."""
    contents = {"note.txt": f"see {GONE}".encode(), "codes.zip": b"PK\x03\x04", "plot.png": b"\x89PNG"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    assert [each.split(":")[0] for each in _of_others(tmp_path, ERASED_ONES)] == [
        f"{tmp_path / name}" for name in ("codes.zip", "note.txt")
    ]
    assert {name: (tmp_path / name).read_bytes() for name in contents} == contents


def test_what_would_be_removed_is_counted(files: DataDir) -> None:
    """A trial run counts rows of each file, and skips files that cannot be read."""
    folder = files.exports / "one"
    export_tables(files.published, ["core.videos"], folder, Shape(format=ExportFormat.CSV, created=CLOCK.now()))
    (folder / "broken.parquet").write_bytes(b"no parquet")
    assert copies_with(files, ERASED_ONES) == {folder / "core.videos.csv": 3}
