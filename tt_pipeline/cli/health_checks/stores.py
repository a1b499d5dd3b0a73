"""Checks of the stores in the data dir: ledger, landing index, landed files, Dagster's storage."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from rich.progress import track

from tt_pipeline.cli.console import ERR
from tt_pipeline.cli.health_checks import Finding, Mark, note, ok, wrong
from tt_pipeline.cli.health_checks.environment import is_simulated
from tt_pipeline.clock import Clock, today
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.counted import counted
from tt_pipeline.dagster_folder import home_of
from tt_pipeline.errors import CorruptLanding, ForeignInstance, LandingIncomplete, TtPipelineError
from tt_pipeline.ingestion import check_complete
from tt_pipeline.landing import INDEX_VERSION, Inventory, Location
from tt_pipeline.quota import LEDGER_VERSION, Ledger, key_of
from tt_pipeline.safekeeping import known_backups
from tt_pipeline.settings import Settings
from tt_pipeline.sqlite_file import connect_read_only, is_as_checked
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import Bucket

_MOST_NAMED: Final = 5
_OLD_BACKUP_DAYS: Final = 7


def check_ledger(settings: Settings, clock: Clock, *, deep: bool = False) -> Finding:
    """Whether the ledger is undamaged, and not of a later version; it is opened read-only.

    Args:
        settings: They name the ledger.
        clock: Today's.
        deep: Read a file as a whole, also if it has not changed since a process did so.
    """
    if settings.ledger_file:
        return _check_sqlite("ledger", settings.ledger_file, newest=LEDGER_VERSION, deep=deep)
    try:
        with Ledger(settings.ledger_place, client_key="", clock=clock, is_read_only=True) as ledger:
            return ok("ledger", f"{settings.ledger_place}, {counted(ledger.last_request(), 'request')}")
    except TtPipelineError as error:
        return wrong("ledger", f"{error}")


def check_index(file: Path, *, deep: bool = False) -> Finding:
    """The same for the landing index."""
    return _check_sqlite("landing index", file, newest=INDEX_VERSION, deep=deep)


def _check_sqlite(name: str, file: Path, *, newest: int, deep: bool) -> Finding:
    if not file.exists():
        return ok(name, "not created yet")
    result = "ok"
    try:
        with closing(connect_read_only(file)) as connection:
            if deep or not is_as_checked(file):
                ((result,),) = connection.execute("pragma quick_check(1)").fetchall()
            ((version,),) = connection.execute("pragma user_version").fetchall()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        result = str(error)
    if result == "ok" and version > newest:
        later = f"a later tt_pipeline made it (version {version})"
        return wrong(name, f"{file}: {later}. Update tt_pipeline; until then nothing is collected.")
    if result == "ok":
        return ok(name, f"{file}")
    return wrong(
        name,
        f"{file} is damaged ({result}). The next `tt collect` renames it and starts a new one with what can be read; "
        "landed pages are not lost.",
    )


def check_quota(settings: Settings, clock: Clock) -> Finding:
    """How much of today's quota is used, and whether the ledger knows every request whose page has landed."""
    landed = sum(Inventory(settings.files.landing).requests_on(today(clock)).values())
    if settings.ledger_file and not _is_filled(settings.ledger_file):
        lost = wrong("quota", _counts_fewer(settings, known=0, landed=landed))
        return lost if landed else ok("quota", "no request is counted yet")
    if check_ledger(settings, clock).mark is not Mark.OK:
        return note("quota", "not checked, because the ledger cannot be read; its line says why.")
    limits = dict(DAILY_REQUESTS)
    with suppress(TtPipelineError, OSError):  # `check_study` reports a study that cannot be read
        limits[Bucket.MAIN] = read_study(settings.study_file).quota.requests_per_day
    key = key_of(settings)
    try:
        with Ledger(settings.ledger_place, client_key=key, clock=clock, limits=limits, is_read_only=True) as ledger:
            use, known, again = ledger.use(Bucket.MAIN), ledger.requests_today(), ledger.counted_again()
    except sqlite3.Error as error:
        return wrong("quota", f"{settings.ledger_place} has no ledger in it ({error}): `tt collect` starts a new one.")
    if known < landed:
        return wrong("quota", _counts_fewer(settings, known=known, landed=landed))
    message = f"{use}; resets {use.opens_at:%Y-%m-%d %H:%M} UTC"
    if again:
        recounted = f"{counted(again, 'request', 'were')} counted again from landed pages"
        return note("quota", f"{message}. {recounted}, because the ledger had lost them.")
    return ok("quota", message) if use else note("quota", f"{message}. `tt collect` continues then.")


def _is_filled(file: Path) -> bool:
    """Whether the file exists and is not empty, as it is after a full disk."""
    return file.exists() and file.stat().st_size > 0


def _counts_fewer(settings: Settings, *, known: int, landed: int) -> str:
    has_landed = counted(landed, "page", "have")
    return (
        f"{settings.ledger_place} knows {counted(known, 'request')} of today, but {has_landed} landed today: it was "
        "deleted or replaced. `tt status` and `tt collect` count them again, so that the quota is not exceeded."
    )


