"""`tt service`: leave the collection running, and ask whether it is alive."""

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tt_pipeline.cli.console import say, write_for_programs
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.options import UiPort
from tt_pipeline.cli.project import project_settings
from tt_pipeline.cli.service_managers import MANAGERS, ManagerName, installed, manager_of_this_machine, service_on_port
from tt_pipeline.cli.service_texts import Service
from tt_pipeline.errors import UsageError

if TYPE_CHECKING:  # needs pydantic, which `tt --help` does without
    from tt_pipeline.settings import Settings

_LINGER: Final = "It runs while you are logged in; to let it run always, type `loginctl enable-linger` once."


class Action(StrEnum):
    """What to do with the service."""

    INSTALL = "install"
    STATUS = "status"
    REMOVE = "remove"


def service(
    action: Annotated[Action, typer.Argument(help="Install it, ask whether it is alive, or remove it.")],
    *,
    manager: Annotated[
        ManagerName | None,
        typer.Option("--with", help="Who keeps it running; by default what this machine has.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Print what would be installed, and change nothing.")] = False,
    port: UiPort = 3000,
) -> None:
    """Keep the collection of this folder running after a logout or restart, and ask whether it is alive.

    systemd and launchd run `tt up`; cron runs `tt collect` four times a day. `tt service status` shows the service,
    the daemon's heartbeat, the last run and the last publication, and exits with 1 if the collection is not alive.
    """
    settings = project_settings()
    of_this = _service(settings, port)
    if show:
        _check_can_be_installed(of_this)
        shown = replace(of_this, environment=_without_passwords(of_this))
        write_for_programs(MANAGERS[manager or manager_of_this_machine()].text(shown))
    elif action is Action.INSTALL:
        _install(settings, of_this, manager)
    elif action is Action.REMOVE:
        _remove(of_this)
    else:
        _show_status(settings, of_this)


def _service(settings: "Settings", port: int) -> Service:
    from tt_pipeline.settings import network_variables

    return Service(
        folder=Path.cwd(),
        data_dir=settings.data_dir.resolve(),
        python=Path(sys.executable),
        port=port,
        environment=network_variables(),
    )


def _without_passwords(of_this: Service) -> dict[str, str]:
    from tt_pipeline.settings import without_credentials

    urls = {name: value for name, value in of_this.environment.items() if name.lower().endswith("_proxy")}
    return {**of_this.environment, **{name: without_credentials(url) for name, url in urls.items()}}


def _install(settings: "Settings", of_this: Service, manager: ManagerName | None) -> None:
    from tt_pipeline.coverage import make_places

    if here := installed(of_this):
        raise UsageError(f"It is installed already: {here.place}. `tt service remove` removes it.")
    _check_can_be_installed(of_this)
    name = manager or manager_of_this_machine()
    if name is ManagerName.CRON and _without_passwords(of_this) != of_this.environment:
        raise UsageError(
            "The address of your proxy has a password, and every user of this computer could read it while cron works."
            " Nothing was installed. Use systemd, or a proxy without a password."
        )
    if name is not ManagerName.CRON:
        _check_port(of_this)
    make_places(settings)
    MANAGERS[name].install(of_this)
    say(f"Installed with {name}: {MANAGERS[name].place(of_this)}. `tt service status` says whether it is alive.")
    if name is ManagerName.SYSTEMD:
        say(_LINGER)


def _check_port(of_this: Service) -> None:
    """Refuse a port that another service has, or on which a program listens now.

    Raises:
        UsageError: One has it.
    """
    from tt_pipeline.cli.dagster_server import check_port

    if other := service_on_port(of_this):
        raise UsageError(f"{other} has port {of_this.port} already. Nothing was installed. Choose another with --port.")
    check_port(of_this.port)


def _check_can_be_installed(of_this: Service) -> None:
    """Refuse what would not work without this shell.

    Raises:
        UsageError: A setting or the program itself is known to this shell only.
    """
    from tt_pipeline.cli.command_name import installed_from, without_installation
    from tt_pipeline.settings import exported_settings

    if variables := exported_settings():
        raise UsageError(
            f"{', '.join(variables)} {'is' if len(variables) == 1 else 'are'} set in this shell, which a service does"
            f" not see. Nothing was installed. Write {'it' if len(variables) == 1 else 'them'} into"
            f" {of_this.folder / '.env'}, and unset {'it' if len(variables) == 1 else 'them'} here."
        )
    if without_installation(Path(sys.prefix), installed_from()):
        raise UsageError(
            "This tt_pipeline was installed for this command only. Nothing was installed. Install it first, with"
            " `uv tool install tt-pipeline` or `pipx install tt-pipeline`."
        )
    if not f"{of_this.folder}{of_this.data_dir}{of_this.python}".isprintable():
        raise UsageError("A folder's name has characters that no service can name. Nothing was installed. Rename it.")


def _remove(of_this: Service) -> None:
    here = installed(of_this)
    if here is None:
        say("No service is installed for this data dir; nothing was changed.")
        return
    here.manager.remove(of_this)
    say(f"Removed from {here.place}. The data is kept.")


def _show_status(settings: "Settings", of_this: Service) -> None:
    from tt_pipeline.cli.alive import signs_of_life
    from tt_pipeline.cli.doctor import show_finding
    from tt_pipeline.cli.health_checks import Mark

    found = []
    for finding in signs_of_life(settings, of_this):
        show_finding(finding)
        found.append(finding)
    is_alive = all(finding.mark is not Mark.WRONG for finding in found)
    say("Alive." if is_alive else "Not alive.")
    raise typer.Exit(Exit.COMPLETE if is_alive else Exit.FAILED)
