"""For tests of publish targets: a data dir that has one, and what is read back from it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.ingestion import publish_warehouse
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.settings import Settings
from tt_pipeline.warehouse import PublishReport, open_target
from tt_pipeline_tests.duties.builders import Sought, Stored

AT = datetime(2026, 11, 20, 13, tzinfo=UTC)


@dataclass(frozen=True)
class Targeted(Stored):
    """A data dir with a target.

    Attributes:
        hours: How late it is; a publication has its instant.
    """

    target: str
    data: str = ""
    hours: int = 0

    @property
    def settings(self) -> Settings:
        """Its settings, an hour and more after everything was stored."""
        return Settings(
            data_dir=self.root / "data",
            clock=f"{(AT + timedelta(hours=self.hours)).isoformat()}@1",
            publish=PublishAddress.read(self.target),
            publish_data=self.data,
        )

    def publish(self) -> PublishReport:
        """Publish, and return why targets failed."""
        with self.opened() as workspace:
            return publish_warehouse(workspace)

    def problem(self) -> str | None:
        """Publish; why the target failed."""
        (problem,) = self.publish().targets.values()
        return problem


def publish_copy(
    target: str,
    published: Path,
    internal: Path,
    *,
    data: str = "",
    hours: int = 0,
    earlier: int = 0,
    meanwhile: Callable[[], None] = lambda: None,
) -> bool:
    """Publish a file to a target as if it had been published some hours later; whether there was a copy before.

    Args:
        target: The address.
        published: The file, which gets that instant.
        internal: For temporary files.
        data: Where the data of a DuckLake goes.
        hours: How much later.
        earlier: The hours of the publication that is there.
        meanwhile: Called when the publication has begun.
    """
    with duckdb.connect(published) as connection:
        at = {"at": AT + timedelta(hours=hours)}
        connection.execute("update ops.publish_info set published_at = $at", at)
        connection.execute("update ops.check_results set checked_at = $at", at)
    return open_target(PublishAddress.read(target).with_data(data), internal).publish(
        published,
        expected_at=AT + timedelta(hours=earlier),
        most_earlier=None,
        creates=True,
        before_writing=meanwhile,
    )


def published_tables(published: Path) -> dict[str, pl.DataFrame]:
    """Every table and view of a published file, in the order of all columns."""
    with duckdb.connect(published, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        entries = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema in ('core', 'ops', 'marts') order by all"
        ).fetchall()
        return {name: connection.sql(f"from {name} order by all").pl() for (name,) in entries}


def columns_with(folder: Path, words: Iterable[int | str]) -> list[str]:
    """Every column of the Parquet files below a folder that has one of these ids or usernames."""
    return list(_columns_with(folder, Sought.of(words)))


def _columns_with(folder: Path, sought: Sought) -> Iterator[str]:
    for file in sorted(folder.rglob("*.parquet")):
        frame = pl.read_parquet(file, hive_partitioning=False)
        for column in frame:
            if any(sought.is_in_text(f"{value}") for value in column):
                yield f"{file.relative_to(folder)}: {column.name}"
