"""Column names that every program accepts: at most 32 letters, digits and underscores, without duplicates.

Stata is the strictest program: https://www.stata.com/manuals/u11.pdf, 11.3. All names of the catalog are valid, so only
columns that a query named are renamed; the data dictionary has their original names.
"""

import re
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 32
_RESERVED: Final = frozenset(
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _skip strL using with".split()
)
_STORAGE: Final = re.compile(r"str\d+")


def safe_names(names: Sequence[str]) -> list[str]:
    """A valid name for each, in the same order; names must differ in more than case, because Stata lowers them."""
    taken: set[str] = set()
    return [_taken(_fit(name), taken) for name in names]


def _fit(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name)[:LONGEST] or "column"
    is_odd = plain in _RESERVED or _STORAGE.fullmatch(plain) or plain[0].isdigit() or not plain.strip("_")
    return f"v_{plain}"[:LONGEST] if is_odd else plain


def _taken(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name[: LONGEST - len(str(number)) - 1]}_{number}"
    taken.add(found.lower())
    return found
