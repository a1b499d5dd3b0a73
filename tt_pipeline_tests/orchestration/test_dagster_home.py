"""A data dir has one Dagster instance, whose dagster.yaml belongs to the person who edits it."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from tt_pipeline.dagster_folder import home_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignInstance
from tt_pipeline.orchestration.dagster_home import instance_settings, prepare_home
from tt_pipeline.settings import read_settings


@pytest.fixture
def files(tmp_path: Path) -> DataDir:
    """A new data dir."""
    return DataDir(tmp_path / "data")


def test_a_new_data_dir_takes_dagster_home_or_its_own_folder(files: DataDir, tmp_path: Path) -> None:
    """The instance is in DAGSTER_HOME or, without it, in the data dir; reading its place changes nothing."""
    homes = home_of(files), home_of(files, tmp_path / "shared")

    assert homes == (files.dagster, tmp_path / "shared")
    assert not files.root.exists()


def test_a_data_dir_remembers_its_dagster_home(files: DataDir, tmp_path: Path) -> None:
    """It uses the same folder also without DAGSTER_HOME; another one is refused, and both are named."""
    prepare_home(files, tmp_path / "shared")

    assert home_of(files) == home_of(files, tmp_path / "shared") == tmp_path / "shared"
    with pytest.raises(ForeignInstance, match=rf"DAGSTER_HOME is {tmp_path}/other, but .* are in {tmp_path}/shared"):
        prepare_home(files, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_data_dir_with_runs_refuses_a_dagster_home(files: DataDir, tmp_path: Path) -> None:
    """Data dirs of earlier versions have their instance inside and no note about it."""
    files.dagster.mkdir(parents=True)

    with pytest.raises(ForeignInstance, match=rf"{tmp_path}/other.*{files.dagster}"):
        home_of(files, tmp_path / "other")
    assert home_of(files, files.dagster) == files.dagster


def test_an_instance_serves_one_data_dir(files: DataDir, tmp_path: Path) -> None:
    """A copy of a data dir cannot use the instance of the original; a data dir that was moved keeps it."""
    prepare_home(files, tmp_path / "shared")
    copy = DataDir(tmp_path / "copy")
    shutil.copytree(files.root, copy.root)

    with pytest.raises(ForeignInstance, match=f"belongs to the data dir {files.root}, not to {copy.root}"):
        prepare_home(copy)
    with pytest.raises(ForeignInstance, match="serves one data dir"):
        prepare_home(DataDir(tmp_path / "third"), tmp_path / "shared")
    shutil.rmtree(files.root)
    assert prepare_home(copy) == tmp_path / "shared"


def test_a_missing_dagster_home_is_not_replaced_by_an_empty_one(files: DataDir, tmp_path: Path) -> None:
    """The disk of the folder may not be mounted."""
    prepare_home(files, tmp_path / "shared")
    shutil.rmtree(tmp_path / "shared")

    with pytest.raises(ForeignInstance, match="no such folder"):
        prepare_home(files)
    assert not (tmp_path / "shared").exists()


@pytest.mark.parametrize("note", ["", "{", "[]", "{}", "null", "7", '{"dagster_home": 3}', '{"dagster_home": null}'])
def test_an_unreadable_note_is_named(files: DataDir, note: str) -> None:
    """The message has the file and the text to write."""
    files.internal.mkdir(parents=True)
    files.dagster_instance.write_text(note)

    with pytest.raises(ForeignInstance, match=r"dagster_instance\.json cannot be read"):
        home_of(files)


@pytest.mark.parametrize("edit", ["\nrun_monitoring: {enabled: false}\n", "# mine\n", " ", "\n"])
def test_an_edited_dagster_yaml_stays_as_it_is(files: DataDir, edit: str) -> None:
    """Even a changed blank is kept."""
    file = prepare_home(files) / "dagster.yaml"
    edited = file.read_text() + edit
    file.write_text(edited)
    prepare_home(files)

    assert file.read_text() == edited


@pytest.mark.parametrize("content", ["telemetry: {enabled: false}\n", "", "- 1\n", ": : :", "storage: 3\n"])
def test_a_foreign_dagster_yaml_stays_as_it_is(files: DataDir, content: str) -> None:
    """A file of any author stays; only an empty file is filled."""
    files.dagster.mkdir(parents=True)
    file = files.dagster / "dagster.yaml"
    file.write_text(content)
    prepare_home(files)

    assert (file.read_text() == content) is bool(content)


def test_an_unedited_dagster_yaml_follows_its_data_dir(files: DataDir, tmp_path: Path) -> None:
    """After a move its paths are those of the new place, also in a file of an earlier version."""
    home = prepare_home(files)
    earlier = DataDir(tmp_path / "earlier")
    earlier.dagster.mkdir(parents=True)
    (earlier.dagster / "dagster.yaml").write_text(yaml.safe_dump(instance_settings(Path("/old")), sort_keys=False))
    moved = DataDir(tmp_path / "moved")
    files.root.rename(moved.root)

    assert home == files.dagster
    for place in (moved, earlier):
        prepare_home(place)
        assert yaml.safe_load((place.dagster / "dagster.yaml").read_text()) == instance_settings(place.dagster)


def test_an_edited_dagster_yaml_of_a_moved_data_dir_is_named(files: DataDir, tmp_path: Path) -> None:
    """Its paths are those of the original, so the message has both folders and nothing runs."""
    file = prepare_home(files) / "dagster.yaml"
    file.write_text(file.read_text() + "\n")
    moved = DataDir(tmp_path / "moved")
    shutil.copytree(files.root, moved.root)

    with pytest.raises(ForeignInstance, match=f"still lead to {files.dagster}"):
        prepare_home(moved)


def test_an_empty_dagster_home_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dagster reads it so too; child processes get no empty DAGSTER_HOME."""
    monkeypatch.setenv("DAGSTER_HOME", "")

    assert read_settings().dagster_home is None
    assert read_settings().as_environment()["DAGSTER_HOME"] == ""
    monkeypatch.setenv("DAGSTER_HOME", "/somewhere")
    assert read_settings().dagster_home == Path("/somewhere")
    assert os.environ["DAGSTER_HOME"] == "/somewhere"
