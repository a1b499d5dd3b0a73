"""One published file with odd texts and its pages, for all tests that do not change the file."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tt_pipeline_tests.browse.published import pages_of, publish_odd


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file; no test writes to it."""
    return publish_odd(tmp_path_factory.mktemp("odd") / "data")


@pytest.fixture(scope="session")
def pages(odd: Path) -> Iterator[httpx.Client]:
    """A client of its pages."""
    with pages_of(odd) as client:
        yield client
