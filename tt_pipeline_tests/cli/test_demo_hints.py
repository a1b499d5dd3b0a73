"""The commands that the demo suggests can be typed as they are, however tt_pipeline was installed."""

from pathlib import Path

import pytest

from tt_pipeline.cli.demo import command_as_typed


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
    assert command_as_typed(program) == "tt"


def test_a_command_below_this_folder_has_a_relative_path(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone the environment is in the folder .venv."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(program.parents[2])
    assert command_as_typed(program) == ".venv/bin/tt"


def test_a_command_elsewhere_has_its_path(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another `tt` that the shell finds is another program."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tt").touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    monkeypatch.chdir(tmp_path / "other")
    assert command_as_typed(program) == str(program)
