"""Folders and files that every test of the warehouse uses."""

import shutil
from pathlib import Path

import pytest

from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK


@pytest.fixture(scope="session")
def fresh_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writer's file as it is made: making it costs more than most tests."""
    file = tmp_path_factory.mktemp("fresh") / "writer.duckdb"
    with Writer(file, CLOCK):
        pass
    return file


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """The landing folder."""
    return tmp_path / "landing"


@pytest.fixture
def writer_file(tmp_path: Path, fresh_file: Path) -> Path:
    """A writer's file without rows."""
    return Path(shutil.copy(fresh_file, tmp_path))
