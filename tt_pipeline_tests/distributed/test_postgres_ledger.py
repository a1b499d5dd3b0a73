"""The ledger in Postgres counts as the one in a file does, for any number of processes, and outlives its server."""

import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread

import psycopg
import pytest

from tt_pipeline import postgres
from tt_pipeline.clock import SystemClock
from tt_pipeline.errors import ClockWrong, NewerFile, PostgresUnusable, QuotaExhausted, SettingsError
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.settings import read_settings
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.distributed.postgres_server import PostgresServer
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.quota.asking_processes import requests_of_processes

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
LIMITS = {Bucket.MAIN: 1_000, Bucket.SOCIAL: 20_000}


def opened(place: Path | PostgresUrl, clock: FrozenClock | None = None) -> Ledger:
    return Ledger(place, client_key="key", clock=clock or FrozenClock(NOON), limits=LIMITS)


def test_eight_processes_send_no_more_than_the_quota(url: PostgresUrl) -> None:
    """They want 1,600 requests of 1,000, begin together on an empty database, and get exactly 1,000."""
    assert requests_of_processes(url, processes=8, each=200, limit=1_000) == 1_000
    with opened(url) as ledger:
        assert (ledger.total_charged(), len(ledger.rows()[1])) == (1_000, 1_000)


@pytest.mark.parametrize("seed", range(5))
def test_both_kinds_of_ledger_say_the_same(url: PostgresUrl, tmp_path: Path, seed: int) -> None:
    """After the same random history every row, count and sum is equal, and a copy of the database is a ledger."""
    file, clock = tmp_path / "ledger.sqlite", FrozenClock(NOON)
    with opened(file, clock) as in_file, opened(url, clock) as in_database:
        for number in range(150):
            file_chance, database_chance = (Random(f"{seed} {number}") for _ in range(2))  # noqa: S311 — repeatable
            assert step(in_file, file_chance, clock) == step(in_database, database_chance, clock)
            clock.advance(seconds=file_chance.choice([1, 60, 40_000]))
        in_database.copy_to(tmp_path / "copy.sqlite")
        assert facts(in_file) == facts(in_database)
        with opened(tmp_path / "copy.sqlite", clock) as copied:
            assert facts(copied) == facts(in_file)


def step(ledger: Ledger, chance: Random, clock: FrozenClock) -> object:
    """One of the things that a ledger is asked to do."""
    study, bucket = chance.choice(["a", "ß 'b'", "%s?"]), chance.choice(list(LIMITS))
    purpose = Purpose(
        study=study,
        dataset=chance.choice(["videos", "comments"]),
        search=chance.choice([None, "one"]),
        day="2026-10-01",
        run_id=chance.choice(["r1", "r2"]),
        zone=chance.choice([None, "", "z1", "z2"]),
        reserve=chance.choice([0, 998]),
    )
    kind = chance.random()
    if kind < 0.1:
        return ledger.remember_zone(study, chance.choice(["z1", "z2"]), chance.randrange(9), is_accepted=kind < 0.03)
    if kind < 0.2:
        return ledger.count_again(study, "z1", {bucket: {"videos": chance.randrange(4)}})
    try:
        reserved = ledger.gate(purpose).reserve(bucket, "video_query")
    except QuotaExhausted as error:
        return str(error)
    if kind < 0.9:
        code = chance.choice(["ok", "ok", "ok", "daily_quota_limit_exceeded", "rate_limit_exceeded", "internal_error"])
        status = {"ok": 200, "internal_error": 500}.get(code, 429)
        reserved.settle(status=status, code=code, log_id="l", records=3, slots=4, seconds=0.25)
    return clock.now()


def facts(ledger: Ledger) -> object:
    """Everything that a ledger can be asked."""
    return (
        ledger.rows(),
        ledger.rows(after=40, at_most=7),
        [ledger.use(bucket) for bucket in LIMITS],
        ledger.use_by_study(),
        [ledger.zones(study) for study in ("a", "ß 'b'", "%s?")],
        [ledger.titles(zone) for zone in ("z1", "z2")],
        [ledger.charged("r1", "videos", "comments", search=search, after=5) for search in (None, "one")],
        (ledger.total_charged(), ledger.last_request(), ledger.requests_today(), ledger.counted_again()),
        (ledger.last_sent_at("a"), ledger.last_sent_at("nobody"), ledger.latency_s("r1"), ledger.latency_s("r9")),
    )


