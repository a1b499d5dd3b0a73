"""`tt doctor`: one line for each check, with what to do if it fails."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from tt_pipeline.cli.console import OUT, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.health_checks import Finding, Mark, note, ok, wrong
from tt_pipeline.clock import SystemClock
from tt_pipeline.errors import SettingsError
from tt_pipeline.local_disk import needed_bytes

if TYPE_CHECKING:  # needs pydantic, which `tt --help` does without
    from tt_pipeline.settings import Settings

_STYLES = {Mark.OK: "green", Mark.NOTE: "yellow", Mark.WRONG: "bold red"}
_MARK: Final = max(map(len, Mark))
_NOT_CHECKED: Final = (
    "ledger, landing index, quota, Dagster and the warehouse were not checked, because the data dir is not writable."
)


def doctor(
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Also request one token from the server, which costs no quota.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also read every landed file, and compute every mart again.")
    ] = False,
) -> None:
    """Check everything that can be wrong, and say what to do about it. Sends nothing without --online.

    Exits with 1 when something is not ok; notes do not count.
    """
    faults = 0
    for finding in _findings(_settings(), online=online, deep=deep):
        show_finding(finding)
        faults += finding.mark is Mark.WRONG
    say(f"{faults} not ok." if faults else "Nothing is wrong.")
    raise typer.Exit(Exit.FAILED if faults else Exit.COMPLETE)


def _settings() -> "Settings":
    from tt_pipeline.settings import read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        show_finding(wrong("settings", f"{error}"))
        say("1 not ok; nothing else can be checked until it is corrected.")
        raise typer.Exit(Exit.FAILED) from error
    show_finding(ok("settings", f"{settings.api_base_url}, clock {settings.clock}"))
    return settings


def _findings(settings: "Settings", *, online: bool, deep: bool) -> Iterator[Finding]:
    """Every finding, in the order in which problems should be repaired."""
    # These modules import Dagster and DuckDB, which other commands do not need.
    from tt_pipeline.cli.health_checks import environment, stores, warehouse

    clock, landing = settings.open_clock(), settings.files.landing
    yield environment.show_versions(sys.version_info[:3])
    data_dir = environment.check_data_dir(settings)
    is_writable = data_dir.mark is Mark.OK
    yield data_dir
    yield environment.check_disk(environment.free_bytes(settings), needed_bytes(settings.files.writer))
    yield environment.check_study(settings)
    yield environment.check_data_source(settings, online=online)
    yield environment.check_credentials(settings, Path(".env"), online=online)
    yield environment.check_modes(settings)
    yield environment.check_proxies(settings)
    if online:
        yield from environment.check_server(settings, SystemClock())
    if is_writable:
        yield stores.check_ledger(settings, clock, deep=deep)
        yield stores.check_index(landing / "index.sqlite", deep=deep)
        yield stores.check_quota(settings, clock)
        yield stores.check_dagster(settings)
    yield stores.check_landed_files(landing, deep=deep)
    yield from stores.check_left_out(landing)
    if is_writable:
        yield from stores.check_completeness(settings, clock)
    yield from stores.check_backups(settings, clock)
    yield warehouse.check_published(settings, clock.now())
    yield from warehouse.check_targets(settings)
    if is_writable:
        yield from warehouse.check_writers_file(settings, clock, deep=deep)
    else:
        yield note("further", _NOT_CHECKED)


def show_finding(finding: Finding) -> None:
    """Print a finding on a line that begins with its mark."""
    mark = Text(f"{finding.mark:<{_MARK}}", style=_STYLES[finding.mark])
    OUT.print(mark, Text(f"{finding.name}: {finding.says}"), hang=_MARK + 1)
