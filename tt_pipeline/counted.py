"""A number with its noun, for every text that people read."""

import re
from typing import Final

_SINGULAR: Final = {"are": "is", "were": "was", "have": "has", "cannot": "cannot"}
_ENDS_IN_ES: Final = re.compile(r"(?:s|x|ch|sh)$")
_ENDS_IN_IES: Final = re.compile(r"(?<![aeiou])y$")


def counted(number: int, noun: str, verb: str = "") -> str:
    """`1 row`, `7,065 rows`, `1 row was`, `2 searches were`.

    Args:
        number: The number.
        noun: The noun in the singular; its plural is regular.
        verb: The verb in the plural, if one follows: are, were, have or cannot.
    """
    shown = with_noun(f"{number:,}", noun)
    return f"{shown} {_SINGULAR[verb] if number == 1 else verb}" if verb else shown


def every(days: int) -> str:
    """`every day`, `every 7 days`."""
    return "every day" if days == 1 else f"every {counted(days, 'day')}"


def with_noun(shown: str, noun: str) -> str:
    """`1 row`, `1.2 M rows`: a number that was formatted already, with its noun."""
    return f"{shown} {noun if shown == '1' else _plural(noun)}"


def _plural(noun: str) -> str:
    if _ENDS_IN_ES.search(noun):
        return f"{noun}es"
    return _ENDS_IN_IES.sub("ie", noun) + "s"