def test_a_killed_server_that_starts_again_loses_nothing(server: PostgresServer, url: PostgresUrl) -> None:
    """Requests go on when the server is back; each that was permitted is counted."""
    purpose, permitted = Purpose(study="s", dataset="videos"), []
    with opened(url) as ledger:
        for number in range(60):
            if number == 20:
                server.kill()
                Thread(target=server.start).start()
            permitted.append(ledger.gate(purpose).reserve(Bucket.MAIN, "video_query").request_id)
        known = [row[0] for row in ledger.rows()[1]]

    assert len(set(permitted)) == 60
    assert set(permitted) <= set(known)
    assert len(known) <= 61  # the request that was under way may count twice


def test_a_server_that_stays_away_is_one_sentence(
    server: PostgresServer, url: PostgresUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what was kept; nothing was permitted."""
    monkeypatch.setattr(postgres, "_WAITS_S", 0.0)
    with opened(url) as ledger:
        server.kill()
        try:
            with pytest.raises(PostgresUnusable, match="What has landed is kept, and nothing more was sent"):
                ledger.gate(Purpose(study="s", dataset="videos")).reserve(Bucket.MAIN, "video_query")
        finally:
            server.start()


def test_an_address_that_leads_nowhere_is_one_sentence() -> None:
    """No password is shown."""
    with pytest.raises(PostgresUnusable) as refused:
        opened(PostgresUrl("postgresql://ada:hunter2@127.0.0.1:1/tt"))
    assert "postgresql://127.0.0.1:1/tt cannot be used" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_user_who_may_not_create_tables_is_one_sentence(url: PostgresUrl) -> None:
    """What the server says is quoted."""
    with psycopg.connect(url.url, autocommit=True) as connection:
        connection.execute("create role guest login")
    address = PostgresUrl(url.url.replace("postgres@", "guest@"))
    with pytest.raises(PostgresUnusable, match="permission denied"):
        opened(address)


def test_tables_of_a_later_version_are_refused(url: PostgresUrl) -> None:
    """Nothing is written."""
    with opened(url):
        pass
    with psycopg.connect(url.url, autocommit=True) as connection:
        connection.execute("update ledger_version set version = 99")
    with pytest.raises(NewerFile, match="version 99"):
        opened(url)


def test_a_machine_whose_clock_is_an_hour_ahead_is_refused(url: PostgresUrl) -> None:
    """It could spend the next day's quota; the server's clock is the measure."""

    class Ahead(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(hours=1)

    with pytest.raises(ClockWrong, match=r"3,600 seconds ahead of .*NTP"):
        Ledger(url, client_key="key", clock=Ahead())
    with Ledger(url, client_key="key", clock=SystemClock()) as ledger:
        assert ledger.use(Bucket.MAIN).used == 0


def test_reading_creates_no_tables(url: PostgresUrl) -> None:
    """`tt doctor` looks at a database that nothing has used yet."""
    with pytest.raises(PostgresUnusable, match="no ledger yet"):
        Ledger(url, client_key="key", clock=FrozenClock(NOON), is_read_only=True)
    with psycopg.connect(url.url) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


def test_a_reader_cannot_write(url: PostgresUrl) -> None:
    """The server itself refuses."""
    with opened(url):
        pass
    with (
        Ledger(url, client_key="key", clock=FrozenClock(NOON), is_read_only=True) as ledger,
        pytest.raises(PostgresUnusable, match="read-only"),
    ):
        ledger.remember_zone("s", "z", 1)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"TT_LEDGER needs psycopg.*tt-pipeline\[distributed\]"):
        opened(PostgresUrl("postgresql://127.0.0.1/tt"))


def test_the_setting_is_an_address_or_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address reaches other processes whole and is never shown with its password."""
    monkeypatch.setenv("TT_LEDGER", "postgresql://ada:hunter2@db:5433/tt?sslmode=require")
    settings = read_settings(data_dir=tmp_path)
    assert settings.ledger_place == PostgresUrl("postgresql://ada:hunter2@db:5433/tt?sslmode=require")
    assert settings.as_environment()["TT_LEDGER"] == "postgresql://ada:hunter2@db:5433/tt?sslmode=require"
    assert "hunter2" not in f"{settings.ledger_place} {settings!r}"
    assert "TT_LEDGER" in settings.secret_variables
    monkeypatch.setenv("TT_LEDGER", str(tmp_path / "l.sqlite"))
    assert read_settings(data_dir=tmp_path).ledger_file == tmp_path / "l.sqlite"
    assert sqlite3.sqlite_version_info >= (3, 35)  # `returning`
