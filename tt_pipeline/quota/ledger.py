"""The ledger records each request before it is sent and its result afterwards, across threads and processes.

All studies of one client key share one SQLite file. A reservation that is never settled, because its process died,
still counts: the request may have reached the server.

A damaged file is renamed, and its readable rows are copied into a new one, so that today's count is kept. Unreadable
rows are not counted; then the server's own 429 stops the requests.
"""

import functools
import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from tt_pipeline.clock import Clock, next_midnight, opens_after, today
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.errors import DailyRunWaiting, FileSetAside, QuotaExhausted
from tt_pipeline.quota.policy import BucketUse, is_charged, may_send
from tt_pipeline.settings import Settings
from tt_pipeline.sqlite_file import ReadOnlySqliteFile, SqliteFile
from tt_pipeline.vocabulary import Bucket

LEDGER_VERSION = 1
"""The version of the ledger's tables."""
_SCHEMA = """
create table if not exists requests (
  request_id integer primary key,
  client_key text not null,
  bucket text not null,
  quota_date text not null,
  is_charged integer not null default 1,
  endpoint text not null,
  study text not null,
  dataset text not null,
  search text,
  day_date text,
  run_id text,
  reserved_at text not null,
  settled_at text,
  status integer,
  code text,
  log_id text,
  records integer,
  slots integer,
  seconds real,
  -- SQLite tests these when it checks a file and when rows are copied from a damaged one.
  check (quota_date is date(quota_date) and day_date is date(day_date)),
  check (datetime(reserved_at) is not null and (settled_at is null or datetime(settled_at) is not null))
);
create index if not exists requests_of_a_day on requests (client_key, bucket, quota_date, is_charged);
create index if not exists requests_of_a_run on requests (run_id);
create table if not exists dry_buckets (
  client_key text not null,
  bucket text not null,
  quota_date text not null,
  said_at text not null check (datetime(said_at) is not null),
  primary key (client_key, bucket, quota_date)
);
-- Tables of their own, so that an earlier tt_pipeline can use the file too.
create table if not exists request_zones (
  request_id integer primary key,
  zone text not null
);
create table if not exists landing_zones (
  study text not null,
  zone text not null,
  loads integer not null,
  is_accepted integer not null default 0,
  primary key (study, zone)
);
"""

