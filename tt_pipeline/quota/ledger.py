"""The ledger records each request before it is sent and its result afterwards, across threads and processes.

All studies of one client key share one SQLite file, or one Postgres database if they are on several machines. A
reservation that is never settled, because its process died, still counts: the request may have reached the server.

A damaged file is renamed, and its readable rows are copied into a new one, so that today's count is kept. Unreadable
rows are not counted; then the server's own 429 stops the requests. After a lost connection the same statement is sent
again: at worst one request counts that was not sent.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from tt_pipeline.clock import Clock, next_midnight, opens_after, today
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.errors import DailyRunWaiting, FileSetAside, QuotaExhausted
from tt_pipeline.postgres import ConnectionLost, PostgresUrl
from tt_pipeline.quota import ledger_sql
from tt_pipeline.quota.policy import BucketUse, is_charged, may_send
from tt_pipeline.quota.store import Statements, open_store
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket

COUNTED_AGAIN = "counted_again"
"""The code of a request that was lost with a ledger and counted again because its page has landed."""
_LOST_AT_MOST: Final = 3
"""How often a ledger may become unusable during one call."""
_NO_LIMIT: Final = 2**62

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


def _again_if_lost(
    method: Callable[Concatenate["Ledger", _Args], _Result],
) -> Callable[Concatenate["Ledger", _Args], _Result]:
    """Run the method again on the new file if the old one was renamed, or on a new connection if it was lost."""

    @functools.wraps(method)
    def tried(self: "Ledger", /, *args: _Args.args, **options: _Args.kwargs) -> _Result:
        for _ in range(_LOST_AT_MOST):
            try:
                return method(self, *args, **options)
            except (FileSetAside, ConnectionLost):
                self._store.open()
        return method(self, *args, **options)

    return tried


class Ledger:
    """Counts the requests of one client key; safe in any number of threads, processes and, on Postgres, machines."""

    def __init__(
        self,
        place: Path | PostgresUrl,
        *,
        client_key: str,
        clock: Clock,
        limits: Mapping[Bucket, int] = DAILY_REQUESTS,
        is_read_only: bool = False,
    ) -> None:
        """Open or create the ledger.

        Args:
            place: A file, beside which are SQLite's own `-wal` and `-shm`; or a database.
            client_key: The fingerprint of the key, never the key.
            clock: Whose UTC day is the quota day.
            limits: Requests a day of each bucket.
            is_read_only: Open an existing ledger, which is neither changed nor upgraded; nothing can be reserved.

        Raises:
            NewerFile: A later version of tt_pipeline made it.
            PostgresUnusable: The database cannot be reached, or refuses something.
            ClockWrong: This machine's clock and the database's differ by more than a minute.
        """
        self._client_key, self._clock, self._limits = client_key, clock, limits
        self._store = open_store(place, clock, is_read_only=is_read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    @property
    def _db(self) -> Statements:
        return self._store.connection

    @_again_if_lost
    def copy_to(self, file: Path) -> None:
        """Write a copy into a new SQLite file, with every request so far; the ledger may be in use meanwhile."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._store.copy_to(file)

    def gate(self, purpose: Purpose) -> "LedgerGate":
        """The gate that a client asks for permission before each request."""
        return LedgerGate(self, purpose)

    @_again_if_lost
    def use(self, bucket: Bucket) -> BucketUse:
        """Today's use of a bucket."""
        with self._store.reading():
            return self._use(bucket)

    def _use(self, bucket: Bucket) -> BucketUse:
        now, day = self._clock.now(), today(self._clock)
        key = (self._client_key, bucket.value, day.isoformat())
        ((used,),) = self._db.execute(ledger_sql.COUNT, key).fetchall()
        refused = self._db.execute(ledger_sql.REFUSED_AT, key).fetchall()
        opens_at = [opens_after(datetime.fromisoformat(refused_at)) for (refused_at,) in refused]
        is_dry, limit = any(now < instant for instant in opens_at), self._limits[bucket]
        return BucketUse(
            bucket=bucket,
            day=day,
            used=used,
            limit=limit,
            is_dry=is_dry,
            opens_at=max(opens_at) if is_dry and used < limit else next_midnight(now),
        )

    @_again_if_lost
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
        with self._store.writing():
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
            row = (self._client_key, bucket.value, use.day.isoformat(), endpoint, *what)
            ((request_id,),) = self._db.execute(ledger_sql.RESERVE, row).fetchall()
            if purpose.zone is not None:
                self._db.execute(ledger_sql.BELONGS, (request_id, purpose.zone))
            return int(request_id)

    @_again_if_lost
    def settle(self, request_id: int, *, status: int | None, code: str, further: Row) -> None:
        """Record the result of a request; settling the same request twice changes nothing.

        Args:
            request_id: The id that `reserve` returned.
            status: HTTP status; None when no answer came.
            code: `error.code` of the answer; daily_quota_limit_exceeded marks the bucket as used up.
            further: log_id, records, slots, seconds.
        """
        charged = int(is_charged(status, code))
        with self._store.writing():
            self._db.execute(ledger_sql.SETTLE, (self._instant(), status, code, *further, charged, request_id))
            if code == "daily_quota_limit_exceeded":
                self._db.execute(ledger_sql.DRY, (self._instant(), request_id))

    @_again_if_lost
    def count_again(self, study: str, zone: str, landed: Mapping[Bucket, Mapping[str, int]]) -> int:
        """Count requests again whose record was lost, for example with a deleted file, and return how many.

        Args:
            study: The title of the study.
            zone: The landing folder.
            landed: For each bucket, how many requests of today the folder has answers of, by dataset.
        """
        with self._store.reading():
            if not any(self._lost(bucket, zone, pages) for bucket, pages in landed.items()):
                return 0
        with self._store.writing():
            lost = [
                (bucket, dataset) for bucket, pages in landed.items() for dataset in self._lost(bucket, zone, pages)
            ]
            for bucket, dataset in lost:
                row = (self._client_key, bucket.value, today(self._clock).isoformat(), COUNTED_AGAIN, study, dataset)
                values = (*row, self._instant(), self._instant(), COUNTED_AGAIN)
                ((request_id,),) = self._db.execute(ledger_sql.COUNT_AGAIN, values).fetchall()
                self._db.execute(ledger_sql.BELONGS, (request_id, zone))
            return len(lost)

    def _lost(self, bucket: Bucket, zone: str, pages: Mapping[str, int]) -> list[str]:
        """The dataset of each of today's landed pages that no recorded request explains."""
        day = today(self._clock).isoformat()
        ((known,),) = self._db.execute(ledger_sql.OF_ZONE, (bucket.value, day, day, zone)).fetchall()
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
        rows = self._read(ledger_sql.TITLES, zone)
        return [str(study) for (study,) in rows]

    def key_of_zone(self, zone: str) -> str | None:
        """The fingerprint of the key that sent the latest request for a landing folder; None before the first."""
        rows = self._read(ledger_sql.KEY_OF_ZONE, zone)
        return str(rows[0][0]) if rows else None

    @_again_if_lost
    def remember_zone(self, study: str, zone: str, loads: int, *, is_accepted: bool = False) -> None:
        """Remember how many landed files a folder has, at most; with `is_accepted` exactly, as somebody decided."""
        with self._store.writing():
            self._db.execute(ledger_sql.REMEMBER, (study, zone, loads, int(is_accepted)))

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
        sql = f"{ledger_sql.CHARGED} ({places})"
        return int(self._read(sql, run_id, after, search, search, *datasets)[0][0] or 0)

    def use_by_study(self) -> list[StudyUse]:
        """Requests charged to this client key today, by study and bucket; most first."""
        rows = self._read(ledger_sql.BY_STUDY, self._client_key, today(self._clock).isoformat())
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
        found = self._read(ledger_sql.LATENCY, run_id)
        return float(found[0][0] or 0)

    @_again_if_lost
    def _read(self, sql: str, *values: str | int | None) -> list[Row]:
        with self._store.reading():
            return list(self._db.execute(sql, values))

    @_again_if_lost
    def rows(self, *, after: int = 0, at_most: int = -1) -> tuple[tuple[str, ...], list[Row]]:
        """The requests of all keys and studies: column names, request_id first, and rows in order of request_id.

        Readers often have no key or a new one, so the rows are not limited to this key.

        Args:
            after: Only requests after this one.
            at_most: Largest number of rows; -1 for all.
        """
        with self._store.reading():
            found = self._db.execute(ledger_sql.ROWS, (after, at_most if at_most >= 0 else _NO_LIMIT))
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
