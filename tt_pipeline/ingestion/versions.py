"""Refuses a data dir that a later version of tt_pipeline has written, before anything is sent or changed."""

from pathlib import Path

import duckdb

from tt_pipeline.errors import StorageFailed, WriterLocked
from tt_pipeline.landing import INDEX_VERSION
from tt_pipeline.quota import LEDGER_VERSION
from tt_pipeline.safe_files import reading_if_free
from tt_pipeline.settings import Settings
from tt_pipeline.sqlite_file import check_version
from tt_pipeline.warehouse import Writer


def check_versions(settings: Settings) -> None:
    """Check the versions of the ledger, the landing index and the warehouse.

    The landing zone checks the landed files when it reads them. A file that is in use, missing or damaged passes:
    whoever opens it says what is wrong with it.

    Raises:
        NewerFile: A later version made one of them.
    """
    files = settings.files
    if settings.ledger_file:  # opening a database checks its version
        check_version(settings.ledger_file, LEDGER_VERSION)
    check_version(files.landing / "index.sqlite", INDEX_VERSION)
    if files.writer.is_file():
        # Closing a file that this process has open for writing would drop its lock on it.
        with reading_if_free(files.internal / "writer.lease") as is_free:
            if is_free:
                _check_warehouse(files.writer, settings)
    if files.published.is_file():
        _check_warehouse(files.published, settings)


def _check_warehouse(file: Path, settings: Settings) -> None:
    try:
        with Writer(file, settings.open_clock(), is_read_only=True):
            pass
    except (WriterLocked, StorageFailed, duckdb.Error):
        return
