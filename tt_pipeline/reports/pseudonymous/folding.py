"""Brings texts into one form, in which a handle looks the same however it was typed.

Small letters instead of capitals, plain characters instead of full-width ones, no accents, no invisible characters.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef\x00]"
)
"""Soft hyphens, joiners, marks of direction and selectors of a variant: a handle is the same with and without them."""
Span = tuple[int, int]
"""Where something begins in a folded text, and where it ends."""


def folded(text: str) -> str:
    """The text in the form in which handles are compared."""
    if text.isascii():
        return text.lower().replace("\x00", "")
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in _INVISIBLE.sub("", plain) if not unicodedata.combining(letter))


def folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The same, and for each of its characters the place in the text from which it comes."""
    if text.isascii() and "\x00" not in text:
        return text.lower(), range(len(text))
    parts: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        part = _folded_letter(letter)
        parts.append(part)
        places.extend([place] * len(part))
    return "".join(parts), places


def whole_letters(span: Span, places: Sequence[int]) -> Span:
    """One letter of a text can be several in its folded form, as in ¼ or ﬁ; all of them are masked."""
    first, behind = span
    while first and places[first - 1] == places[first]:
        first -= 1
    while behind < len(places) and places[behind] == places[behind - 1]:
        behind += 1
    return first, behind


@lru_cache(maxsize=1 << 14)
def _folded_letter(letter: str) -> str:
    return folded(letter)
