"""A lab for each test, over the one server of the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline_tests.contract.lab import Lab, open_lab
from tt_pipeline_tests.contract.stage import Stage


@pytest.fixture
def lab(server: tuple[Stage, str], tmp_path: Path) -> Iterator[Lab]:
    """A lab whose simulator puts nothing in the way until it is told."""
    made = open_lab(*server, tmp_path)
    with made.opened:
        yield made
