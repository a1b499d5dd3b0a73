"""A target of plain Parquet files, which every program reads: one folder a table, large tables in parts by month.

A publication is a folder that is complete before `current.json` names it. The one before it stays, so that a reader who
has begun with it can finish; older ones are deleted.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.errors import TargetUnusable
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.targets.origin import Origin, naming, origin_of, problem_with, reading
from tt_pipeline.warehouse.targets.places import CURRENT, PUBLICATIONS, Place

_LARGE: Final = frozenset({"video_id", "comment_id"})
"""The first key of tables that are written in parts, whatever their size: a column must not come and go."""
_MONTH_OF: Final = ("created_at", "observed_at", "first_observed_at", "first_seen_at")
_FILE: Final = "format parquet, compression zstd"
_TABLES: Final = """
select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'
union all
select schema_name || '.' || view_name from duckdb_views() where database_name = 'published' and not internal
order by all
"""


@dataclass(frozen=True, slots=True)
class ParquetTarget:
    """Parquet files at a place."""

    address: PublishAddress
    internal: Path
    place: Place

    def publish(
        self,
        published: Path,
        *,
        expected_at: datetime | None,
        most_earlier: int | None,
        creates: bool,
        before_writing: Callable[[], None],
    ) -> bool:
        """Write a publication and name it in current.json; at most one earlier one stays."""
        with naming(self.address), reading(published, self.internal) as connection:
            if not creates:
                self._check_exists()
            with self.place.alone():
                ours = origin_of(connection, "published.ops")
                before, version = self._claimed(ours)
                before_writing()
                name = f"{ours.published_at:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
                with self.place.adding(name) as folder:
                    rows = _write_tables(connection, folder)
                if not self.place.replace_current(_text(ours, name, rows), version):
                    self.place.remove(name)
                    raise TargetUnusable(f"{self.address}", "another process published there meanwhile")
                is_known = before.published_at == expected_at and most_earlier != 0
                kept = {name, *([before.name] if is_known else [])}
                for other in self.place.publications() - kept:
                    self.place.remove(other)
        return before.name is not None

    def remove(self) -> None:
        """Delete every publication."""
        with naming(self.address):
            self._check_exists()
            with self.place.alone():
                for name in self.place.publications():
                    self.place.remove(name)
                self.place.remove_current()

    def _check_exists(self) -> None:
        if self.place.current() is None:
            raise TargetUnusable(f"{self.address}", f"{CURRENT} is not there")

    def _claimed(self, ours: Origin) -> tuple["_Current", str]:
        """What current.json says, and its version; it is made if it is missing.

        Raises:
            TargetUnusable: It is not ours.
        """
        if (there := self.place.current()) is None:
            if self.place.publications():
                problem = f"{PUBLICATIONS} has files there, and {CURRENT} does not say whose; move them elsewhere"
                raise TargetUnusable(f"{self.address}", problem)
            self.place.replace_current(_text(replace(ours, published_at=None), None, {}), None)
            there = self.place.current()
        if there is None or (found := _read(there[0])) is None:
            raise TargetUnusable(f"{self.address}", f"its {CURRENT} is not one of tt_pipeline; move it elsewhere")
        if refusal := problem_with(found, ours):
            raise TargetUnusable(f"{self.address}", refusal)
        return found, there[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current(Origin):
    """What current.json says.

    Attributes:
        name: The folder of the publication; None if nothing was published yet.
    """

    name: str | None


def _write_tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write every table and view to a folder of its own; returns the rows of each."""
    rows = {}
    for (name,) in connection.execute(_TABLES).fetchall():
        target = folder / name.replace(".", "/")
        target.mkdir(parents=True)
        month = _month(TABLES.get(name))
        source = f"from published.{name}"
        ((rows[name],),) = connection.execute(f"select count(*) {source}").fetchall()
        if month and rows[name]:
            columns = f"select *, strftime({month}, '%Y-%m') as month {source} order by month"
            connection.execute(f"copy ({columns}) to {sql_text(target)} ({_FILE}, partition_by (month))")
        else:
            columns = f"select *, null::varchar as month {source}" if month else source
            connection.execute(f"copy ({columns}) to {sql_text(target / 'data_0.parquet')} ({_FILE})")
    return rows


def _month(table: Table | None) -> str | None:
    """The column by whose month a table is written in parts; None if it is one file."""
    if table is None or table.keys[0] not in _LARGE:
        return None
    return next((column for column in _MONTH_OF if column in table.column_names), None)


def _text(origin: Origin, name: str | None, rows: dict[str, int]) -> str:
    values = {
        "publication": name and f"{PUBLICATIONS}/{name}",
        **asdict(origin),
        "published_at": origin.published_at.isoformat() if origin.published_at else None,
        "rows": rows,
    }
    return json.dumps(values, indent=1) + "\n"


def _read(text: str) -> _Current | None:
    """What a current.json says; None if it is not one of ours."""
    try:
        values: dict[str, Any] = json.loads(text)
        at, publication = values["published_at"], values["publication"]
        return _Current(
            landing_id=values["landing_id"],
            schema_version=int(values["schema_version"]),
            published_at=datetime.fromisoformat(at) if at else None,
            name=str(publication).partition("/")[2] if publication else None,
        )
    except (ValueError, TypeError, KeyError):
        return None
