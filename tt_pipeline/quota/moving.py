"""Moves the requests of a ledger in a file into a database that other studies may use already.

Ids are shifted, so that they come after those that are there. Everything is one transaction, which also notes what was
moved: after a kill the command is run again, and nothing is moved twice.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from tt_pipeline.clock import Clock
from tt_pipeline.errors import MoveFailed
from tt_pipeline.postgres import PostgresConnection, PostgresUrl
from tt_pipeline.quota import ledger_sql
from tt_pipeline.quota.postgres_store import PostgresStore
from tt_pipeline.sqlite_file import connect_read_only

_NOTES: Final = """
create table if not exists moved_ledgers (
  mark text primary key,
  last_id bigint not null,
  rows bigint not null
)
"""
_NOTED: Final = "select last_id, rows from moved_ledgers where mark = ?"
_NOTE: Final = """
insert into moved_ledgers values (?, ?, ?)
on conflict (mark) do update set last_id = excluded.last_id, rows = excluded.rows
"""
_OF_REQUESTS: Final = "select * from requests where request_id > ? order by request_id"
_OF_ZONES: Final = "select request_id, zone from request_zones where request_id > ? order by request_id"
_HIGHEST: Final = "select coalesce(max(request_id), 0) from requests"
_NEXT_ID: Final = """
select setval(pg_get_serial_sequence('requests', 'request_id'), greatest(1, (select max(request_id) from requests)))
"""
_COUNT: Final = "select count(*), count(settled_at), coalesce(sum(is_charged), 0) from requests where request_id > ?"
_DRY: Final = """
insert into dry_buckets values (?, ?, ?, ?)
on conflict (client_key, bucket, quota_date) do update set said_at = excluded.said_at
"""


class MovedLedger(NamedTuple):
    """What `move_ledger` moved.

    Attributes:
        requests: Requests that it moved now.
        before: Requests of the same file that an earlier call had moved.
    """

    requests: int
    before: int


def move_ledger(file: Path, url: PostgresUrl, clock: Clock) -> MovedLedger:
    """Copy every row of a ledger file into a database, and compare what arrived; the file stays as it is.

    Nobody may use the file meanwhile.

    Raises:
        MoveFailed: The file is not a ledger, or the database has other rows than it; nothing was kept there.
        PostgresUnusable: The server cannot be reached, or refuses something; nothing was kept there.
    """
    store = PostgresStore(url, clock)
    try:
        with closing(connect_read_only(file)) as source, store.writing() as server:
            return _moved(source, server)
    except sqlite3.Error as error:
        raise MoveFailed(f"{file} cannot be read as a ledger ({error})") from error
    finally:
        store.close()


def _moved(source: sqlite3.Connection, server: PostgresConnection) -> MovedLedger:
    server.execute(_NOTES)
    mark = _mark(source)
    ((last_id, before),) = server.execute(_NOTED, (mark,)).fetchall() or [(0, 0)]
    ((highest,),) = server.execute(_HIGHEST).fetchall()
    shift = highest - last_id if highest > last_id else 0

    def shifted(sql: str) -> Iterator[tuple[object, ...]]:
        for request_id, *further in source.execute(sql, (last_id,)):
            yield (request_id + shift, *further)

    server.copy_in("requests", shifted(_OF_REQUESTS))
    server.copy_in("request_zones", shifted(_OF_ZONES))
    server.execute(_NEXT_ID)
    for row in source.execute("select * from dry_buckets"):
        server.execute(_DRY, row)
    for row in source.execute("select study, zone, loads, is_accepted from landing_zones"):
        server.execute(ledger_sql.REMEMBER, row)
    ((newest, requests),) = source.execute(
        "select coalesce(max(request_id), ?), count(*) from requests where request_id > ?", (last_id, last_id)
    ).fetchall()
    has_arrived = server.execute(_COUNT, (last_id + shift,)).fetchall()
    if has_arrived != source.execute(_COUNT, (last_id,)).fetchall():
        raise MoveFailed("The database has other rows than were moved")
    if mark:
        server.execute(_NOTE, (mark, newest, before + requests))
    return MovedLedger(requests, before)


def _mark(source: sqlite3.Connection) -> str:
    """What tells a ledger file from others: its first request; "" without one."""
    first = source.execute("select * from requests order by request_id limit 1").fetchall()
    return hashlib.sha256(repr(first).encode()).hexdigest() if first else ""
