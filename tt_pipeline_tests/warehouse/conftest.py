"""Folders that every test of the warehouse uses."""

from pathlib import Path

import pytest


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """The landing folder."""
    return tmp_path / "landing"


@pytest.fixture
def writer_file(tmp_path: Path) -> Path:
    """The writer's file, which is not there yet."""
    return tmp_path / "writer.duckdb"
