"""Where a publication comes from, which a target stores, and the connection with which a target is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.errors import TargetUnusable
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.safe_files import refusal_of
from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.scratch import scratch_folder
from tt_pipeline.warehouse.writer import CONFIG

_ORIGIN: Final = "select landing_id, schema_version, published_at from {schema}.publish_info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a publication comes from.

    Attributes:
        landing_id: The name of the landing folder; None if the published file does not say.
        schema_version: The version of its tables.
        published_at: Aware; None if nothing was published yet.
    """

    landing_id: str | None
    schema_version: int
    published_at: datetime | None


def origin_of(connection: duckdb.DuckDBPyConnection, schema: str) -> Origin:
    """The origin that a table `publish_info` says."""
    ((landing_id, version, at),) = connection.execute(_ORIGIN.format(schema=schema)).fetchall()
    return Origin(landing_id=landing_id, schema_version=int(version), published_at=at)


def problem_with(there: Origin, ours: Origin) -> str | None:
    """Why a publication must not replace the one in the target; None if it may."""
    if there.landing_id != ours.landing_id:
        return "it has the data of another study or data dir; give each data dir a place of its own"
    if there.schema_version > ours.schema_version:
        return (
            f"a later tt_pipeline wrote it (version {there.schema_version} of the tables, this one writes"
            f" {ours.schema_version}); update tt_pipeline"
        )
    if there.published_at and ours.published_at and there.published_at > ours.published_at:
        return f"it has a newer publication, of {there.published_at:%Y-%m-%d %H:%M:%S} UTC"
    return None


@contextmanager
def reading(published: Path, internal: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory in which the published file is attached read-only as `published`."""
    with (
        scratch_folder(internal) as folder,
        duckdb.connect(config={**CONFIG, "temp_directory": f"{folder}"}) as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach {sql_text(published)} as published (read_only)")
        yield connection


@contextmanager
def naming(address: PublishAddress) -> Iterator[None]:
    """Turn what a disk, DuckDB or a server refuses into `TargetUnusable`, without passwords."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise TargetUnusable(f"{address}", refusal_of(error) or address.masked(first_line)) from None
