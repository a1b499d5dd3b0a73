"""A lab for each test, over the one server of the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline_tests.contract.lab import Lab, open_lab
from tt_pipeline_tests.contract.shared_server import SharedServer


@pytest.fixture
def lab(server: tuple[SharedServer, str], tmp_path: Path) -> Iterator[Lab]:
    """A lab whose simulator has no faults until a test sets them."""
    made = open_lab(*server, tmp_path)
    with made.opened:
        yield made
