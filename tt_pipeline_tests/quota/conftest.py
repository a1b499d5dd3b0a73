"""A ledger in a file, and, in `make distributed`, in a real Postgres."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline.postgres import PostgresUrl
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database

Place = Path | PostgresUrl


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server that nothing else uses."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.slow, pytest.mark.distributed])],
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where an empty ledger can be opened."""
    if request.param == "sqlite":
        return tmp_path / "ledger.sqlite"
    return new_database(request.getfixturevalue("postgres_server"))
