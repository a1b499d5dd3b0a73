"""The wheel works in an empty folder, with a bare environment and without a clone."""

import zipfile
from pathlib import Path

import pytest

from tt_pipeline_tests.from_wheel.conftest import LOCK, ROOT, UV, Installed, uv

pytestmark = pytest.mark.docs


def test_the_wheel_has_the_whole_package_and_nothing_else(wheel: Path) -> None:
    """Queries and texts are in it, and the versions that were tested; tests and data are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = ROOT / "tt_pipeline"
    files = (file for file in package.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    assert names == {*(f"{file.relative_to(ROOT)}" for file in files), "tt_pipeline/requirements.lock"}


@pytest.mark.parametrize("name", ["tt", "tt-pipeline"])
def test_both_names_start_it(installed: Installed, tmp_path: Path, name: str) -> None:
    """An installed package has both commands."""
    ended = installed.run(name, "--version", folder=tmp_path)
    assert (ended.returncode, ended.stdout.split()[0]) == (0, "tt-pipeline")


def test_the_demo_needs_nothing_but_the_wheel(installed: Installed, tmp_path: Path) -> None:
    """It collects, publishes and answers, and its hints name the command that was typed."""
    ended = installed.run("tt-pipeline", "demo", folder=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert "tt-pipeline demo --ui" in ended.stdout
    assert "make " not in ended.stdout + ended.stderr


def test_a_run_without_installation_names_its_runner(wheel: Path, tmp_path: Path) -> None:
    """After `uvx tt-pipeline` the shell knows no `tt`."""
    environment = {
        "PATH": f"{UV.parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "UV_CACHE_DIR": uv("cache", "dir").strip(),
    }
    words = ("uvx", "--offline", "--quiet", "--constraints", f"{LOCK}", "--from", f"{wheel}", "tt-pipeline", "check")
    ended = Installed(wheel, environment).run(*words, folder=tmp_path)
    assert ended.stderr.endswith(f"run `uvx --from {wheel} tt-pipeline init`.\n")
