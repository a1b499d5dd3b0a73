"""A target in a DuckLake: a catalog in Postgres, SQLite or a DuckDB file, and the data as Parquet files.

All tables are replaced in one transaction, so that a reader sees one publication or the next, and of two publishers at
once one is refused. The published file's views are made again, because they are not data. Comments are kept where
DuckLake has them: on tables and on their columns.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import duckdb

from tt_pipeline.errors import TargetUnusable
from tt_pipeline.file_modes import set_readers
from tt_pipeline.publish_address import PublishAddress, is_in_bucket
from tt_pipeline.settings import bucket_variables
from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS, words_of
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.targets.origin import Origin, naming, origin_of, problem_with, reading

_NO_INLINING: Final = "data_inlining_row_limit 0"
"""Small tables are files too: rows in the catalog would outlive their deletion in the server's log."""
_ENTRIES: Final = """
select schema_name || '.' || table_name, 'table' from duckdb_tables() where database_name = '{database}'
union all
select schema_name || '.' || view_name, 'view' from duckdb_views() where database_name = '{database}' and not internal
"""
_SNAPSHOTS: Final = "select snapshot_id from ducklake_snapshots('lake') order by snapshot_id desc"
_CREATED: Final = re.compile(r"create or replace (view|macro) ([\w.]+)")
_STORED_DATA: Final = "select value from ducklake_options('lake') where option_name = 'data_path'"


