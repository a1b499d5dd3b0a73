"""A target is a whole copy of the published file, which deletions reach, and which never holds the file up."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copytree, move, rmtree

import duckdb
import polars as pl
import pytest
from obstore.store import MemoryStore
from polars.testing import assert_frame_equal

from tt_pipeline.cli.health_checks.warehouse import check_targets
from tt_pipeline.duties import end_study
from tt_pipeline.errors import SettingsError, TargetUnusable
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.settings import read_settings
from tt_pipeline.warehouse.targets import places
from tt_pipeline_tests.documents.blocks import ROOT, blocks
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, VIDEO, Stored
from tt_pipeline_tests.duties.targets import Targeted, columns_with, publish_copy, published_tables

WORDS: tuple[int | str, ...] = (VIDEO, *COMMENTS, CREATOR)
READS = """
import json, sys, duckdb
folder, last = sys.argv[1:]
print("reads", flush=True)
at = ""
while last not in at:
    current = json.load(open(f"{folder}/current.json"))
    place = f"{folder}/{current['publication']}"
    sql = f"select (select max(published_at) from '{place}/ops/publish_info/*.parquet')::varchar"
    sql += f", (select max(checked_at) from '{place}/ops/check_results/*.parquet')::varchar"
    try:
        ((at, checked_at),) = duckdb.sql(sql).fetchall()
    except duckdb.IOException:  # two publications later, its files are gone
        continue
    print(at == checked_at, at, flush=True)
"""


@pytest.fixture
def targeted(stored: Stored, tmp_path: Path) -> Targeted:
    """A data dir whose target is a folder that does not exist yet."""
    return Targeted(stored.root, f"parquet:{tmp_path / 'lake'}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The target's folder."""
    return tmp_path / "lake"


def newest(folder: Path) -> Path:
    """The publication that current.json names."""
    return folder / str(json.loads((folder / "current.json").read_text())["publication"])


def tables_of(folder: Path) -> dict[str, pl.DataFrame]:
    """Every table of the newest publication, in the order of all columns, without the month."""
    tables = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for place in sorted(newest(folder).glob("*/*")):
            frame = connection.sql(
                f"select columns(name -> name <> 'month')"
                f" from read_parquet('{place}/**/*.parquet', hive_partitioning = true) order by all"
            ).pl()
            tables[f"{place.parent.name}.{place.name}"] = frame
    return tables


def test_every_table_and_view_is_read_back_as_it_is(targeted: Targeted, folder: Path) -> None:
    """Values, types and the order of columns, in the names of the published file; videos by month of upload."""
    published = targeted.files.published
    assert not publish_copy(targeted.target, published, targeted.files.internal)

    expected, found = published_tables(published), tables_of(folder)
    assert list(found) == list(expected)
    for name, frame in expected.items():
        assert_frame_equal(found[name], frame)
    assert expected["core.videos"].height == 6
    assert {path.parent.name for path in (newest(folder) / "core" / "videos").rglob("*.parquet")} == {"month=2026-10"}
    assert (newest(folder) / "core" / "users" / "data_0.parquet").exists()


