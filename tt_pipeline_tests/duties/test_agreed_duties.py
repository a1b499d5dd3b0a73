"""The duties that `tt duties` shows are those of the page."""

import re
from pathlib import Path

from tt_pipeline.duties import AGREED

PAGE = Path(__file__).parents[2] / "docs" / "duties.md"


def test_the_duties_are_those_of_the_page() -> None:
    """Each row of the table in docs/duties.md, without its links, is a duty, in the same order."""
    table = PAGE.read_text().split("## What you agreed to")[1].split("\n\n")[1]
    plain = re.sub(r" ?\(\[[^\]]*\]\([^)]*\)\)", "", table)
    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in plain.splitlines()[2:]]

    assert [(each.duty, each.software, each.yours) for each in AGREED] == rows
