"""`tt doctor`: one line for each thing that can be wrong, with what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tt_pipeline.cli.console import OUT, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.errors import SettingsError
from tt_pipeline.settings import Settings, read_settings

if TYPE_CHECKING:  # needs Dagster and DuckDB, which other commands do without
    from tt_pipeline.cli.health_checks import Finding

_STYLES = {"ok": "green", "note": "yellow", "not ok": "bold red"}


def doctor(
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the server for one token, which costs no quota.")
    ] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Also read every landed file, changed since or not.")] = False,
) -> None:
    """Look at everything that can be wrong, and say for each what to do. Sends nothing unless asked to.

    Exits with 1 when something is not ok; notes are no fault.
    """
    from tt_pipeline.cli.health_checks import Mark, examine

    wrong = 0
    for finding in examine(_settings(), online=online, deep=deep):
        _show(finding)
        wrong += finding.mark is Mark.WRONG
    say(f"{wrong} not ok." if wrong else "Nothing is wrong.")
    raise typer.Exit(Exit.FAILED if wrong else Exit.COMPLETE)


def _settings() -> Settings:
    try:
        settings = read_settings()
    except SettingsError as error:
        OUT.print(Text("not ok", style=_STYLES["not ok"]), Text(f"settings: {error}"))
        say("1 not ok; nothing else can be looked at before.")
        raise typer.Exit(Exit.FAILED) from error
    OUT.print(Text("ok    ", style=_STYLES["ok"]), Text(f"settings: {settings.api_base_url}, clock {settings.clock}"))
    return settings


def _show(finding: "Finding") -> None:
    mark = Text(f"{finding.mark:<6}", style=_STYLES[finding.mark])
    OUT.print(mark, Text(f"{finding.name}: {finding.says}"))
