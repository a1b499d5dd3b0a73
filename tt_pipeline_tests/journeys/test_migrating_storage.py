"""`tt migrate-storage` takes a collected data dir to a database and a bucket, once; another machine has all of it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tt_pipeline.landing.shared_loads import SharedLoads
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database
from tt_pipeline_tests.distributed.s3_server import Storage, running_storage
from tt_pipeline_tests.journeys.children import differences, tables
from tt_pipeline_tests.journeys.conftest import Place

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresServer, Storage]]:
    """A database server and a bucket."""
    with ExitStack() as opened:
        postgres = opened.enter_context(PostgresServer())
        yield postgres, opened.enter_context(running_storage(tmp_path_factory.mktemp("seaweedfs")))


@pytest.fixture
def place(
    collected: Place, servers: tuple[PostgresServer, Storage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Place:
    """A collected data dir whose settings now name what several machines share."""
    postgres, storage = servers
    shared = storage.settings(f"bucket-{tmp_path.name[-20:].strip('_').replace('_', '-')}".lower())
    further = {
        "TT_LEDGER": new_database(postgres).url,
        "TT_LANDING": shared.landing,
        "AWS_ACCESS_KEY_ID": "tt-key",
        "AWS_SECRET_ACCESS_KEY": "tt-secret",
        "AWS_ENDPOINT_URL": storage.endpoint,
    }
    for name, value in collected.environment(**further).items():
        monkeypatch.setenv(name, value)
    return collected


def test_a_second_machine_has_everything_and_requests_nothing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the move nothing can be collected; after it the other machine publishes the same rows from the bucket."""
    files = place.settings.files
    assert run("collect") == 2
    assert "`tt migrate-storage` moves them" in capsys.readouterr().err

    assert run("migrate-storage") == 0
    said = capsys.readouterr().out
    assert run("migrate-storage") == 0

    assert "moved to postgresql://127.0.0.1:" in said
    assert "compared byte for byte" in said
    assert not (files.internal / "ledger.sqlite").exists()
    assert len(list(files.internal.glob("ledger.sqlite.moved-*Z"))) == 1
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(place.settings.study_file, other)
    monkeypatch.setenv("TT_DATA_DIR", str(other))
    place.new_requests()
    assert run("rebuild") == 0
    there = place.settings.model_copy(update={"data_dir": other})
    assert differences(tables(there), tables(place.settings)) == {}
    assert place.new_requests() == []


def test_what_arrived_otherwise_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bucket is read again, byte for byte; the next call finds it right."""
    read = SharedLoads.read
    with monkeypatch.context() as patch:
        patch.setattr(SharedLoads, "read", lambda *given: read(*given)[:-1])
        assert run("migrate-storage") == 1
        assert "differ from this data dir's. This data dir is unchanged" in capsys.readouterr().err
    assert run("migrate-storage") == 0
    assert place.settings.files.landing.exists()
