"""Temporary files with collected data are in the data dir, readable by its owner alone, and do not outlive a kill."""

import multiprocessing
import os
import signal
import stat
import tempfile
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.warehouse import scratch
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.builders import video
from tt_pipeline_tests.warehouse.builders import land, load, page, rows


def test_loading_writes_nothing_outside_the_data_dir(
    landing: Path, writer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works where the machine's folder for temporary files cannot be used, and leaves nothing."""
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nothing/is/here")
    before = sorted(writer_file.parent.iterdir())

    load(writer_file, [land(landing, [page(video(1))])])

    assert rows(writer_file, "select count(*) as videos from core.videos") == [{"videos": 1}]
    assert [path for path in sorted(writer_file.parent.iterdir()) if path not in before and path != landing] == []


def test_only_the_owner_reads_a_scratch_folder(tmp_path: Path) -> None:
    """Its mode does not depend on the umask of the program."""
    umask = os.umask(0)
    try:
        with scratch.scratch_folder(tmp_path) as folder:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        os.umask(umask)
    assert list(tmp_path.iterdir()) == []


def _killed_in_its_folder(internal: Path) -> None:
    with scratch.scratch_folder(internal) as folder:
        (folder / "0.ndjson").write_text("a comment")
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_folder_of_a_killed_process_is_deleted_by_the_next_one(tmp_path: Path) -> None:
    """The folder of a living process stays."""
    with scratch.scratch_folder(tmp_path) as living:
        process = multiprocessing.get_context("fork").Process(target=_killed_in_its_folder, args=(tmp_path,))
        process.start()
        process.join()
        assert len(list(tmp_path.rglob("0.ndjson"))) == 1

        with scratch.scratch_folder(tmp_path):
            assert list(tmp_path.rglob("0.ndjson")) == []
            assert living.is_dir()


def test_a_query_that_does_not_fit_into_memory_overflows_into_the_data_dir(tmp_path: Path) -> None:
    """DuckDB would write to the folder in which the command was started."""
    (tmp_path / "internal").mkdir()
    published = tmp_path / "warehouse.duckdb"
    with duckdb.connect(published) as connection:
        connection.execute("create table numbers as from range(10)")

    with open_published(published) as connection:
        ((folder,),) = connection.execute("select current_setting('temp_directory')").fetchall()
        assert Path(folder).parent == tmp_path / "internal"
        assert Path(folder).is_dir()

    assert list((tmp_path / "internal").iterdir()) == []


def test_without_a_data_dir_nothing_overflows(tmp_path: Path) -> None:
    """The published file was copied elsewhere: a query uses memory alone."""
    published = tmp_path / "copy.duckdb"
    with duckdb.connect(published) as connection:
        connection.execute("create table numbers as from range(10)")

    with open_published(published) as connection:
        assert connection.execute("select current_setting('temp_directory')").fetchall() == [("",)]
