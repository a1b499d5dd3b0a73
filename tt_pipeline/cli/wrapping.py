"""Breaks lines between words, so that no word and no command is torn at the edge of a screen."""

import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.text import Text

_WORD: Final = re.compile(r"(?:`[^`]{1,300}`|\S)+\s*")
"""A word, or a command between backticks."""
_LEAST_SHARE: Final = 2
"""A hanging indent takes at most one part in so many of the width."""


def wrapped(text: Text, width: int, *, hang: int = 0) -> Text:
    """The text in lines of at most this width.

    A word that is wider, such as a path, stays whole: the terminal shows it over several lines, and it can be copied.
    So does a command between backticks.

    Args:
        hang: By how many characters further lines are indented, in addition to the spaces that their first line has.
    """
    lines = text.split("\n", allow_blank=True)
    return Text("\n", end=text.end).join(part for line in lines for part in _parts(line, width, hang))


def _parts(line: Text, width: int, hang: int) -> Iterator[Text]:
    spaces = len(line.plain) - len(line.plain.lstrip()) + hang
    indent = spaces if spaces * _LEAST_SHARE <= width else 0
    for number, part in enumerate(line.divide(_breaks(line.plain, width, indent))):
        part.rstrip()
        if number:  # a long path is indented less, if it then fits
            part.pad_left(max(0, min(indent, width - part.cell_len)))
        yield part


def _breaks(line: str, width: int, indent: int) -> Iterator[int]:
    """Where further lines begin."""
    used = first = len(line) - len(line.lstrip())
    for word in _WORD.finditer(line, first):
        if used > first and used + cell_len(word[0].rstrip()) > width:
            yield word.start()
            used = first = indent
        used += cell_len(word[0])
