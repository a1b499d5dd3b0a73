"""Which columns of a result fit on a screen, and how wide each is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from rich.cells import cell_len

BETWEEN: Final = 2
"""Spaces between two columns."""
_LEAST_WIDTH: Final = 9
"""Smallest width at which a cut text is readable; of a fingerprint it shows the eight digits that name its folder."""
_IMPORTANT: Final = (re.compile("name$|^search$|^status$|_date$|^view_count$|^videos$"), re.compile("_count$"))
_TECHNICAL: Final = re.compile("(fingerprint|load_id|log_id|run_id|search_id)$")
_LONGEST_NAME: Final = 32
"""A longer word, such as a link or a fingerprint, may be cut; names of accounts and hashtags are shorter."""


@dataclass(frozen=True, slots=True)
class Width:
    """The least width of a column in characters, and the width that shows it in full."""

    least: int
    whole: int

    @classmethod
    def of(cls, name: str, cells: Sequence[str], *, is_number: bool) -> Self:
        """The widths of a column: prose, lists, links and fingerprints may be cut; numbers, ids and names may not."""
        whole = max(cell_len(name), *map(cell_len, cells), 0)
        if is_number or not any(map(_may_be_cut, cells)):
            return cls(whole, whole)
        return cls(min(whole, max(cell_len(name), _LEAST_WIDTH)), whole)


def _may_be_cut(cell: str) -> bool:
    return " " in cell or (cell_len(cell) > _LONGEST_NAME and not cell.isdecimal())


def fitting(columns: Mapping[str, Width], screen: int) -> list[str]:
    """The columns that fit with their least widths, in their order: chosen by importance, then by their order."""
    fit, used = set(), -BETWEEN
    for name in sorted(columns, key=lambda name: _rank(name, columns)):
        if used + BETWEEN + columns[name].least <= screen:
            fit.add(name)
            used += BETWEEN + columns[name].least
    return [name for name in columns if name in fit]


def _rank(name: str, columns: Mapping[str, Width]) -> int:
    """0 is the most important: names and days, then counts; long texts and technical ids are the last."""
    if _TECHNICAL.search(name) or (columns[name].least < columns[name].whole and name != next(iter(columns))):
        return len(_IMPORTANT) + 1
    if name == next(iter(columns)):
        return 0
    return next((rank for rank, names in enumerate(_IMPORTANT) if names.search(name)), len(_IMPORTANT))


def shared_out(columns: Mapping[str, Width], screen: int) -> dict[str, int]:
    """The width of each column: the least, and a share of the space that is left."""
    spare = screen - sum(width.least + BETWEEN for width in columns.values()) + BETWEEN
    fitted = {}
    by_need = sorted(columns, key=lambda name: columns[name].whole - columns[name].least)
    for place, name in enumerate(by_need):
        more = min(columns[name].whole - columns[name].least, spare // (len(by_need) - place))
        fitted[name], spare = columns[name].least + more, spare - more
    return {name: fitted[name] for name in columns}
