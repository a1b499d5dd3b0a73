"""Opens the published file for one page, and says who published it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.browse.stop import Stop
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import reading
from tt_pipeline.settings import is_loopback
from tt_pipeline.warehouse import SCHEMA_VERSION, open_published

_SETTINGS: Final = (
    "set memory_limit = '1GB'",
    "set max_temp_directory_size = '4GB'",
    # A page that is sorted reads only the columns to sort by, and the other columns of its 50 rows.
    "set late_materialization_max_rows = 10000",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Who published the file, and when.

    Attributes:
        published_at: Text of the instant, UTC.
        is_invented: Whether a simulator answered: people and videos are invented.
        version_note: A sentence if another version of tt_pipeline published it; empty otherwise.
    """

    published_at: str
    is_invented: bool
    version_note: str


@contextmanager
def opened(published: Path, stop: Stop) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the file as it is now, which can open no other file.

    Raises:
        UsageError: Nothing is published yet, the file is damaged, or the work needs too much memory.
        QueryStopped: The work was stopped.
        duckdb.Error: The SQL is wrong.
    """
    with reading(published, only_damage=True), open_published(published, settings=_SETTINGS) as connection:
        stop.watch(connection)
        try:
            yield connection
        except duckdb.InterruptException:
            stop.check()
            raise
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                "It needs more than 1 GB of memory. Ask for less: add a filter, or do not sort."
            ) from error


def read_publication(connection: duckdb.DuckDBPyConnection, published: Path) -> Publication:
    """What the file says about itself.

    Raises:
        UsageError: It is not a file that tt_pipeline published.
    """
    try:
        answer = connection.execute("select columns(*)::varchar from ops.publish_info")
        known = dict(zip([name for name, *_ in answer.description], answer.fetchone() or (), strict=False))
    except duckdb.CatalogException as error:
        raise UsageError(f"{published} is a DuckDB file, but none that tt_pipeline published.") from error
    return Publication(
        published_at=f"{known.get('published_at') or '?'}"[:16],
        is_invented=is_loopback(known.get("api_base_url") or ""),
        version_note=_version_note(known.get("schema_version"), known.get("made_by")),
    )


def _version_note(version: str | None, made_by: str | None) -> str:
    if version == str(SCHEMA_VERSION):
        return ""
    return (
        f"Another version of tt_pipeline ({made_by or 'unknown'}) published this file, so columns may be missing or "
        "have another meaning than stated here. `tt rebuild` publishes it again and sends no request."
    )
