"""In the wrong folder, commands say where they looked and where a project was last used, and make nothing."""

import json
import os
from pathlib import Path

import pytest

from tt_pipeline_tests.cli.builders import run

COMMANDS = [
    ("check",),
    ("plan",),
    ("try", "climate"),
    ("collect",),
    ("status",),
    ("up",),
    ("sql", "select 1"),
    ("export",),
    ("trace", "7692239745136459777"),
    ("trace", "--failed"),
    ("rebuild",),
]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the data dirs are remembered."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tt_pipeline" / "last_used.json"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was used, and the current folder is another one."""
    folder = tmp_path / "climate project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert (run("init"), run("check")) == (0, 0)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_in_an_empty_folder(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """It names both folders, and changes none of them."""
    capsys.readouterr()

    assert run(*command) == 2

    here = tmp_path / "elsewhere" / "data"
    assert capsys.readouterr().err == (
        f"No project here: there is no study {here}/study.yaml, and no data in {here}. Nothing was changed. A project "
        f"was last used in {project}/data: `cd '{project}'`. To start a new project in this folder, run `tt init`.\n"
    )
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_data_dir_with_another_name_is_named_by_its_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hint can be typed as it is."""
    os.environ["TT_DATA_DIR"] = "simulated"
    assert (run("init"), run("check")) == (0, 0)
    os.environ["TT_DATA_DIR"] = "data"

    assert run("status") == 2
    assert (
        f"was last used in {tmp_path}/simulated: `export TT_DATA_DIR={tmp_path}/simulated`." in capsys.readouterr().err
    )


def test_a_wrong_variable_is_corrected_by_the_variable(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With TT_DATA_DIR set, another folder would change nothing."""
    monkeypatch.setenv("TT_DATA_DIR", str(project / "dta"))

    assert run("status") == 2
    assert f"was last used in {project}/data: `export TT_DATA_DIR='{project}/data'`." in capsys.readouterr().err


def test_the_demos_data_are_found_from_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `tt demo`, people forget the variable of its data dir."""
    (tmp_path / "data" / "demo" / "internal").mkdir(parents=True)

    assert run("sql", "select 1") == 2
    assert f"`export TT_DATA_DIR={tmp_path}/data/demo`" in capsys.readouterr().err


def test_only_its_owner_can_read_the_list(project: Path, state: Path) -> None:
    """It has paths only, the latest first and each once."""
    os.environ["TT_DATA_DIR"] = str(project / "data")
    assert (run("check"), run("check")) == (0, 0)

    assert json.loads(state.read_text()) == [f"{project}/data"]
    assert (state.stat().st_mode & 0o777, state.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[1, null]", "[" * 100_000])
def test_a_damaged_list_is_no_problem(project: Path, state: Path, content: str) -> None:
    """It is written again by the next command in a project."""
    state.write_text(content)
    assert run("status") == 2
    os.environ["TT_DATA_DIR"] = str(project / "data")

    assert run("check") == 0
    assert json.loads(state.read_text()) == [f"{project}/data"]


def test_a_state_folder_that_cannot_be_written_is_no_problem(tmp_path: Path, state: Path) -> None:
    """A command works without remembering its data dir, also in a container without a home."""
    (tmp_path / "state").write_text("")

    assert (run("init"), run("check")) == (0, 0)
    os.environ["XDG_STATE_HOME"] = ""
    os.environ["HOME"] = "/proc/nowhere"
    assert run("check") == 0
    assert not state.exists()


def test_a_data_dir_that_was_deleted_is_not_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is sent to a folder without a project."""
    (project / "data" / "study.yaml").unlink()

    assert run("status") == 2
    assert "last used" not in capsys.readouterr().err


def test_rebuild_makes_no_empty_warehouse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no page has landed there is nothing to rebuild."""
    assert run("init") == 0
    before = sorted(tmp_path.rglob("*"))

    assert run("rebuild") == 2
    assert capsys.readouterr().err == (
        f"There is nothing to rebuild: no page has landed in {tmp_path}/data/internal/landing, and there is no "
        "warehouse. Nothing was changed. `tt collect` requests pages and publishes them.\n"
    )
    assert [path for path in sorted(tmp_path.rglob("*")) if "state" not in path.parts] == before
