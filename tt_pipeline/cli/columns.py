"""Which columns of a result fit on a screen, and how wide each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from rich.cells import cell_len

BETWEEN: Final = 2
"""Spaces between two columns."""
_LEAST_WIDTH: Final = 9
"""Smallest width at which a cut text is readable; of a fingerprint it shows the eight digits that name its folder."""
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
    """The first columns whose least widths fit."""
    fit, used = [], -BETWEEN
    for name, width in columns.items():
        used += BETWEEN + width.least
        if used > screen:
            break
        fit.append(name)
    return fit


def shared_out(columns: Mapping[str, Width], screen: int) -> dict[str, int]:
    """The width of each column: the least, and a share of the space that is left."""
    spare = screen - sum(width.least + BETWEEN for width in columns.values()) + BETWEEN
    fitted = {}
    by_need = sorted(columns, key=lambda name: columns[name].whole - columns[name].least)
    for place, name in enumerate(by_need):
        more = min(columns[name].whole - columns[name].least, spare // (len(by_need) - place))
        fitted[name], spare = columns[name].least + more, spare - more
    return {name: fitted[name] for name in columns}
