"""A wheel of this tree, installed into an environment that has nothing else."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
UV = Path(sys.executable).parent / "uv"


@dataclass(frozen=True)
class Installed:
    """Where the wheel is, and a shell in which it is installed.

    Attributes:
        wheel: The built file.
        environment: The only variables of commands: PATH with the installed commands, HOME, LANG.
    """

    wheel: Path
    environment: dict[str, str]

    def run(self, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder, with the bare environment."""
        return subprocess.run(
            ["/usr/bin/env", *words], cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )


def uv(*words: str | Path) -> str:
    """Run uv on what `make setup-dev` has left in its cache, without any network; returns its output."""
    return subprocess.run([UV, "--offline", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    uv("build", "--quiet", "--wheel", "--out-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own, with the versions of the lock."""
    home = tmp_path_factory.mktemp("home")
    environment = home / "environment"
    uv("venv", "--quiet", "--python", sys.executable, environment)
    uv("pip", "install", "--quiet", "--python", environment / "bin" / "python", "--constraint", LOCK, wheel)
    path = f"{environment / 'bin'}:/usr/bin:/bin"
    return Installed(wheel, {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"})
