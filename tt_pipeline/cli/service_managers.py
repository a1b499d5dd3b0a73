"""Installs and removes a service with systemd, launchd or cron: completely or not at all."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from tt_pipeline.cli.service_texts import Service, cron_line, launchd_agent, systemd_unit
from tt_pipeline.errors import UsageError
from tt_pipeline.safe_files import write_whole

_NOTHING_CHANGED: Final = "Nothing was installed or removed."
_WAITS_S: Final = 120
_NO_CRONTAB: Final = "no crontab"


class ManagerName(StrEnum):
    """Who keeps a service running."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    CRON = "cron"


class Manager(Protocol):
    """Keeps a service running."""

    def text(self, service: Service) -> str:
        """What is installed."""
        ...

    def place(self, service: Service) -> str | None:
        """Where the service is installed; None if it is not."""
        ...

    def state(self, service: Service) -> str:
        """What the manager says of an installed service; "active" when it is well."""
        ...

    def install(self, service: Service) -> None:
        """Install and start it.

        Raises:
            UsageError: The manager refused; nothing is left of it.
            StorageFailed: A folder cannot be written; nothing is left of it.
        """
        ...

    def remove(self, service: Service) -> None:
        """Stop and remove it.

        Raises:
            UsageError: The manager refused; the service is as it was.
        """
        ...


class Systemd:
    """The systemd of this user's session."""

    def text(self, service: Service) -> str:
        """The unit."""
        return systemd_unit(service)

    def place(self, service: Service) -> str | None:
        """The unit's file."""
        return f"{_unit(service)}" if _unit(service).exists() else None

    def state(self, service: Service) -> str:
        """What systemd says: active, failed, inactive."""
        return _output(["systemctl", "--user", "is-active", f"{service.name}.service"]) or "unknown"

    def install(self, service: Service) -> None:
        """Write the unit, enable and start it."""
        file = _unit(service)
        write_whole(file, systemd_unit(service))
        try:
            _must("systemctl", "--user", "daemon-reload")
            _must("systemctl", "--user", "enable", "--now", file.name)
        except UsageError:
            _output(["systemctl", "--user", "disable", "--now", file.name])
            file.unlink()
            _output(["systemctl", "--user", "daemon-reload"])
            raise

    def remove(self, service: Service) -> None:
        """Stop, disable and delete the unit."""
        _must("systemctl", "--user", "disable", "--now", _unit(service).name)
        _unit(service).unlink()
        _output(["systemctl", "--user", "daemon-reload"])


def _unit(service: Service) -> Path:
    from tt_pipeline.settings import config_folder  # needs pydantic, which `tt --help` does without

    return config_folder() / "systemd" / "user" / f"{service.name}.service"


class Launchd:
    """The launchd of this user's session on macOS."""

    def text(self, service: Service) -> str:
        """The property list."""
        return launchd_agent(service)

    def place(self, service: Service) -> str | None:
        """The property list's file."""
        return f"{_agent(service)}" if _agent(service).exists() else None

    def state(self, service: Service) -> str:
        """Whether launchd has loaded the agent."""
        return "active" if _ended(["launchctl", "print", _target(service)]).returncode == 0 else "not loaded"

    def install(self, service: Service) -> None:
        """Write the property list and load it."""
        file = _agent(service)
        write_whole(file, launchd_agent(service))
        try:
            _must("launchctl", "bootstrap", f"gui/{os.getuid()}", f"{file}")
        except UsageError:
            file.unlink()
            raise

    def remove(self, service: Service) -> None:
        """Unload and delete the property list."""
        if self.state(service) == "active":
            _must("launchctl", "bootout", _target(service))
        _agent(service).unlink()


def _agent(service: Service) -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{service.name}.plist"


def _target(service: Service) -> str:
    return f"gui/{os.getuid()}/{service.name}"


class Cron:
    """The crontab of this user; what others wrote into it stays."""

    def text(self, service: Service) -> str:
        """The line."""
        return f"{cron_line(service)}\n"

    def place(self, service: Service) -> str | None:
        """The crontab, if it has the line."""
        if shutil.which("crontab") and any(_is_line_of(line, service) for line in _crontab()):
            return "your crontab"
        return None

    def state(self, service: Service) -> str:  # noqa: ARG002 — a line has no state
        """A line in a crontab is all that cron needs."""
        return "active"

    def install(self, service: Service) -> None:
        """Add the line."""
        _write_crontab([*_crontab(), cron_line(service)])

    def remove(self, service: Service) -> None:
        """Take the line out."""
        _write_crontab([line for line in _crontab() if not _is_line_of(line, service)])


def _is_line_of(line: str, service: Service) -> bool:
    return line.rstrip().endswith(f"# {service.name}") and not line.startswith("#")


def _crontab() -> list[str]:
    done = _ended(["crontab", "-l"])
    if done.returncode and _NO_CRONTAB not in done.stderr:
        raise _refused("crontab", done)
    return [] if done.returncode else done.stdout.splitlines()


def _write_crontab(lines: list[str]) -> None:
    done = _ended(["crontab", "-"], "".join(f"{line}\n" for line in lines))
    if done.returncode:
        raise _refused("crontab", done)


MANAGERS: Final[dict[ManagerName, Manager]] = {
    ManagerName.SYSTEMD: Systemd(),
    ManagerName.LAUNCHD: Launchd(),
    ManagerName.CRON: Cron(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installed service."""

    name: ManagerName
    place: str
    manager: Manager


def installed(service: Service) -> Installed | None:
    """Where the service is installed, and with which manager; None if it is not."""
    for name, manager in MANAGERS.items():
        if place := manager.place(service):
            return Installed(name=name, place=place, manager=manager)
    return None


def service_on_port(service: Service) -> str | None:
    """The file of another service of this user whose UI has the same port; None if there is none."""
    words = f'"--port" "{service.port}"', f"<string>--port</string><string>{service.port}</string>"
    for file in (
        *_unit(service).parent.glob("tt-pipeline-*.service"),
        *_agent(service).parent.glob("tt-pipeline-*.plist"),
    ):
        text = "".join(line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines())
        if file not in {_unit(service), _agent(service)} and any(word in text for word in words):
            return f"{file}"
    return None


def manager_of_this_machine(platform: str = sys.platform) -> ManagerName:
    """The manager that this machine has for services of its users.

    Raises:
        UsageError: It has none that is known.
    """
    if platform == "darwin":
        return ManagerName.LAUNCHD
    if platform == "linux" and _ended(["systemctl", "--user", "show-environment"]).returncode == 0:
        return ManagerName.SYSTEMD
    raise UsageError(
        f"No systemd session of yours and no launchd was found on this machine ({platform}). {_NOTHING_CHANGED}"
        " `tt service install --with cron` writes a line into your crontab instead."
    )


def _must(*command: str) -> None:
    done = _ended(command)
    if done.returncode:
        raise _refused(command[0], done)


def _refused(program: str, done: "subprocess.CompletedProcess[str]") -> UsageError:
    why = next((line.strip() for line in done.stderr.splitlines() if line.strip()), f"exit code {done.returncode}")
    return UsageError(f"{program} refused: {why.rstrip('.')}. {_NOTHING_CHANGED}")


def _output(command: list[str]) -> str:
    return _ended(command).stdout.strip()


def _ended(command: "list[str] | tuple[str, ...]", given: str = "") -> "subprocess.CompletedProcess[str]":
    """What a program has said; a program that is missing or hangs has failed."""
    try:
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=_WAITS_S, check=False)  # noqa: S603 — of the system
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not installed")
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 126, "", f"{command[0]}: {type(error).__name__}")
