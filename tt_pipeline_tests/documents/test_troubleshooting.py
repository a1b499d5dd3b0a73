"""Every message that docs/troubleshooting.md quotes is a message of the program."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline_tests.documents.blocks import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED = [quoted for line in re.findall(r"^##+ .*$", PAGE, re.MULTILINE) for quoted in re.findall("`([^`]+)`", line)]
OPEN = "…"
"""In a quotation and in a text of the code: what differs from case to case."""


def _texts(code: str) -> Iterator[str]:
    """Every text of a module without backticks, with OPEN for each value that is put into it.

    A text is also one that is added to another, or that a condition chooses.
    """
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.JoinedStr):
            parts = (str(part.value) if isinstance(part, ast.Constant) else OPEN for part in node.values)
            yield "".join(parts).replace("`", "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.replace("`", "")


TEXTS = "\n".join(
    text for file in (ROOT / "tt_pipeline").rglob("*.py") for text in _texts(Path(file).read_text("utf-8"))
)


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_quoted_message_exists(quoted: str) -> None:
    """Whoever changes a message finds the page that explains it; a message can be put together from sentences."""
    fragments = [fragment.strip(" ;,.") for fragment in re.split(rf"{OPEN}|[.;] ", quoted)]
    assert [fragment for fragment in fragments if fragment not in TEXTS] == []


def test_many_messages_are_quoted() -> None:
    """The headings are read as intended."""
    assert len(QUOTED) > 30
