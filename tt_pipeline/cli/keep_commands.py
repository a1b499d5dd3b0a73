"""`tt backup`, `tt verify`, `tt alerts` and `tt env`."""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import problem, say, say_as_is
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError

if TYPE_CHECKING:  # needs httpx, which other commands do without
    from tt_pipeline.alerts import Told

_MB = 1_000_000
_PACKAGES = ("tt-pipeline", "dagster", "duckdb", "polars", "httpx")


def backup(
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder on another disk; it is created.")],
) -> None:
    """Copy answers, ledger and study into a folder; what is there already is not copied twice. Sends nothing.

    Collections may go on meanwhile. Secrets, the warehouse and Dagster's storage are left out.
    """
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.safekeeping import back_up
    from tt_pipeline.studies import study_or_empty

    settings = project_settings()
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    with open_workspace(settings, study) as workspace:
        report = back_up(workspace, settings.study_file, to, workspace.clock.now())
    new = f"{counted(report.copied, 'file', 'were')} copied now ({_size(report.copied_size)})"
    say(f"{to}: {counted(len(report.manifest.files), 'file')}, {_size(report.size)}; of the answers, {new}.")
    say("It has personal data: what must be deleted has to be deleted here too. `tt backup` again does that.")


def verify() -> None:
    """Compare answers, published file, exports and reports with their checksums. Reads everything, sends nothing.

    Also prints the versions of programs and formats, and which packages are not those with which this tt_pipeline was
    tested; that is no fault. Exits with 1 when anything is damaged or missing.
    """
    from tt_pipeline.duties import verify_reports
    from tt_pipeline.reports import export_folders
    from tt_pipeline.safekeeping import Verified, verify_exports, verify_landing, verify_published
    from tt_pipeline.tombstones import Tombstones

    settings = project_settings()
    files = settings.files
    for line in _versions():
        say(line)
    faults = 0
    for verified in (
        verify_landing(files.landing, files.published),
        verify_published(files.published, files.landing),
        verify_exports(export_folders(files)),
        Verified(
            name="signed reports of deletions",
            number=sum(1 for _ in files.deletions.glob("*.json")),
            problems=tuple(verify_reports(files.deletions, Tombstones.of(files.internal, settings.tombstones))),
        ),
    ):
        if not verified.number and not verified.problems:
            say(f"{verified.name}: none")
        elif not verified.problems:
            say(f"{verified.name}: {verified.number:,}, whole")
        for each in verified.problems:
            problem(each)
        faults += len(verified.problems)
    raise typer.Exit(Exit.FAILED if faults else Exit.COMPLETE)


def _versions() -> Iterator[str]:
    """What is installed, in which versions, and what differs from what was tested."""
    from tt_pipeline.landing import INDEX_VERSION, LINE_VERSION
    from tt_pipeline.quota import LEDGER_VERSION
    from tt_pipeline.safekeeping import compare_packages
    from tt_pipeline.warehouse import SCHEMA_VERSION

    yield ", ".join([f"Python {python_version()}", *(f"{package} {version(package)}" for package in _PACKAGES)])
    yield (
        f"formats: warehouse {SCHEMA_VERSION}, ledger {LEDGER_VERSION}, landing index {INDEX_VERSION}, landed lines"
        f" {LINE_VERSION}"
    )
    compared = compare_packages()
    if not compared.number:
        yield "packages: not compared, because this installation has no list of the versions that were tested"
    elif not compared.other:
        yield f"packages: {compared.number}, all in the versions with which this tt_pipeline was tested"
    else:
        named = ", ".join(f"{name} {found} (tested: {tested})" for name, found, tested in compared.other)
        yield f"packages: {len(compared.other)} of {compared.number} are not those that were tested: {named}"


def alerts(
    what: Annotated[
        str | None, typer.Argument(metavar="[test]", help="test: send a message to try the settings.")
    ] = None,
) -> None:
    """Show what needs a person now, or try the webhook and the command of the settings with `tt alerts test`."""
    from tt_pipeline.alerts import tell_test, troubles_of_study
    from tt_pipeline.coverage import open_workspace
    from tt_pipeline.orchestration import every_trouble
    from tt_pipeline.studies import read_study

    settings = project_settings()
    if what not in {None, "test"}:
        raise UsageError(f"{what!r} is not known; write `tt alerts` or `tt alerts test`.")
    if what == "test":
        _show_told(tell_test(settings, read_study(settings.study_file).title, settings.open_clock().now()))
        return
    found = troubles_of_study(settings)
    if not found:
        with open_workspace(settings) as workspace:
            found = every_trouble(settings, workspace)
    for trouble in found:
        problem(f"{trouble.kind}: {trouble.says}")
    if not found:
        say("Nothing needs a person.")
    raise typer.Exit(Exit.FAILED if found else Exit.COMPLETE)


def env() -> None:
    """Print the variables that a shell needs for Dagster's own commands, without secrets.

    In a shell: eval "$(tt env)". Key, secret and alert targets are never printed.
    """
    import shlex

    from tt_pipeline.dagster_folder import home_of
    from tt_pipeline.vocabulary import LOCATION

    settings = project_settings()
    home = home_of(settings.files, settings.dagster_home)
    of_dagster = {"DAGSTER_HOME": f"{home}", "DAGSTER_MODULE_NAME": LOCATION}
    for name, value in {**settings.as_environment(), **of_dagster}.items():
        if value and name not in settings.secret_variables:
            say_as_is(f"export {name}={shlex.quote(value)}")


def _show_told(told: list["Told"]) -> None:
    if not told:
        raise UsageError("Nobody is named to be told: set TT_ALERT_WEBHOOK or TT_ALERT_COMMAND in `.env`.")
    for each in told:
        if each.problem:
            problem(f"{each.target} was not told: {each.problem}.")
        else:
            say(f"{each.target} was told.")
    raise typer.Exit(Exit.FAILED if any(each.problem for each in told) else Exit.COMPLETE)


def _size(size: int) -> str:
    return f"{size / _MB:,.1f} MB"


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
