"""What lies in the data dir: ledger, index, landed files, Dagster's storage, the published file and the writer's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks.finding import Finding, Mark, note, ok, wrong
from tt_pipeline.cli.health_checks.landed import damage
from tt_pipeline.clock import Clock
from tt_pipeline.errors import TtPipelineError, WriterLocked
from tt_pipeline.ingestion.delivery import EVERY_FILE_IS_LOADED, check_writer
from tt_pipeline.landing import Inventory
from tt_pipeline.quota import DEFAULT_LIMITS, Ledger, key_fingerprint
from tt_pipeline.reports.answers import open_warehouse, published_at
from tt_pipeline.safe_files import lease_if_free
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket
from tt_pipeline.warehouse.checks import CheckResult, Severity
from tt_pipeline.warehouse.writer import Writer

_STALE: Final = timedelta(days=2)


def look_at_database(name: str, file: Path) -> Finding:
    """A SQLite file of ours is whole; it is not touched."""
    if not file.exists():
        return ok(name, "not begun yet")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            ((told,),) = connection.execute("pragma quick_check(1)").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        told = str(error)
    if told == "ok":
        return ok(name, f"{file}")
    return wrong(
        name,
        f"{file} is damaged ({told}). The next `tt collect` sets it aside and begins a new one with what can be read; "
        "what has landed is not lost.",
    )


def look_at_quota(settings: Settings, clock: Clock) -> Finding:
    """How much of today's is left."""
    if not settings.ledger_file.exists() or look_at_database("quota", settings.ledger_file).mark is not Mark.OK:
        return ok("quota", "no request is counted yet")
    study = _study(settings)
    limits = {**DEFAULT_LIMITS, **({Bucket.MAIN: study.quota.requests_per_day} if study else {})}
    key = key_fingerprint(settings.client_key.get_secret_value().strip())
    with Ledger(settings.ledger_file, client_key=key, clock=clock, limits=limits) as ledger:
        use = ledger.use(Bucket.MAIN)
    told = f"{use}; resets {use.opens_at:%Y-%m-%d %H:%M} UTC"
    return ok("quota", told) if use else note("quota", f"{told}. `tt collect` goes on then.")


def _study(settings: Settings) -> Study | None:
    try:
        return read_study(settings.study_file)
    except (TtPipelineError, OSError):
        return None


def look_at_landed(landing: Path, *, deep: bool) -> Finding:
    """What has landed is what was written."""
    told, problem = damage(landing, deep=deep)
    return wrong("landed files", problem) if problem else ok("landed files", told)


def look_at_dagster(settings: Settings) -> Finding:
    """Its storage can be opened."""
    if not settings.files.dagster.exists():
        return ok("dagster", "not begun yet")
    from tt_pipeline.orchestration.instance import open_instance

    try:
        with open_instance(settings.files) as instance:
            runs = instance.get_runs_count()
    except Exception as error:  # noqa: BLE001 — Dagster passes on whatever its storage raises
        first = str(error).partition("\n")[0]
        return wrong(
            "dagster",
            f"{settings.files.dagster} cannot be used ({first}). Move the folder away: it holds the history of runs, "
            "and a new one is made; nothing that landed is in it.",
        )
    return ok("dagster", f"{settings.files.dagster}: {runs:,} runs")


def look_at_published(settings: Settings, now: datetime) -> Finding:
    """It can be opened, and is not old."""
    published = settings.files.published
    if not published.exists():
        if Inventory(settings.files.landing).locations():
            return note("published", f"{published} is not there: `tt rebuild` publishes what landed; nothing is sent.")
        return note("published", f"{published} is not there yet: `tt collect` publishes it.")
    try:
        open_warehouse(published).close()
        at = published_at(published)
    except WriterLocked as error:
        return wrong("published", f"{error}")
    except TtPipelineError as error:
        return wrong("published", f"{error} `tt rebuild` makes and publishes it anew from what has landed.")
    told = f"{published}, of {at:%Y-%m-%d %H:%M} UTC"
    if now - at > _STALE:
        return note("published", f"{told}: {(now - at).days} days old. `tt collect` publishes what has landed since.")
    return ok("published", told)


def look_at_writer(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Nobody else holds it, and its checks hold."""
    writer_file = settings.files.writer
    if not writer_file.exists():
        yield ok("writer's file", "not begun yet")
        return
    with lease_if_free(settings.files.internal / "writer.lease") as is_free:
        if not is_free:
            yield note("writer's file", "a process of tt_pipeline is loading; its checks are tried when that is done.")
            return
        try:
            with Writer(writer_file, clock) as writer:
                checks = check_writer(writer, Inventory(settings.files.landing).files())
        except Exception as error:  # noqa: BLE001 — DuckDB raises many things over a damaged file
            yield wrong("writer's file", _with_rebuild(error, writer_file))
            return
    yield ok("writer's file", f"{writer_file}: held by nobody")
    is_collecting = Inventory(settings.files.landing).is_being_collected()
    yield from (_of_check(check, is_collecting=is_collecting) for check in checks)


def _with_rebuild(error: Exception, writer_file: Path) -> str:
    if isinstance(error, TtPipelineError):
        return str(error)
    return f"{writer_file} cannot be read ({error}). `tt rebuild` makes it anew from what has landed; nothing is sent."


def _of_check(check: CheckResult, *, is_collecting: bool) -> Finding:
    if check.passed:
        return ok(check.name, "holds")
    if check.name == EVERY_FILE_IS_LOADED and is_collecting:
        return note(check.name, "a collection is under way: what it lands is loaded when it ends.")
    mark = Mark.WRONG if check.severity is Severity.ERROR else Mark.NOTE
    return Finding(name=check.name, mark=mark, says=check.told)
