"""The gallery: the figures of the demo's report as SVG files, and the page that shows them."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Final

from tt_pipeline.data_dir import DataDir
from tt_pipeline.reports import Figure, study_figures

_DOCS: Final = Path(__file__).parents[3] / "docs"
PAGE: Final = _DOCS / "gallery.md"
FOLDER: Final = _DOCS / "images" / "gallery"
_HEAD: Final = """\
# Figures of the report

These are the figures of `tt report` for the demo, in which a simulator answers: all numbers are invented.
[See what a study shows](report.md) explains them; `tt notebook` shows them for the searches and days that you choose.
"""
_TAG: Final = re.compile(r"<[^>]+>")


def gallery(data_dir: Path) -> Mapping[Path, str]:
    """The text of every file of the gallery, by its path.

    Args:
        data_dir: The data dir of a demo.
    """
    figures = study_figures(DataDir(data_dir).published)
    pictures = {FOLDER / f"{each.name}.svg": f"{each.svg}\n" for each in figures}
    return {PAGE: "\n".join([_HEAD, *map(_shown, figures)]), **pictures}


def _shown(figure: Figure) -> str:
    caption = unescape(_TAG.sub("", figure.caption)).partition(". ")[2]
    return (
        f"## {figure.title}\n\n{_plain(figure.lead)}\n\n"
        f"![{_plain(figure.alternative)}](images/gallery/{figure.name}.svg)\n\n{_plain(caption)}\n"
    )


def _plain(text: str) -> str:
    """Text in Markdown without the marks that isolate names."""
    return re.sub(r"([_*\[\]`#])", r"\\\1", re.sub("[\u2068\u2069]", "", text))
