"""Folders and files that every test of the warehouse uses."""

from pathlib import Path

import pytest

from tt_pipeline_tests.warehouse.builders import make_writer_file


@pytest.fixture(scope="session")
def fresh_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A writer's file without rows that no test writes to."""
    return make_writer_file(tmp_path_factory.mktemp("fresh") / "writer.duckdb")


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """The landing folder."""
    return tmp_path / "landing"


@pytest.fixture
def writer_file(tmp_path: Path) -> Path:
    """A writer's file without rows."""
    return make_writer_file(tmp_path / "writer.duckdb")
