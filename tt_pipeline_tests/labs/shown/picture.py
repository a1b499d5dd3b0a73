"""docs/images/demo.svg: the end of `tt demo` as a terminal of 80 columns shows it."""

import re
from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from tt_pipeline_tests.documents.blocks import ROOT
from tt_pipeline_tests.journeys.terminal import Terminal

PICTURE: Final = ROOT / "docs" / "images" / "demo.svg"
_FONTS: Final = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)
"""Fonts that a reader's program would load from another host."""
_COLUMNS: Final = 80


def demo_picture(folder: Path, variables: dict[str, str]) -> str:
    """Run the demo in a folder; returns its screen from the heading "Result" on, as SVG."""
    terminal = Terminal(["demo"], variables, folder, columns=_COLUMNS)
    terminal.end()
    lines = terminal.lines
    return as_svg("\n".join(lines[lines.index("Result") :]), title="tt demo")


def as_svg(text: str, *, title: str) -> str:
    """A picture of a terminal with this text; no part of it is loaded from elsewhere."""
    console = Console(record=True, width=_COLUMNS, file=StringIO(), highlight=False, markup=False)
    console.print(Text(text))
    return _FONTS.sub("", console.export_svg(title=title, unique_id="demo"))