def test_readers_open_it_as_the_page_says(targeted: Targeted, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The Python of docs/publish-elsewhere.md, with this folder."""
    publish_copy(targeted.target, targeted.files.published, targeted.files.internal)
    (program,) = [
        block.text
        for block in blocks(ROOT / "docs" / "publish-elsewhere.md")
        if block.language == "python" and not block.not_run_because
    ]

    exec(program.replace("/mnt/team/wildbees", f"{folder}"), {})  # noqa: S102 — the page's own words

    assert re.search(r"2026-10 +│ +6 ", capsys.readouterr().out)


def test_one_earlier_publication_stays(targeted: Targeted, folder: Path) -> None:
    """So that a reader who has begun can finish; older ones go, and so does what nobody expected there."""
    publications = []
    for hours in range(4):
        publish_copy(
            targeted.target,
            targeted.files.published,
            targeted.files.internal,
            hours=hours,
            earlier=9 if hours == 3 else hours - 1,
        )
        publications.append(newest(folder))
        kept = publications[-2:] if hours < 3 else publications[-1:]
        assert sorted((folder / "publications").iterdir()) == kept


def test_a_reader_sees_one_publication_or_the_next(targeted: Targeted, folder: Path) -> None:
    """Two tables that it reads one after the other are always of the same publication."""
    published, internal = targeted.files.published, targeted.files.internal
    publish_copy(targeted.target, published, internal)
    last = "2026-11-20 15:00"
    command = [sys.executable, "-c", READS, f"{folder}", last]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TZ": "UTC"}, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "reads\n"
        for hours in (1, 2):
            publish_copy(targeted.target, published, internal, hours=hours, earlier=hours - 1)
        seen = [line.split(maxsplit=1) for line in reader.stdout.read().splitlines()]

    assert reader.returncode == 0
    assert {same for same, _ in seen} == {"True"}
    assert last in {at[:16] for _, at in seen}


def test_a_deletion_leaves_nothing_in_it(targeted: Targeted, folder: Path) -> None:
    """Neither in the newest publication nor in the one before, nor in one that was interrupted."""
    targeted.publish()
    assert columns_with(folder, WORDS)
    copytree(newest(folder), folder / "publications" / "20261120T120000Z-dead")

    report = replace(targeted, hours=1).purge(usernames=[CREATOR], ids=[VIDEO])

    assert columns_with(folder, WORDS) == []
    assert len(list((folder / "publications").iterdir())) == 1
    assert not any(f"{folder}" in sentence for sentence in report.by_hand)


def test_a_target_that_is_away_is_cleaned_when_it_is_back(targeted: Targeted, folder: Path, tmp_path: Path) -> None:
    """The report of the deletion and `tt doctor` name it until then, also after TT_PUBLISH names another one."""
    targeted.publish()
    move(folder, tmp_path / "away")
    elsewhere = replace(targeted, target=f"parquet:{tmp_path / 'other'}", hours=1)

    report = elsewhere.purge(usernames=[CREATOR], ids=[VIDEO])

    (says,) = [says for says in report.by_hand if f"{folder}" in says]
    assert says == (
        f"parquet:{folder}: this publish target may still have the data (current.json is not there). The next"
        " publication deletes it there; if it was moved, delete the data yourself."
    )
    assert not folder.exists()
    assert [f"{finding.mark}" for finding in check_targets(elsewhere.settings)] == ["not ok", "ok"]

    move(tmp_path / "away", folder)
    assert columns_with(folder, WORDS)
    replace(elsewhere, hours=2).publish()

    assert columns_with(folder, WORDS) == []
    assert [f"{finding.mark}" for finding in check_targets(elsewhere.settings)] == ["note", "ok"]


def test_what_came_back_unexpectedly_does_not_stay(targeted: Targeted, folder: Path, tmp_path: Path) -> None:
    """A folder of before the deletion, for example of a disk that was not mounted, loses everything."""
    targeted.publish()
    copytree(folder, tmp_path / "away")
    replace(targeted, hours=1).purge(usernames=[CREATOR], ids=[VIDEO])
    rmtree(folder)
    move(tmp_path / "away", folder)

    assert replace(targeted, hours=2).problem() is None

    assert columns_with(folder, WORDS) == []


def test_the_end_of_a_study_deletes_it(targeted: Targeted, folder: Path) -> None:
    """Nothing but the folder is left, and what people put there."""
    targeted.publish()
    (folder / "notes.txt").write_text("mine")

    report = end_study(targeted.settings)

    assert not any(f"{folder}" in sentence for sentence in report.by_hand)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [".publishing.lock", "notes.txt"]


OTHERS = {"publication": None, "published_at": None, "schema_version": 1, "landing_id": "x"}


def test_the_target_of_another_study_is_refused(targeted: Targeted, folder: Path) -> None:
    """Nothing is written there, the file is published, and the next publication tries again."""
    folder.mkdir()
    (folder / "current.json").write_text(json.dumps(OTHERS))

    assert "of another study" in str(targeted.problem())

    assert json.loads((folder / "current.json").read_text()) == OTHERS
    assert not (folder / "publications").exists()
    assert published_tables(targeted.files.published)["ops.publish_info"]["published_at"][0].hour == 13
    (finding,) = check_targets(targeted.settings)
    assert (f"{finding.mark}", "of another study" in finding.says) == ("not ok", True)
    (folder / "current.json").unlink()
    assert targeted.problem() is None
    assert not targeted.files.owing_targets.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"schema_version": 99}, "update tt_pipeline"),
        ({"published_at": "2027-01-01T00:00:00+00:00"}, "a newer publication, of 2027-01-01"),
        ({"schema_version": "?"}, "is not one of tt_pipeline"),
        (None, "does not say whose"),
    ],
)
def test_what_it_does_not_know_is_not_replaced(
    targeted: Targeted, folder: Path, changed: dict[str, object] | None, says: str
) -> None:
    """A later version's, a later publication, and files that no current.json explains."""
    publish_copy(targeted.target, targeted.files.published, targeted.files.internal)
    before = json.loads((folder / "current.json").read_text())
    if changed is None:
        (folder / "current.json").unlink()
    else:
        (folder / "current.json").write_text(json.dumps(before | changed))

    with pytest.raises(TargetUnusable, match=says):
        publish_copy(targeted.target, targeted.files.published, targeted.files.internal, hours=1)

    assert (folder / before["publication"]).exists()


def test_a_folder_that_cannot_be_written_is_said(targeted: Targeted, folder: Path) -> None:
    """A file is in its place; the published file is there all the same."""
    folder.write_text("a file")

    assert "File exists" in str(targeted.problem())
    assert targeted.files.published.exists()


def test_a_bucket_has_the_same(targeted: Targeted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files, current.json and deletions, in a store in memory; of two publishers at once one is refused."""
    store = MemoryStore()

    @contextmanager
    def opened(_: object) -> Iterator[MemoryStore]:
        yield store

    monkeypatch.setattr(places.Bucket, "_opened", opened)
    at = replace(targeted, target="parquet:s3://bucket/prefix")
    assert at.problem() is None
    assert replace(at, hours=1).purge(usernames=[CREATOR], ids=[VIDEO]).is_published

    for page in store.list():
        for found in page:
            file = tmp_path / "bucket" / found["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(bytes(store.get(found["path"]).bytes()))
    assert_frame_equal(
        tables_of(tmp_path / "bucket")["core.videos"], published_tables(at.files.published)["core.videos"]
    )
    assert columns_with(tmp_path / "bucket", WORDS) == []
    bucket = places.Bucket(PublishAddress.read(at.target), at.files.internal)
    there = bucket.current()
    assert there
    assert bucket.replace_current(there[0] + "\n", there[1])
    assert not bucket.replace_current("too late", there[1])


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"TT_PUBLISH": "ftp://x"}, "TT_PUBLISH cannot be used: 'ftp://x' begins with neither parquet: nor ducklake:"),
        ({"TT_PUBLISH": "parquet:"}, "begins with neither"),
        ({"TT_PUBLISH": "parquet:data/copy"}, "TT_PUBLISH leads to .*data/copy, which is in the data dir"),
        ({"TT_PUBLISH": "ducklake:sqlite:data/x.sqlite"}, "TT_PUBLISH leads to .*x.sqlite, which is in the data dir"),
        ({"TT_PUBLISH": "ducklake:x", "TT_PUBLISH_DATA": "data/x"}, "TT_PUBLISH_DATA leads to .*data/x"),
        ({"TT_PUBLISH": "ducklake:postgres:dbname=x"}, "names a catalog in Postgres, and no place for its data"),
        ({"TT_PUBLISH": "parquet:x", "TT_PUBLISH_DATA": "y"}, "TT_PUBLISH_DATA is set, and TT_PUBLISH is not"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    variables: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before anything is written."""
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=says):
        read_settings()


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("dbname=x password=se=cret host=h", "dbname=x host=h"),
        ("dbname=x password = 'se cret' host=h", "dbname=x host=h"),
        ("postgresql://u:secret@h:1/x", "postgresql://u@h:1/x"),
    ],
)
def test_a_password_is_never_shown(place: str, shown: str) -> None:
    """Neither in the address nor in what a server says about it; other settings get it."""
    address = PublishAddress.read(f"ducklake:postgres:{place}").with_data("/x")

    assert " ".join(f"{address}".split()) == f"ducklake:postgres:{shown}"
    assert address.masked(f"cannot connect to {place}").count("cret") == 0
    assert (address.setting, address.has_password) == (f"ducklake:postgres:{place}", True)
    assert "cret" not in repr(address)


def test_a_missing_extension_is_one_sentence(
    targeted: Targeted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to run."""
    monkeypatch.setenv("HOME", f"{tmp_path}")
    lake = replace(targeted, target=f"ducklake:{tmp_path / 'catalog.ducklake'}")

    assert lake.problem() == (
        f"ducklake:{tmp_path}/catalog.ducklake was not published to: DuckDB {duckdb.__version__} has no extension"
        " ducklake here; run python -c \"import duckdb; duckdb.sql('install ducklake')\". What it had is unchanged, the"
        " published file is not concerned, and the next publication tries again."
    )
    assert not (tmp_path / "catalog.ducklake").exists()
