"""Fenced blocks of README and docs, and what becomes of each when the pages are tested.

A comment on the line before a block, which readers of the page do not see, says why the block is not run:
`<!-- not run: it needs Docker -->`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = tuple(
    page
    for page in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
    if page.name != "data-dictionary.md"  # `make dictionary` writes it
)
OUTPUT: Final = ("text", "json", "bibtex")
"""Languages of blocks that show an answer, a file or a message."""
TUTORIAL: Final = "first-study.md"
GUIDES: Final = (
    *("collect.md", "status.md", "one-search.md", "repair.md", "updating.md"),
    *("how-matching-works.md", "cite.md", "privacy.md", "report.md"),
)
"""Pages of docs/ that `test_guides.py` walks from top to bottom, as the tutorial; their Python is run elsewhere."""
PROGRAMS: Final = ("one-search.md", "use-as-a-library.md")
"""Pages of docs/ whose Python `test_documents.py` runs."""

_BLOCK: Final = re.compile(
    r"(?:^[ ]*<!-- not run: (?P<reason>.+?) -->\n+)?"
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: The file.
        line: Line of the opening fence, from 1.
        language: What is written behind the fence.
        text: The lines, without the indentation of the fence.
        not_run_because: The reason in the comment before the block; None if it is to be run.
    """

    page: Path
    line: int
    language: str
    text: str
    not_run_because: str | None = None

    def __str__(self) -> str:
        """Page and line, as an editor opens them."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path, text: str | None = None) -> Iterator[Block]:
    """The blocks of a page in their order; `text` is a part of the page, by default all of it."""
    text = page.read_text(encoding="utf-8") if text is None else text
    for found in _BLOCK.finditer(text):
        indent = found["indent"]
        yield Block(
            page=page,
            line=text.count("\n", 0, found.start("indent")) + 1,
            language=found["language"],
            text="".join(line.removeprefix(indent) for line in found["text"].splitlines(keepends=True)),
            not_run_because=found["reason"],
        )


def section(text: str, heading: str) -> str | None:
    """The text from a heading to the next one of the same or a higher level, below as many empty lines as precede it.

    Blocks of a section have the lines that they have in the page. None if no such heading is there.
    """
    found = re.search(rf"^(#+) {re.escape(heading)}$\n(.*?)(?=^#{{1,6}} |\Z)", text, re.DOTALL | re.MULTILINE)
    if not found:
        return None
    level = len(found[1])
    below = text[found.start(2) :]
    part = re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]
    return "\n" * text.count("\n", 0, found.start(2)) + part
