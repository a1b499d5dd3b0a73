"""One Postgres server for the tests of a module, and an empty database for each test."""

from collections.abc import Iterator

import pytest

from tt_pipeline.postgres import PostgresUrl
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database
from tt_pipeline_tests.duties.conftest import stored, stored_once

__all__ = ["stored", "stored_once"]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that nothing else uses."""
    with PostgresServer() as started:
        yield started


@pytest.fixture
def url(server: PostgresServer) -> PostgresUrl:
    """An empty database."""
    return new_database(server)