def check_completeness(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Whether landed files are missing that the ledger or the published file knows; nothing if not."""
    is_missing = settings.ledger_file and not settings.ledger_file.exists()
    if is_missing or check_ledger(settings, clock).mark is not Mark.OK:
        return
    inventory = Inventory(settings.files.landing)
    key = key_of(settings)
    # `check_study` reports a study that cannot be read, and a ledger of an earlier version knows no folders.
    with suppress(TtPipelineError, OSError, sqlite3.OperationalError):
        study = read_study(settings.study_file)
        with Ledger(settings.ledger_place, client_key=key, clock=clock, is_read_only=True) as ledger:
            zone, loads = inventory.identity(), len(inventory.locations())
            try:
                check_complete(settings.files, ledger, study.title, zone=zone, loads=loads)
            except LandingIncomplete as error:
                yield wrong("missing files", error.problem)  # what was published before is still there


def check_backups(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """How old the newest backup is; nothing where nothing has landed, or all of it is of a simulator."""
    if not Inventory(settings.files.landing).locations() or is_simulated(settings.files):
        return
    backups = [each for each in known_backups(settings.files) if each.made_at and each.folder.exists()]
    if not backups:
        yield note("backup", "none is known; the answers cannot be requested again for nothing: `tt backup FOLDER`.")
    elif newest := backups[0].made_at:
        days = (clock.now() - newest).days
        says = f"{backups[0].folder}, {counted(days, 'day')} old"
        yield ok("backup", says) if days < _OLD_BACKUP_DAYS else note("backup", f"{says}: `tt backup` updates it.")


def check_dagster(settings: Settings) -> Finding:
    """Whether Dagster's storage can be opened."""
    try:
        home = home_of(settings.files, settings.dagster_home)
        if not home.exists():
            return ok("dagster", "not created yet")
        if (runs_file := home / "history" / "runs.db").is_file():  # opening the instance would change its files
            return _of_dagsters_runs(home, runs_file)
        from tt_pipeline.orchestration import open_instance

        with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
            runs = instance.get_runs_count()
    except ForeignInstance as error:
        return wrong("dagster", str(error))
    except Exception as error:  # noqa: BLE001 — Dagster passes on whatever its storage raises
        problem = str(error).partition("\n")[0]
        return wrong(
            "dagster",
            f"{home} cannot be used ({problem}). Move the folder away: it has the history of runs, "
            "not the landed pages, and the next run creates a new one.",
        )
    return ok("dagster", f"{home}: {counted(runs, 'run')}")


def _of_dagsters_runs(home: Path, runs_file: Path) -> Finding:
    with closing(connect_read_only(runs_file)) as connection:
        ((result,),) = connection.execute("pragma quick_check(1)").fetchall()
        if result != "ok":
            raise sqlite3.DatabaseError(result)
        ((runs,),) = connection.execute("select count(*) from runs").fetchall()
    return ok("dagster", f"{home}: {counted(runs, 'run')}")


def check_left_out(landing: Path) -> Iterator[Finding]:
    """Folders that cannot be read, and files that nothing reads because tt_pipeline did not put them there."""
    inventory = Inventory(landing)
    if closed := inventory.closed():
        named = "; ".join(f"{landing / name} ({problem})" for name, problem in islice(closed.items(), _MOST_NAMED))
        yield wrong(
            "landing folders",
            f"{counted(len(closed), 'folder', 'cannot')} be read: {named}. Make them readable: `chmod u+rwx`.",
        )
    if left_out := inventory.left_out():
        named = "; ".join(f"{name} ({problem})" for name, problem in islice(left_out.items(), _MOST_NAMED))
        more = " and others" if len(left_out) > _MOST_NAMED else ""
        says = f"in {landing}, {counted(len(left_out), 'file', 'are')} not read: {named}{more}. Move them elsewhere."
        yield note("other files", says)


def check_landed_files(landing: Path, *, deep: bool) -> Finding:
    """Whether each line of the landed files is still what was written.

    Args:
        landing: The landing folder.
        deep: Read every file; else those that have changed since the index read them.
    """
    inventory = Inventory(landing)
    every = inventory.locations()
    files = list(dict.fromkeys([*(every if deep else []), *inventory.changed()]))
    shown = track(files, "reading landed files", console=ERR, transient=True, disable=not ERR.is_terminal)
    found = {file: problems for file in shown if (problems := list(file.problems()))}
    unreadable = {file: problems for file, problems in found.items() if problems[0].is_unreadable}
    damaged = {file: problems for file, problems in found.items() if file not in unreadable}
    if found:
        return wrong("landed files", " ".join([*_of_unreadable(unreadable), *_of_damaged(damaged)]))
    some_read = f"{counted(len(files), 'file', 'were')} read, because the index does not know them"
    read = "all were read" if deep else some_read
    return ok("landed files", f"{len(every):,}; {read}" if files else f"{len(every):,}, as the index knows them")


def _of_unreadable(unreadable: Mapping[Location, list[CorruptLanding]]) -> Iterator[str]:
    if unreadable:
        yield f"{counted(len(unreadable), 'file', 'cannot')} be opened: {_some(unreadable)}."
        yield "What may be in them is not requested again. Make them readable: `chmod u+rwX`, or look at the disk."


def _some(found: Mapping[Location, list[CorruptLanding]]) -> str:
    named = ", ".join(_named(*each) for each in islice(found.items(), _MOST_NAMED))
    return f"{named}{' and others' if len(found) > _MOST_NAMED else ''}"


def _of_damaged(damaged: Mapping[Location, list[CorruptLanding]]) -> Iterator[str]:
    if not damaged:
        return
    yield f"{counted(len(damaged), 'file', 'are')} damaged: {_some(damaged)}."
    if any(problem.later_version for problems in damaged.values() for problem in problems):
        yield "A later version of tt_pipeline wrote some of it: update tt_pipeline; until then nothing is collected."
        return
    yield (
        "Put the files back from a copy. If there is none, `tt collect` keeps their good pages and requests the others "
        "again, which uses quota."
    )


def _named(file: Location, problems: list[CorruptLanding]) -> str:
    first, *others = problems
    line = f":{first.line}" if first.line else ""
    more = f" (and {counted(len(others), 'more line')})" if others else ""
    return f"{file.name}{line} {first.problem}{more}"
