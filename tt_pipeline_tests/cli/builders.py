"""Runs a command of `tt` in this process."""

import pytest

from tt_pipeline.cli import main


def run(*arguments: str) -> int:
    """Exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)
