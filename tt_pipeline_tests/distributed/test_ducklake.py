"""A DuckLake has one publication whole, and nothing of what was deleted, whatever its catalog."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copy

import duckdb
import psycopg
import pytest
from polars.testing import assert_frame_equal

from tt_pipeline.duties import end_study
from tt_pipeline.errors import TargetUnusable
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.warehouse import TABLES
from tt_pipeline_tests.distributed.extensions import EXTENSIONS, install_extensions
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, VIDEO, Sought, Stored
from tt_pipeline_tests.duties.targets import AT, Targeted, columns_with, publish_copy, published_tables

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
WORDS: tuple[int | str, ...] = (VIDEO, *COMMENTS, CREATOR)
READS = """
import sys, duckdb
target, last = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute("load ducklake; load sqlite_scanner; load postgres_scanner")
    connection.execute(f"attach '{target}' as any_name (read_only)")
    print("reads", flush=True)
    at = ""
    while last not in at:
        connection.begin()
        ((at,),) = connection.execute("select published_at::varchar from any_name.ops.publish_info").fetchall()
        sql = "select max(checked_at)::varchar from any_name.ops.check_results"
        ((checked_at,),) = connection.execute(sql).fetchall()
        connection.commit()
        print(at == checked_at, at, flush=True)
"""


@pytest.fixture(autouse=True)
def extensions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB's extensions, installed into a home folder of the test's own from packages of the registry."""
    pytest.importorskip("duckdb_extension_ducklake", reason="make distributed installs it")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", f"{tmp_path / 'home'}")
    install_extensions()


@pytest.fixture(params=["sqlite", "duckdb", "postgres"])
def lake(request: pytest.FixtureRequest, stored: Stored, tmp_path: Path) -> Targeted:
    """A data dir whose target is a DuckLake with each kind of catalog; its data is in the folder `lake`."""
    data = f"{tmp_path / 'lake'}"
    if request.param == "postgres":
        url: PostgresUrl = request.getfixturevalue("url")
        return Targeted(stored.root, f"ducklake:postgres:{url.url}", data)
    prefix = "sqlite:" if request.param == "sqlite" else ""
    return Targeted(stored.root, f"ducklake:{prefix}{tmp_path / 'catalog'}", data)


