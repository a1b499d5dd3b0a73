"""Commands in messages can be typed as they are, however tt_pipeline was installed."""

import os
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

from tt_pipeline.cli.command_name import as_typed, installed_command, installed_from, without_installation
from tt_pipeline_tests.cli.builders import run

TT = Path(sys.executable).parent / "tt"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An installed command."""
    installed = tmp_path / "project" / ".venv" / "bin" / "tt"
    installed.parent.mkdir(parents=True)
    installed.touch(mode=0o700)
    return installed


def test_a_command_that_the_shell_finds_has_its_name(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `pipx install` or in an active environment nobody types a folder."""
    monkeypatch.setenv("PATH", str(program.parent))
    assert installed_command(program) == "tt"


def test_a_command_below_this_folder_has_a_relative_path(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone the environment is in the folder .venv."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(program.parents[2])
    assert installed_command(program) == ".venv/bin/tt"


def test_a_command_elsewhere_has_its_path(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another `tt` that the shell finds is another program."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tt").touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")
    assert installed_command(program) == str(program)


@pytest.mark.parametrize(
    ("environment", "origin", "command"),
    [
        ("/home/me/.cache/uv/archive-v0/Yh3xAbc", None, "uvx tt-pipeline"),
        ("/home/me/.cache/uv/environments-v2/9f1c", None, "uvx tt-pipeline"),
        ("/home/me/.cache/uv/archive-v0/Yh3xAbc", "/home/me/my a.whl", "uvx --from '/home/me/my a.whl' tt-pipeline"),
        ("/home/me/.cache/pipx/0a1b2c", None, "pipx run tt-pipeline"),
        ("/home/me/.cache/pipx/0a1b2c", "/home/me/a.whl", "pipx run --spec /home/me/a.whl tt-pipeline"),
        ("/home/me/.local/share/pipx/venvs/tt-pipeline", None, None),
        ("/home/me/.local/share/uv/tools/tt-pipeline", None, None),
        ("/home/me/study/.venv", None, None),
    ],
)  # fmt: skip
def test_a_program_that_is_not_installed_is_called_through_its_runner(
    environment: str, origin: str | None, command: str | None
) -> None:
    """Uvx and `pipx run` put no command on the PATH of the shell."""
    assert without_installation(Path(environment), Path(origin) if origin else None) == command


def test_the_tests_run_on_a_folder() -> None:
    """`make setup-dev` installs this clone, and the record of the installation says so."""
    assert installed_from() == Path(__file__).parents[2]


def test_only_commands_in_a_text_are_changed() -> None:
    """Names that begin alike, and words that are no commands, stay."""
    text = "Run `tt status`,\nor `tt\nplan`; `tt_pipeline` and tt stay."
    changed = "Run `.venv/bin/tt status`,\nor `.venv/bin/tt\nplan`; `tt_pipeline` and tt stay."
    assert as_typed(text, ".venv/bin/tt") == changed


def test_an_error_names_the_command_that_was_typed(tmp_path: Path) -> None:
    """In a folder above the environment `tt` alone would not be found."""
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    ended = subprocess.run([TT, "check"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.stderr.endswith(f"run `{TT} init`.\n")


def test_the_package_has_a_command_of_its_name() -> None:
    """`uvx tt-pipeline` starts the same program as `tt`."""
    commands = {command.name: command.value for command in entry_points(group="console_scripts")}
    assert commands["tt"] == commands["tt-pipeline"] == "tt_pipeline.cli:start"


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of a fault names it."""
    assert run("--version") == 0
    assert capsys.readouterr().out == f"tt-pipeline {version('tt-pipeline')}\n"


@pytest.mark.parametrize("words", [("-h",), ("collect", "-h"), ("sql", "-h")])
def test_h_is_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """`-h` prints what `--help` prints."""
    assert run(*words) == 0
    short = capsys.readouterr().out
    assert run(*words[:-1], "--help") == 0
    assert short == capsys.readouterr().out


def test_a_shell_completes_commands_and_options(tmp_path: Path) -> None:
    """What `tt --install-completion` adds to the shell calls the program like this."""
    environment = {**os.environ, "COMP_WORDS": "tt collect --ag", "COMP_CWORD": "2", "_TT_COMPLETE": "complete_bash"}
    ended = subprocess.run([TT], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ended.stdout.strip(), ended.stderr) == ("--again", "")
