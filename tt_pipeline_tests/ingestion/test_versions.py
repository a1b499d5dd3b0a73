"""A tt_pipeline that meets the data dir of a later one says so and stops before it sends or changes anything."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import zstandard

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import NewerFile
from tt_pipeline.ingestion import deliver, open_session
from tt_pipeline.settings import Settings
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import collect

Make = Callable[[DataDir], Path]


def sqlite(name: str) -> Make:
    """A SQLite file of version 99."""

    def make(files: DataDir) -> Path:
        file = files.root / name
        with closing(sqlite3.connect(file)) as database:
            database.execute("pragma user_version = 99")
        return file

    return make


def warehouse(name: str) -> Make:
    """A warehouse of version 99."""

    def make(files: DataDir) -> Path:
        file = files.root / name
        with duckdb.connect(file) as connection:
            connection.execute("insert into ops.schema_versions values (99, now(), '9.9')")
        return file

    return make


def landed(files: DataDir) -> Path:
    """A landed file whose last line has version 99."""
    file = max(files.landing.rglob("*.ndjson.zst"))
    with zstandard.open(file, "rb") as content:
        *lines, last = content.read().splitlines(keepends=True)
    newer = json.dumps(json.loads(last) | {"envelope": 99, "mood": "good"}).encode() + b"\n"
    file.write_bytes(zstandard.compress(b"".join([*lines, newer])))
    return file


def study(files: DataDir) -> Path:
    """A study with a key that only a later version knows, in a data dir that a later version has used."""
    with (files.root / "study.yaml").open("a") as file:
        file.write("moods: [good]\n")
    return sqlite("ledger.sqlite")(files)


@pytest.mark.parametrize(
    "make",
    [
        sqlite("ledger.sqlite"),
        sqlite("internal/landing/index.sqlite"),
        warehouse("internal/writer.duckdb"),
        warehouse("warehouse.duckdb"),
        landed,
        study,
    ],
    ids=["ledger", "index", "writer", "published", "landed", "study"],
)
def test_a_newer_data_dir_stops_an_older_version(lab: Lab, make: Make) -> None:
    """The message names the file and what to update; no request is sent, and every file stays as it is."""
    with lab.session() as session:
        collect(session)
        deliver(session)
    file = make(DataDir(lab.folder))
    settings = Settings(
        data_dir=lab.folder,
        ledger=lab.folder / "ledger.sqlite",
        api_base_url=lab.base_url,
        client_key="sim-key",
        client_secret="sim-secret",
    )
    before, sent = contents(lab.folder), lab.sent()

    with (
        pytest.raises(NewerFile, match=rf"A later tt_pipeline made {file} .* so nothing was sent or changed: update"),
        open_session(settings, run_id="older"),
    ):
        pass

    assert lab.sent() == sent
    assert contents(lab.folder) == before


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but locks and SQLite's own, which readers make."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.endswith((".lock", ".lease", "-wal", "-shm"))}