def connected(lake: Targeted, alias: str = "any_name") -> duckdb.DuckDBPyConnection:
    """A reader of the lake, under a name of its own."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name in EXTENSIONS:
        connection.execute(f"load {name}")
    connection.execute(f"attach '{lake.target}' as {alias} (read_only)")
    return connection


def catalog_text(lake: Targeted, tmp_path: Path) -> str:
    """Everything that the catalog has: of a file its bytes too, where deleted rows could stay."""
    address = lake.settings.publish_target
    assert address
    if address.is_in_postgres:
        with psycopg.connect(address.place.removeprefix("postgres:")) as connection:
            tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            return "".join(f"{connection.execute(f'select * from {name}'.encode()).fetchall()}" for (name,) in tables)
    if address.is_in_sqlite:
        with closing(sqlite3.connect(tmp_path / "catalog")) as catalog:
            tables = catalog.execute("select name from sqlite_master where type = 'table'").fetchall()
            rows = "".join(f"{catalog.execute(f'select * from {name}').fetchall()}" for (name,) in tables)
    else:
        with duckdb.connect(tmp_path / "catalog", read_only=True) as connection:
            tables = connection.execute("select table_name from duckdb_tables()").fetchall()
            rows = "".join(f"{connection.execute(f'from {name}').fetchall()}" for (name,) in tables)
    return rows + (tmp_path / "catalog").read_bytes().decode("latin-1")


def test_every_table_and_view_is_read_back_as_it_is(lake: Targeted) -> None:
    """Values, types, the order of columns, and the comments of tables; views are views."""
    assert lake.problem() is None

    expected = published_tables(lake.files.published)
    with connected(lake) as connection:
        for name, frame in expected.items():
            assert_frame_equal(connection.sql(f"from any_name.{name} order by all").pl(), frame)
        comments = connection.execute(
            "select comment from duckdb_columns() where database_name = 'any_name' and schema_name = 'core'"
            " and table_name = 'videos' order by column_index"
        ).fetchall()
        (views,) = connection.execute(
            "select count(*) from duckdb_views() where database_name = 'any_name' and not internal"
        ).fetchall()
        (macro,) = connection.execute("select any_name.video_url(7)").fetchall()
    with duckdb.connect(lake.files.published, read_only=True) as published:
        (expected_views,) = published.execute("select count(*) from duckdb_views() where not internal").fetchall()
    assert [comment for (comment,) in comments] == [column.comment for column in TABLES["core.videos"].columns]
    assert (views, macro) == (expected_views, ("https://www.tiktok.com/@/video/7",))


def test_time_travel_reaches_back_to_the_last_deletion(lake: Targeted, tmp_path: Path) -> None:
    """Earlier publications are read until then; afterwards neither files nor catalog have anything of the erased."""
    lake.publish()
    with connected(lake) as connection:
        ((first,),) = connection.execute("from ducklake_current_snapshot('any_name')").fetchall()
    replace(lake, hours=1).publish()
    earlier = f"select count(*) from any_name.core.videos at (version => {first}) where username = '{CREATOR}'"
    with connected(lake) as connection:
        assert connection.execute(earlier).fetchall() == [(2,)]
    assert columns_with(tmp_path / "lake", WORDS)
    assert CREATOR in catalog_text(lake, tmp_path)  # among the smallest and largest values of columns

    report = replace(lake, hours=2).purge(usernames=[CREATOR], ids=[VIDEO])

    assert not any("publish target" in sentence for sentence in report.by_hand)
    assert columns_with(tmp_path / "lake", WORDS) == []
    text = catalog_text(lake, tmp_path)
    assert CREATOR not in text
    assert not Sought.of(WORDS).is_in_text(text)
    with connected(lake) as connection:
        assert len(connection.execute("from ducklake_snapshots('any_name')").fetchall()) == 1
        with pytest.raises(duckdb.Error):
            connection.execute(earlier)
        found = connection.sql("from any_name.core.videos order by all").pl()
    assert_frame_equal(found, published_tables(lake.files.published)["core.videos"])
    assert replace(lake, hours=3).problem() is None


def test_of_two_publishers_one_wins(lake: Targeted, tmp_path: Path) -> None:
    """The other is refused, and every table is of the one; then both can publish again."""
    internal, file = lake.files.internal, lake.files.published
    other = Path(copy(file, tmp_path / "other.duckdb"))
    refused = list[int]()

    def publish(file: Path, hours: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        try:
            publish_copy(lake.target, file, internal, data=lake.data, hours=hours, meanwhile=meanwhile)
        except TargetUnusable:
            refused.append(hours)

    publish(file, 0)
    publish(file, 1, lambda: publish(other, 2))

    assert refused in ([1], [2])
    winner = AT + timedelta(hours=3 - refused[0])
    with connected(lake) as connection:
        instants = connection.execute(
            "select published_at from any_name.ops.publish_info union select checked_at from any_name.ops.check_results"
        ).fetchall()
    assert instants == [(winner,)]
    publish(file, 4)
    assert refused in ([1], [2])


@pytest.mark.parametrize("lake", ["sqlite", "postgres"], indirect=True)  # a DuckDB file is for one process at a time
def test_a_reader_sees_one_publication_or_the_next(lake: Targeted) -> None:
    """Two tables that one transaction reads are always of the same publication."""
    lake.publish()
    last = "2026-11-20 16:00"
    command = [sys.executable, "-c", READS, lake.target, last]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TZ": "UTC"}, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "reads\n"
        problems = [replace(lake, hours=hours).problem() for hours in (1, 2, 3)]
        seen = [line.split(maxsplit=1) for line in reader.stdout.read().splitlines()]

    assert problems == [None] * 3
    assert reader.returncode == 0
    assert {same for same, _ in seen} == {"True"}
    assert last in {at[:16] for _, at in seen}


def test_what_is_not_ours_is_refused(lake: Targeted) -> None:
    """A lake with tables of other people, or of another study; nothing is changed, and the file is published."""
    lake.publish()
    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            connection.execute(f"load {name}")
        connection.execute(f"attach '{lake.target}' as lake")
        connection.execute("update lake.ops.publish_info set landing_id = 'another'")
        connection.execute("detach lake")
    assert "of another study" in str(replace(lake, hours=1).problem())
    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            connection.execute(f"load {name}")
        connection.execute(f"attach '{lake.target}' as lake")
        connection.execute("drop table lake.ops.publish_info")
    assert "that tt_pipeline did not make" in str(replace(lake, hours=2).problem())


def test_a_folder_with_files_is_no_place_for_its_data(lake: Targeted, tmp_path: Path) -> None:
    """Files that no catalog knows are deleted there when something is deleted."""
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "mine.parquet").write_text("mine")

    assert "has files already" in str(lake.problem())


def test_a_deletion_waits_for_data_that_is_away(lake: Targeted, tmp_path: Path) -> None:
    """Its disk is not mounted: the catalog is there, and must not forget files that still have the erased."""
    lake.publish()
    (tmp_path / "lake").rename(tmp_path / "away")
    (tmp_path / "lake").mkdir()

    report = replace(lake, hours=1).purge(usernames=[CREATOR], ids=[VIDEO])

    assert any("may still have the data (its data is not in" in sentence for sentence in report.by_hand)
    (tmp_path / "lake").rmdir()
    (tmp_path / "away").rename(tmp_path / "lake")
    assert columns_with(tmp_path / "lake", WORDS)
    assert replace(lake, hours=2).problem() is None
    assert columns_with(tmp_path / "lake", WORDS) == []


def test_the_end_of_a_study_deletes_it(lake: Targeted, tmp_path: Path) -> None:
    """No data is left, nor what catalogs know of it."""
    lake.publish()

    report = end_study(lake.settings)

    assert not any("published there" in sentence for sentence in report.by_hand)
    assert list((tmp_path / "lake").rglob("*.parquet")) == []
    assert CREATOR not in catalog_text(lake, tmp_path)


def test_a_server_that_is_away_is_said_without_its_password(stored: Stored, tmp_path: Path) -> None:
    """The published file is there all the same."""
    target = "ducklake:postgres:host=127.0.0.1 port=1 dbname=x user=u password=se=cret"
    lake = Targeted(stored.root, target, f"{tmp_path / 'lake'}")

    problem = lake.problem()

    assert problem is not None
    assert "ducklake:postgres:host=127.0.0.1 port=1 dbname=x user=u was not published to" in problem
    assert "cret" not in problem
    assert "cret" not in lake.files.target_states.read_text()
    assert not lake.files.targets.exists()
    assert lake.files.published.exists()
