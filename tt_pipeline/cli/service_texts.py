"""The texts with which systemd, launchd and cron keep the collection of a data dir running; nothing is written here."""

import plistlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

_UNIT: Final = """\
# Written by `tt service install`; `tt service remove` removes it.
[Unit]
Description=tt_pipeline collects into {data_dir}

[Service]
Type=exec
WorkingDirectory={folder}
ExecStart={command}
{environment}UMask=0077
Restart=on-failure
RestartSec=60
# A wrong setting or study stays wrong, and `tt up` ends with 143 when it is stopped.
RestartPreventExitStatus=2
SuccessExitStatus=143
TimeoutStopSec=90

[Install]
WantedBy=default.target
"""
_WHEN: Final = "17 */6 * * *"
"""Four times a day, in whatever time zone: a day without anything due costs no request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The collection of a data dir as a service of this user.

    Attributes:
        folder: Where `.env` is.
        data_dir: The data dir, whole path.
        python: The interpreter of the environment that tt_pipeline is installed in.
        port: The port of the UI.
        environment: Variables of proxies and certificates, which `.env` does not have.
    """

    folder: Path
    data_dir: Path
    python: Path
    port: int
    environment: Mapping[str, str]

    @property
    def name(self) -> str:
        """A name of its own for each data dir, for example `tt-pipeline-climate-3f2a51`."""
        named = self.data_dir.parent if self.data_dir.name == "data" else self.data_dir
        readable = re.sub(r"[^a-z0-9]+", "-", named.name.lower()).strip("-") or "data"
        return f"tt-pipeline-{readable}-{sha256(bytes(self.data_dir)).hexdigest()[:6]}"

    @property
    def log(self) -> Path:
        """Where the output goes that systemd's journal does not take."""
        return self.data_dir / "internal" / "service.log"

    @property
    def serving(self) -> list[str]:
        """The command that runs all the time."""
        return [f"{self.python}", "-m", "tt_pipeline.cli", "up", "--port", f"{self.port}"]

    @property
    def collecting(self) -> list[str]:
        """The command that collects once."""
        return [f"{self.python}", "-m", "tt_pipeline.cli", "collect", "--plain"]


def systemd_unit(service: Service) -> str:
    """A user unit that runs `tt up`, and starts it again when it fails."""
    return _UNIT.format(
        data_dir=_plain(service.data_dir),
        folder=_plain(service.folder),
        command=" ".join(_quoted(word).replace("$", "$$") for word in service.serving),
        environment="".join(f"Environment={_quoted(f'{n}={v}')}\n" for n, v in sorted(service.environment.items())),
    )


def _plain(path: Path) -> str:
    return f"{path}".replace("%", "%%")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def launchd_agent(service: Service) -> str:
    """A property list that runs `tt up` at login, and starts it again when it fails."""
    agent = {
        "Label": service.name,
        "ProgramArguments": service.serving,
        "WorkingDirectory": f"{service.folder}",
        "EnvironmentVariables": dict(service.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 60,
        "Umask": 0o077,
        "StandardOutPath": f"{service.log}",
        "StandardErrorPath": f"{service.log}",
    }
    return plistlib.dumps(agent).decode()


def cron_line(service: Service) -> str:
    """A line of a crontab that runs `tt collect` four times a day; it ends with the service's name."""
    variables = [f"{name}={value}" for name, value in sorted(service.environment.items())]
    words = [*(["env", *variables] if variables else []), *service.collecting]
    command = f"cd {shlex.quote(f'{service.folder}')} && {shlex.join(words)} >> {shlex.quote(f'{service.log}')} 2>&1"
    return f"{_WHEN} {command} # {service.name}".replace("%", "\\%")
