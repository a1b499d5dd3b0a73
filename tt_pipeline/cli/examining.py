"""What `tt doctor` looks at: each thing one finding, with what to do about it.

Nothing is sent but by `look_online`, and nothing is repaired or made.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from tt_pipeline.cli.examining_landed import damage
from tt_pipeline.clock import Clock, SystemClock
from tt_pipeline.errors import ForeignDataDir, SettingsError, TtPipelineError, WriterLocked
from tt_pipeline.ingestion.delivery import EVERY_FILE_IS_LOADED, check_writer
from tt_pipeline.ingestion.source import check_source, source_of
from tt_pipeline.landing import is_being_collected, landed_files, landed_paths
from tt_pipeline.quota import DEFAULT_LIMITS, Ledger, key_fingerprint
from tt_pipeline.reports.answers import open_warehouse, published_at
from tt_pipeline.research_api.auth import Credentials
from tt_pipeline.research_api.greeting import greet
from tt_pipeline.safe_files import lease_if_free
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket
from tt_pipeline.warehouse.checks import CheckResult, Severity
from tt_pipeline.warehouse.writer import VERSION, Writer

_GIB: Final = 1024**3
_OLDEST_PYTHON: Final = (3, 11)
_STALE: Final = timedelta(days=2)
_MOST_SKEW: Final = timedelta(seconds=60)
_OTHERS: Final = 0o077
_FURTHER: Final = "ledger, landing index, quota, Dagster and the warehouse's checks"


class Mark(StrEnum):
    """How a thing is; `not ok` alone makes the command fail."""

    OK = "ok"
    NOTE = "note"
    WRONG = "not ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        says: What is so; where something is to be done, also what.
    """

    name: str
    mark: Mark
    says: str


def examine(settings: Settings, *, online: bool = False, deep: bool = False) -> Iterator[Finding]:
    """Everything, one by one, in the order in which it is to be repaired."""
    clock = settings.open_clock()
    yield look_at_python(sys.version_info[:3])
    folder = look_at_folder(settings.data_dir, _written(settings))
    yield folder
    yield look_at_disk(free_bytes(settings.data_dir), needed_bytes(settings))
    study = _study(settings)
    yield look_at_study(settings)
    yield look_at_source(settings, online=online)
    yield look_at_credentials(settings, Path(".env"), online=online)
    if online:
        yield from look_online(settings, SystemClock())
    is_writable = folder.mark is Mark.OK
    if is_writable:
        yield look_at_database("ledger", settings.ledger_file)
        yield look_at_database("landing index", settings.files.landing / "index.sqlite")
        yield look_at_quota(settings, study, clock)
        yield look_at_dagster(settings)
    yield look_at_landed(settings.files.landing, deep=deep)
    yield look_at_published(settings, clock.now())
    if is_writable:
        yield from look_at_writer(settings, clock)
    else:
        yield _note("further", f"{_FURTHER} can only be looked at where the data dir can be written.")


def look_at_python(version: Sequence[int]) -> Finding:
    """It is new enough."""
    told = ".".join(map(str, version))
    if tuple(version[:2]) < _OLDEST_PYTHON:
        return _wrong("python", f"{told} is too old: tt_pipeline needs 3.11 or newer; `make setup PYTHON=python3.12`.")
    return _ok("python", f"{told}, tt_pipeline {VERSION}")


def look_at_folder(folder: Path, written: Sequence[Path] = ()) -> Finding:
    """Files can be made in the data dir, or it can be made; and what lies in it can be written.

    Args:
        folder: The data dir.
        written: Folders and files that a collection writes, where they are there.
    """
    there = _nearest(folder)
    try:
        for place in (there, *(place for place in written if place.is_dir())):
            with tempfile.TemporaryFile(dir=place):
                pass
    except OSError as error:
        return _wrong("data dir", _not_writable(folder, str(error.strerror)))
    if shut := [place for place in written if place.exists() and not os.access(place, os.W_OK)]:
        return _wrong("data dir", _not_writable(folder, f"nor can {shut[0]}"))
    return _ok("data dir", f"{folder.resolve()}" if there == folder else f"{folder} is not there yet")


def _not_writable(folder: Path, problem: str) -> str:
    if not folder.is_dir():
        return f"{folder} cannot be written: {problem}. Set TT_DATA_DIR to a folder of yours."
    return (
        f"{folder} cannot be written: {problem}. What is there is not damaged by that, and what is published can be "
        f"read; to collect, make it yours (`sudo chown -R $USER {folder}`), or writable where it is mounted."
    )


def _written(settings: Settings) -> list[Path]:
    files = settings.files
    databases = [settings.ledger_file, files.landing / "index.sqlite", files.writer]
    return [files.internal, files.landing, files.dagster, *databases]


