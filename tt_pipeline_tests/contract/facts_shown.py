"""Which facts of docs/research-api.md a test shows: their short names become the test's id."""

import re
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def shows(*facts: str) -> pytest.MarkDecorator:
    """Name the facts that a test with a `lab` shows: `pytest -k silent-searches` then finds it."""
    return pytest.mark.parametrize("lab", [facts], ids=[" ".join(facts)], indirect=True)


def facts_shown() -> set[str]:
    """Every fact that a test of this folder names, read from the source so that no test has to be imported."""
    sources = [file.read_text(encoding="utf-8") for file in _HERE.glob("test_*.py")]
    marks = [mark for source in sources for mark in re.findall(r"^@shows\((.*?)\)$", source, re.MULTILINE | re.DOTALL)]
    return {fact for mark in marks for fact in re.findall(r'"([a-z0-9-]+)"', mark)}