_TABLES = ("requests", "dry_buckets", "request_zones", "landing_zones")
_COUNT = "select count(*) from requests where client_key = ? and bucket = ? and quota_date = ? and is_charged = 1"
_REFUSED_AT = "select said_at from dry_buckets where client_key = ? and bucket = ? and quota_date = ?"
_RESERVE = """
insert into requests (client_key, bucket, quota_date, endpoint, study, dataset, search, day_date, run_id, reserved_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SETTLE = """
update requests
set settled_at = ?, status = ?, code = ?, log_id = ?, records = ?, slots = ?, seconds = ?, is_charged = ?
where request_id = ? and settled_at is null
"""
# A damaged file may have lost the request and kept this row, and then the id is given again.
_BELONGS = "insert or replace into request_zones values (?, ?)"
# Requests of before the ledger stored zones count for any zone. What was answered after midnight may have been
# recorded before it.
_OF_ZONE = """
select count(*) from requests left join request_zones using (request_id)
where bucket = ? and (quota_date = ? or settled_at >= ?) and (zone is null or zone = ?)
"""
_COUNT_AGAIN = """
insert into requests (client_key, bucket, quota_date, endpoint, study, dataset, reserved_at, settled_at, code)
values (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
COUNTED_AGAIN = "counted_again"
"""The code of a request that was lost with a ledger and counted again because its page has landed."""
_REMEMBER = """
insert into landing_zones values (?, ?, ?, ?)
on conflict (study, zone) do update
set loads = case when excluded.is_accepted then excluded.loads else max(loads, excluded.loads) end,
    is_accepted = max(is_accepted, excluded.is_accepted)
"""
_TITLES = """
select study from landing_zones
where zone = ?
order by coalesce((select max(request_id) from requests where requests.study = landing_zones.study), 0), rowid
"""
_DRY = "insert or replace into dry_buckets select client_key, bucket, quota_date, ? from requests where request_id = ?"

_BY_STUDY = """
select study, bucket, count(*), max(reserved_at) from requests
where client_key = ? and quota_date = ? and is_charged = 1
group by study, bucket order by count(*) desc, study, bucket
"""
_ROWS = "select * from requests where request_id > ? order by request_id limit ?"
_LATEST_SECONDS = "select seconds from requests where run_id = ? and seconds > 0 order by request_id desc limit 20"

Row = tuple[str | int | float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a request is for; the ledger stores it with the request.

    Attributes:
        day: The UTC day that is collected, or the first of a window.
        reserve: Requests of the bucket that this purpose must leave unused.
        zone: The landing folder that will store the answer; "" when it is not stored; None when that is not known.
    """

    study: str
    dataset: str
    search: str | None = None
    day: str | None = None
    run_id: str | None = None
    reserve: int = 0
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownZone:
    """A landing folder whose pages a study has published or collected.

    Attributes:
        loads: The most landed files that it has had.
        is_accepted: Somebody decided that it may have fewer files than other folders of the study.
    """

    zone: str
    loads: int
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyUse:
    """The requests of a study on the present UTC day.

    Attributes:
        last_at: When the latest of them was sent; aware, UTC.
    """

    study: str
    bucket: Bucket
    requests: int
    last_at: datetime


_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def _again_on_the_new_file(
    method: Callable[Concatenate["Ledger", _Args], _Result],
) -> Callable[Concatenate["Ledger", _Args], _Result]:
    """Run the method again on the new file if the old one was found damaged and renamed."""

    @functools.wraps(method)
    def tried(self: "Ledger", /, *args: _Args.args, **options: _Args.kwargs) -> _Result:
        try:
            return method(self, *args, **options)
        except FileSetAside:
            self._file.open()
            return method(self, *args, **options)

    return tried


class Ledger:
    """Counts the requests of one client key; safe in any number of threads and processes."""

    def __init__(
        self,
        file: Path,
        *,
        client_key: str,
        clock: Clock,
        limits: Mapping[Bucket, int] = DAILY_REQUESTS,
        is_read_only: bool = False,
    ) -> None:
        """Open or create the file.

        Args:
            file: In the same folder are SQLite's own `-wal` and `-shm`.
            client_key: The fingerprint of the key, never the key.
            clock: Whose UTC day is the quota day.
            limits: Requests a day of each bucket.
            is_read_only: Open an existing file, which is neither changed nor upgraded; nothing can be reserved.
        """
        self._client_key, self._clock, self._limits = client_key, clock, limits
        # synchronous stays FULL, so that a power failure loses no commit (measured: 1 ms a commit here).
        self._file: SqliteFile | ReadOnlySqliteFile = (
            ReadOnlySqliteFile(file)
            if is_read_only
            else SqliteFile(file, schema=_SCHEMA, version=LEDGER_VERSION, copied=_TABLES)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.connection

    @_again_on_the_new_file
    def copy_to(self, file: Path) -> None:
        """Write a copy with every request so far; the ledger may be in use meanwhile."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.reading() as db, closing(sqlite3.connect(file)) as copy:
            db.backup(copy)

    def gate(self, purpose: Purpose) -> "LedgerGate":
        """The gate that a client asks for permission before each request."""
        return LedgerGate(self, purpose)

    @_again_on_the_new_file
    def use(self, bucket: Bucket) -> BucketUse:
        """Today's use of a bucket."""
        with self._file.reading():
            return self._use(bucket)

    def _use(self, bucket: Bucket) -> BucketUse:
        now, day = self._clock.now(), today(self._clock)
        key = (self._client_key, bucket.value, day.isoformat())
        ((used,),) = self._db.execute(_COUNT, key).fetchall()
        opens_at = [
            opens_after(datetime.fromisoformat(refused_at)) for (refused_at,) in self._db.execute(_REFUSED_AT, key)
        ]
        is_dry, limit = any(now < instant for instant in opens_at), self._limits[bucket]
        return BucketUse(
            bucket=bucket,
            day=day,
            used=used,
            limit=limit,
            is_dry=is_dry,
            opens_at=max(opens_at) if is_dry and used < limit else next_midnight(now),
        )

    @_again_on_the_new_file
    def reserve(self, purpose: Purpose, bucket: Bucket, endpoint: str, *, only_on: date | None = None) -> int:
        """Record one request before it is sent, and return its id.

        Args:
            purpose: What the request is for.
            bucket: The quota that is charged.
            endpoint: The name of the endpoint.
            only_on: The UTC day whose quota may be used; None for whatever day it is.

        Raises:
            DailyRunWaiting: It is another day by now; nothing was recorded.
            QuotaExhausted: The bucket has no request left for this purpose; nothing was recorded.
        """
        with self._file.writing():
            use = self._use(bucket)
            if only_on not in {None, use.day}:
                raise DailyRunWaiting
            if not may_send(use, reserve=purpose.reserve):
                raise QuotaExhausted(
                    bucket,
                    used=use.used,
                    limit=use.limit,
                    resets_at=use.opens_at,
                    reported_by_server=use.is_dry,
                )
            what = (purpose.study, purpose.dataset, purpose.search, purpose.day, purpose.run_id, self._instant())
            written = self._db.execute(_RESERVE, (self._client_key, bucket.value, use.day.isoformat(), endpoint, *what))
            request_id = int(written.lastrowid or 0)
            if purpose.zone is not None:
                self._db.execute(_BELONGS, (request_id, purpose.zone))
            return request_id

    @_again_on_the_new_file
    def settle(self, request_id: int, *, status: int | None, code: str, further: Row) -> None:
        """Record the result of a request; settling the same request twice changes nothing.

        Args:
            request_id: The id that `reserve` returned.
            status: HTTP status; None when no answer came.
            code: `error.code` of the answer; daily_quota_limit_exceeded marks the bucket as used up.
            further: log_id, records, slots, seconds.
        """
        charged = int(is_charged(status, code))
        with self._file.writing():
            self._db.execute(_SETTLE, (self._instant(), status, code, *further, charged, request_id))
            if code == "daily_quota_limit_exceeded":
                self._db.execute(_DRY, (self._instant(), request_id))

    @_again_on_the_new_file
    def count_again(self, study: str, zone: str, landed: Mapping[Bucket, Mapping[str, int]]) -> int:
        """Count requests again whose record was lost, for example with a deleted file, and return how many.

        Args:
            study: The title of the study.
            zone: The landing folder.
            landed: For each bucket, how many requests of today the folder has answers of, by dataset.
        """
        with self._file.reading():
            if not any(self._lost(bucket, zone, pages) for bucket, pages in landed.items()):
                return 0
        with self._file.writing():
            lost = [
                (bucket, dataset) for bucket, pages in landed.items() for dataset in self._lost(bucket, zone, pages)
            ]
            for bucket, dataset in lost:
                row = (self._client_key, bucket.value, today(self._clock).isoformat(), COUNTED_AGAIN, study, dataset)
                added = self._db.execute(_COUNT_AGAIN, (*row, self._instant(), self._instant(), COUNTED_AGAIN))
                self._db.execute(_BELONGS, (added.lastrowid, zone))
            return len(lost)

    def _lost(self, bucket: Bucket, zone: str, pages: Mapping[str, int]) -> list[str]:
        """The dataset of each of today's landed pages that no recorded request explains."""
        day = today(self._clock).isoformat()
        ((known,),) = self._db.execute(_OF_ZONE, (bucket.value, day, day, zone)).fetchall()
        datasets = [dataset for dataset, count in pages.items() for _ in range(count)]
        return datasets[known:]

    def counted_again(self) -> int:
        """How many of today's requests were counted again because their record was lost."""
        sql = "select count(*) from requests where code = ? and client_key = ? and quota_date = ?"
        return int(self._read(sql, COUNTED_AGAIN, self._client_key, today(self._clock).isoformat())[0][0] or 0)

    def requests_today(self) -> int:
        """How many requests of today are recorded, of every key, study and bucket."""
        day = today(self._clock).isoformat()
        sql = "select count(*) from requests where quota_date = ? or settled_at >= ?"
        return int(self._read(sql, day, day)[0][0] or 0)

    def zones(self, study: str) -> list[KnownZone]:
        """The landing folders of a study."""
        rows = self._read("select zone, loads, is_accepted from landing_zones where study = ? order by zone", study)
        return [
            KnownZone(zone=str(zone), loads=int(loads or 0), is_accepted=bool(is_accepted))
            for zone, loads, is_accepted in rows
        ]

    def titles(self, zone: str) -> list[str]:
        """The titles of the studies that have used a landing folder; the one that sent the latest request is last."""
        rows = self._read(_TITLES, zone)
        return [str(study) for (study,) in rows]

    @_again_on_the_new_file
    def remember_zone(self, study: str, zone: str, loads: int, *, is_accepted: bool = False) -> None:
        """Remember how many landed files a folder has, at most; with `is_accepted` exactly, as somebody decided."""
        with self._file.writing():
            self._db.execute(_REMEMBER, (study, zone, loads, int(is_accepted)))

    def last_request(self) -> int:
        """The id of the latest request; later requests have higher ids."""
        return int(self._read("select coalesce(max(request_id), 0) from requests")[0][0] or 0)

    def last_sent_at(self, study: str) -> datetime | None:
        """When the study's latest request was counted, UTC; None before the first."""
        ((last_at,),) = self._read("select max(reserved_at) from requests where study = ?", study)
        return _instant(last_at) if last_at else None

    def charged(self, run_id: str, *datasets: str, search: str | None = None, after: int = 0) -> int:
        """Requests charged to a run for these datasets (and this search, if named), with ids above `after`."""
        places = ", ".join("?" * len(datasets))
        sql = (
            f"select count(*) from requests where is_charged = 1 and run_id = ? and dataset in ({places})"
            " and request_id > ? and (? is null or search = ?)"
        )
        return int(self._read(sql, run_id, *datasets, after, search, search)[0][0] or 0)

    def use_by_study(self) -> list[StudyUse]:
        """Requests charged to this client key today, by study and bucket; most first."""
        rows = self._read(_BY_STUDY, self._client_key, today(self._clock).isoformat())
        return [
            StudyUse(
                study=f"{study}", bucket=Bucket(f"{bucket}"), requests=int(requests or 0), last_at=_instant(last_at)
            )
            for study, bucket, requests, last_at in rows
        ]

    def total_charged(self) -> int:
        """The number of requests ever charged to this client key."""
        sql = "select count(*) from requests where is_charged = 1 and client_key = ?"
        return int(self._read(sql, self._client_key)[0][0] or 0)

    def latency_s(self, run_id: str) -> float:
        """Average seconds of a run's latest 20 requests; 0 before the first."""
        found = self._read("select avg(seconds) from (" + _LATEST_SECONDS + ")", run_id)
        return float(found[0][0] or 0)

    @_again_on_the_new_file
    def _read(self, sql: str, *values: str | int | None) -> list[Row]:
        with self._file.reading():
            return self._db.execute(sql, values).fetchall()

    @_again_on_the_new_file
    def rows(self, *, after: int = 0, at_most: int = -1) -> tuple[tuple[str, ...], list[Row]]:
        """The requests of all keys and studies: column names, request_id first, and rows in order of request_id.

        Readers often have no key or a new one, so the rows are not limited to this key.

        Args:
            after: Only requests after this one.
            at_most: Largest number of rows; -1 for all.
        """
        with self._file.reading():
            found = self._db.execute(_ROWS, (after, at_most))
            return tuple(column[0] for column in found.description), found.fetchall()

    def _instant(self) -> str:
        return _text(self._clock.now())


@dataclass(frozen=True, slots=True)
class LedgerGate:
    """A ledger for requests of one purpose."""

    ledger: Ledger
    purpose: Purpose

    def reserve(self, bucket: Bucket, endpoint: str, *, only_on: date | None = None) -> "LedgerReservation":
        """Record the request.

        Raises:
            DailyRunWaiting: The day is not `only_on`, whose quota alone may be used.
            QuotaExhausted: No request is left.
        """
        return LedgerReservation(self.ledger, self.ledger.reserve(self.purpose, bucket, endpoint, only_on=only_on))


@dataclass(frozen=True, slots=True)
class LedgerReservation:
    """One recorded request."""

    ledger: Ledger
    request_id: int

    def settle(
        self, *, status: int | None, code: str, log_id: str | None, records: int, slots: int, seconds: float
    ) -> None:
        """Record the result of the request."""
        self.ledger.settle(self.request_id, status=status, code=code, further=(log_id, records, slots, seconds))


def key_fingerprint(client_key: str) -> str:
    """Twelve hex digits that identify a client key without revealing it."""
    return hashlib.sha256(f"tt_pipeline:{client_key}".encode()).hexdigest()[:12]


def key_of(settings: Settings) -> str:
    """The fingerprint of the client key of these settings, under which their requests are counted."""
    return key_fingerprint(settings.client_key.get_secret_value())


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(f"{text}")


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