def look_at_disk(free: int, needed: int) -> Finding:
    """What is left is enough for another publication and a day of answers."""
    told = f"{free / _GIB:,.1f} GiB are free"
    if free < needed:
        return _wrong("disk", f"{told}, and {needed / _GIB:,.1f} are needed: make room, or move the data dir.")
    return _ok("disk", told)


def free_bytes(folder: Path) -> int:
    """Free on the disk that holds a folder, which need not be there yet."""
    return shutil.disk_usage(_nearest(folder)).free


def needed_bytes(settings: Settings) -> int:
    """A publication copies the writer's file, and loading may double it."""
    writer = settings.files.writer
    return _GIB + 2 * (writer.stat().st_size if writer.exists() else 0)


def look_at_study(settings: Settings) -> Finding:
    """It can be read, and says what it needs to."""
    try:
        study = read_study(settings.study_file)
    except (TtPipelineError, OSError) as error:
        return _wrong("study", f"{error}")
    told = f"{study.file}: {len(study.searches)} searches from {study.first_day} to {study.last_day or 'now'}"
    if not study.quota.confirmed and not is_loopback(settings.api_base_url):
        return _note("study", f"{told}; nothing is sent before it says `quota: {{confirmed: true}}` (`tt plan`).")
    return _ok("study", told)


def look_at_source(settings: Settings, *, online: bool) -> Finding:
    """The data dir is the server's, or nobody's yet; who only reads asks no server."""
    try:
        check_source(settings.files, settings.api_base_url)
    except ForeignDataDir as error:
        if _only_reads(settings) and not online:
            told = f"it holds answers of {error.belongs_to}, and TT_API_BASE_URL says {error.asked}"
            return _note("source", f"{told}: nothing can be collected here, and reading asks neither.")
        return _wrong("source", f"{error}")
    except (OSError, ValueError, KeyError) as error:
        return _wrong("source", f"{error}")
    is_new = source_of(settings.files) is None
    return _ok("source", f"{settings.api_base_url}{', which has not answered yet' if is_new else ''}")


def _only_reads(settings: Settings) -> bool:
    """Whether neither key nor secret is set: an analyst's machine, or a demonstration that has ended."""
    return not (settings.client_key.get_secret_value().strip() or settings.client_secret.get_secret_value().strip())


def look_at_credentials(settings: Settings, env_file: Path, *, online: bool) -> Finding:
    """Key and secret are there, and nobody else can read them."""
    if _only_reads(settings) and not online:
        told = "no key is set: nothing can be collected here, and reading needs none. To collect, put TT_CLIENT_KEY and"
        return _note("credentials", f"{told} TT_CLIENT_SECRET into .env (`tt init` makes one).")
    try:
        settings.credentials()
    except SettingsError as error:
        return _wrong("credentials", f"{error}")
    if env_file.exists() and env_file.stat().st_mode & _OTHERS:
        return _wrong("credentials", f"{env_file} can be read by others on this machine: `chmod 600 {env_file}`.")
    return _ok("credentials", "TT_CLIENT_KEY and TT_CLIENT_SECRET are set")