@dataclass(frozen=True, slots=True)
class DuckLakeTarget:
    """A DuckLake that has nothing but this copy."""

    address: PublishAddress
    internal: Path
    share_group: str | None = None

    def publish(
        self,
        published: Path,
        *,
        expected_at: datetime | None,
        most_earlier: int | None,
        creates: bool,
        before_writing: Callable[[], None],
    ) -> bool:
        """Replace all tables and views in one transaction, then expire what must not be readable any more."""
        with naming(self.address), reading(published, self.internal) as connection:
            with self._attached(connection, must_exist=not creates):
                there = _entries(connection, "lake")
                with _transaction(connection):
                    before = self._checked(connection)
                    before_writing()
                    _replace_all(connection)
                if before and before.published_at != expected_at:
                    most_earlier = 0
                if most_earlier is not None:
                    _expire(connection, most_earlier)
            if most_earlier == 0:
                self._overwrite_catalog(connection)
        return bool(there)

    def remove(self) -> None:
        """Delete every table and view, and every earlier snapshot with its files."""
        with naming(self.address), duckdb.connect() as connection:
            with self._attached(connection, must_exist=True):
                with _transaction(connection):
                    _drop(connection, _entries(connection, "lake"))
                _expire(connection, 0)
            self._overwrite_catalog(connection)

    @contextmanager
    def _attached(self, connection: duckdb.DuckDBPyConnection, *, must_exist: bool = False) -> Iterator[None]:
        file, data = self.address.file, self.address.data
        if must_exist and file and not file.exists():  # DuckDB would say it in other words for each kind
            raise TargetUnusable(f"{self.address}", "its catalog is not there")
        self._load(connection, "ducklake")
        if self.address.is_in_postgres:
            self._load(connection, "postgres_scanner")
        if self.address.is_in_sqlite:
            self._load(connection, "sqlite_scanner")
        if is_in_bucket(data):
            self._use_bucket(connection)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
        place = [f"data_path {sql_text(data)}"] if data else []
        options = [_NO_INLINING, *place, *(["create_if_not_exists false"] if must_exist else [])]
        connection.execute(f"attach {sql_text(self.address.setting)} as lake ({', '.join(options)})")
        try:
            stored = _data_path(connection)  # a target of earlier days is known by its catalog alone
            if is_in_bucket(stored) and not is_in_bucket(data):
                self._use_bucket(connection)
            yield
        finally:
            connection.execute("use memory")
            connection.execute("detach lake")
        for path in ([file] if file else []) + ([] if is_in_bucket(stored) else [Path(stored)]):
            for each in (path, *path.rglob("*")):
                set_readers(each, self.share_group)

    def _load(self, connection: duckdb.DuckDBPyConnection, extension: str) -> None:
        try:
            connection.execute(f"load {extension}")
        except duckdb.Error:
            install = f"python -c \"import duckdb; duckdb.sql('install {extension}')\""
            problem = f"DuckDB {duckdb.__version__} has no extension {extension} here; run {install}"
            raise TargetUnusable(f"{self.address}", problem) from None

    def _use_bucket(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._load(connection, "httpfs")
        found = bucket_variables()
        endpoint = urlsplit(found.get("AWS_ENDPOINT_URL", ""))
        values = {
            "key_id": found.get("AWS_ACCESS_KEY_ID"),
            "secret": found.get("AWS_SECRET_ACCESS_KEY"),
            "session_token": found.get("AWS_SESSION_TOKEN"),
            "region": found.get("AWS_REGION", "us-east-1"),
            "endpoint": endpoint.netloc,
            "url_style": "path" if endpoint.netloc else None,
        }
        given = [f"{name} {sql_text(value)}" for name, value in values.items() if value]
        use_ssl = [f"use_ssl {str(endpoint.scheme == 'https').lower()}"] if endpoint.netloc else []
        connection.execute(f"create or replace secret bucket ({', '.join(['type s3', *given, *use_ssl])})")

    def _checked(self, connection: duckdb.DuckDBPyConnection) -> Origin | None:
        """The origin of the copy that is there; None if there is none.

        Raises:
            TargetUnusable: It is not ours.
        """
        there, place = _entries(connection, "lake"), _data_path(connection)
        (files,) = connection.execute(f"select count(*) from glob({sql_text(f'{place}/**')})").fetchall()
        if not there:
            if files != (0,):
                raise TargetUnusable(f"{self.address}", f"{place} has files already; name an empty place for its data")
            return None
        if files == (0,):  # such as a disk that is not mounted
            raise TargetUnusable(f"{self.address}", f"its data is not in {place}")
        if "ops.publish_info" not in there:
            problem = "it has tables that tt_pipeline did not make; use a DuckLake for this copy alone"
            raise TargetUnusable(f"{self.address}", problem)
        found = origin_of(connection, "lake.ops")
        if refusal := problem_with(found, origin_of(connection, "published.ops")):
            raise TargetUnusable(f"{self.address}", refusal)
        return found

    def _overwrite_catalog(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write a catalog's file again, because deleted rows stay in its free pages: smallest and largest values."""
        file = self.address.file
        if file is None:  # a server overwrites them itself
            return
        if self.address.is_in_sqlite:
            with closing(sqlite3.connect(file)) as catalog:
                catalog.execute("vacuum")
            return
        anew = file.with_name(f".{file.name}.anew")
        anew.unlink(missing_ok=True)
        connection.execute(f"attach {sql_text(file)} as before (read_only); attach {sql_text(anew)} as anew")
        connection.execute("copy from database before to anew; detach before; detach anew")
        set_readers(anew, self.share_group)
        anew.replace(file)


def _entries(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """Table or view, by its name with schema."""
    return dict(connection.execute(_ENTRIES.format(database=database)).fetchall())


def _replace_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every table, view and macro of the published file in the lake, in place of all that is there."""
    _drop(connection, _entries(connection, "lake"))
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists lake.{schema}")
    entries = _entries(connection, "published")
    connection.execute("use lake")
    for name in (name for name, kind in entries.items() if kind == "table"):
        connection.execute(f"create table {name} as from published.{name}")
        for sql in words_of(TABLES[name]) if name in TABLES else ():
            connection.execute(sql)
    for each in (each for sql in statements() for each in connection.extract_statements(sql)):
        created = _CREATED.search(each.query)
        if created and (created[1] == "macro" or entries.get(created[2]) == "view"):
            connection.execute(each)
    for table in TABLES.values():
        if table.loading is Loading.VIEW:
            connection.execute(next(words_of(table, kind="view")))
    connection.execute("use memory")


def _drop(connection: duckdb.DuckDBPyConnection, entries: dict[str, str]) -> None:
    for name, kind in entries.items():
        connection.execute(f"drop {kind} lake.{name}")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # a refused commit has ended the transaction
            connection.rollback()
        raise


def _data_path(connection: duckdb.DuckDBPyConnection) -> str:
    """The folder or prefix of the lake's data, without a slash at its end."""
    ((path,),) = connection.execute(_STORED_DATA).fetchall()
    return str(path).rstrip("/")


def _expire(connection: duckdb.DuckDBPyConnection, most_earlier: int) -> None:
    """Expire snapshots but for the present one and some before it, and delete the files that no other one needs."""
    snapshots = [int(number) for (number,) in connection.execute(_SNAPSHOTS).fetchall()]
    if expired := snapshots[1 + most_earlier :]:
        connection.execute(f"call ducklake_expire_snapshots('lake', versions => {expired})")
    connection.execute("call ducklake_cleanup_old_files('lake', cleanup_all => true)")
    if most_earlier == 0:  # of publishers that were killed
        connection.execute("call ducklake_delete_orphaned_files('lake', cleanup_all => true)")