def look_online(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """One token request: whether the server accepts the credentials, and whether the clocks agree."""
    try:
        key, secret = settings.credentials()
    except SettingsError:
        return  # a finding of its own
    credentials = Credentials(client_key=key, client_secret=secret.get_secret_value())
    try:
        greeting = greet(credentials, base_url=settings.api_base_url, clock=clock)
    except TtPipelineError as error:
        yield _wrong("server", f"{error}")
        return
    yield _ok("server", f"{settings.api_base_url} accepts the credentials")
    yield look_at_skew(greeting.ahead)


def look_at_skew(ahead: timedelta | None) -> Finding:
    """This machine's clock is the server's, nearly: quota days turn at the server's midnight."""
    if ahead is None:
        return _note("clock", "the server does not tell its time")
    seconds = round(ahead.total_seconds())
    if abs(ahead) > _MOST_SKEW:
        side = "ahead of" if seconds > 0 else "behind"
        return _wrong("clock", f"this machine is {abs(seconds):,} s {side} the server: set its clock by NTP.")
    return _ok("clock", f"agrees with the server's to {abs(seconds)} s")


def look_at_database(name: str, file: Path) -> Finding:
    """A SQLite file of ours is whole; it is not touched."""
    if not file.exists():
        return _ok(name, "not begun yet")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            ((told,),) = connection.execute("pragma quick_check(1)").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        told = str(error)
    if told == "ok":
        return _ok(name, f"{file}")
    return _wrong(
        name,
        f"{file} is damaged ({told}). The next `tt collect` sets it aside and begins a new one with what can be read; "
        "what has landed is not lost.",
    )


def look_at_quota(settings: Settings, study: Study | None, clock: Clock) -> Finding:
    """How much of today's is left."""
    if not settings.ledger_file.exists() or look_at_database("quota", settings.ledger_file).mark is not Mark.OK:
        return _ok("quota", "no request is counted yet")
    limits = {**DEFAULT_LIMITS, **({Bucket.MAIN: study.quota.requests_per_day} if study else {})}
    key = key_fingerprint(settings.client_key.get_secret_value().strip())
    with Ledger(settings.ledger_file, client_key=key, clock=clock, limits=limits) as ledger:
        use = ledger.use(Bucket.MAIN)
    told = f"{use}; resets {use.opens_at:%Y-%m-%d %H:%M} UTC"
    return _ok("quota", told) if use else _note("quota", f"{told}. `tt collect` goes on then.")


def look_at_dagster(settings: Settings) -> Finding:
    """Its storage can be opened."""
    if not settings.files.dagster.exists():
        return _ok("dagster", "not begun yet")
    from tt_pipeline.orchestration.instance import open_instance

    try:
        with open_instance(settings.files) as instance:
            runs = instance.get_runs_count()
    except Exception as error:  # noqa: BLE001 — Dagster passes on whatever its storage raises
        first = str(error).partition("\n")[0]
        return _wrong(
            "dagster",
            f"{settings.files.dagster} cannot be used ({first}). Move the folder away: it holds the history of runs, "
            "and a new one is made; nothing that landed is in it.",
        )
    return _ok("dagster", f"{settings.files.dagster}: {runs:,} runs")


def look_at_landed(landing: Path, *, deep: bool) -> Finding:
    """What has landed is what was written."""
    told, wrong = damage(landing, deep=deep)
    return _wrong("landed files", wrong) if wrong else _ok("landed files", told)


def look_at_published(settings: Settings, now: datetime) -> Finding:
    """It can be opened, and is not old."""
    published = settings.files.published
    if not published.exists():
        if any(landed_paths(settings.files.landing)):
            return _note("published", f"{published} is not there: `tt rebuild` publishes what landed; nothing is sent.")
        return _note("published", f"{published} is not there yet: `tt collect` publishes it.")
    try:
        open_warehouse(published).close()
        at = published_at(published)
    except WriterLocked as error:
        return _wrong("published", f"{error}")
    except TtPipelineError as error:
        return _wrong("published", f"{error} `tt rebuild` makes and publishes it anew from what has landed.")
    told = f"{published}, of {at:%Y-%m-%d %H:%M} UTC"
    if now - at > _STALE:
        return _note("published", f"{told}: {(now - at).days} days old. `tt collect` publishes what has landed since.")
    return _ok("published", told)


def look_at_writer(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Nobody else holds it, and its checks hold."""
    writer_file = settings.files.writer
    if not writer_file.exists():
        yield _ok("writer's file", "not begun yet")
        return
    with lease_if_free(settings.files.internal / "writer.lease") as is_free:
        if not is_free:
            yield _note("writer's file", "a process of tt_pipeline is loading; its checks are tried when that is done.")
            return
        try:
            with Writer(writer_file, clock) as writer:
                checks = check_writer(writer, landed_files(settings.files.landing))
        except Exception as error:  # noqa: BLE001 — DuckDB raises many things over a damaged file
            yield _wrong("writer's file", _with_rebuild(error, writer_file))
            return
    yield _ok("writer's file", f"{writer_file}: held by nobody")
    is_collecting = is_being_collected(settings.files.landing)
    yield from (_of_check(check, is_collecting=is_collecting) for check in checks)


def _with_rebuild(error: Exception, writer_file: Path) -> str:
    if isinstance(error, TtPipelineError):
        return str(error)
    return f"{writer_file} cannot be read ({error}). `tt rebuild` makes it anew from what has landed; nothing is sent."


def _of_check(check: CheckResult, *, is_collecting: bool) -> Finding:
    if check.passed:
        return _ok(check.name, "holds")
    if check.name == EVERY_FILE_IS_LOADED and is_collecting:
        return _note(check.name, "a collection is under way: what it lands is loaded when it ends.")
    mark = Mark.WRONG if check.severity is Severity.ERROR else Mark.NOTE
    return Finding(name=check.name, mark=mark, says=check.told)


def _study(settings: Settings) -> Study | None:
    try:
        return read_study(settings.study_file)
    except (TtPipelineError, OSError):
        return None


def _nearest(folder: Path) -> Path:
    """The folder, or what is there of the way to it."""
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)


def _ok(name: str, says: str) -> Finding:
    return Finding(name=name, mark=Mark.OK, says=says)


def _note(name: str, says: str) -> Finding:
    return Finding(name=name, mark=Mark.NOTE, says=says)


def _wrong(name: str, says: str) -> Finding:
    return Finding(name=name, mark=Mark.WRONG, says=says)
