"""What a person chose on the page of a table: search, filters, sort and page; it is part of the page's address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

PAGE_SIZE: Final = 50
_MOST_PAGES: Final = 10_000_000
_MOST_FILTERS: Final = 20
_LONGEST_TEXT: Final = 1_000


class Condition(StrEnum):
    """How a filter compares a column; the value stands in addresses."""

    IS = "is"
    IS_NOT = "is-not"
    CONTAINS = "contains"
    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    MISSING = "missing"
    PRESENT = "present"

    @property
    def words(self) -> str:
        """What the page says."""
        return {"missing": "is NULL", "present": "is not NULL"}.get(self.value, self.value.replace("-", " "))

    @property
    def needs_value(self) -> bool:
        """Whether it compares with a value."""
        return self not in {Condition.MISSING, Condition.PRESENT}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column."""

    column: str
    condition: Condition
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A choice of rows.

    Attributes:
        search: Text that any column contains, whatever its case; empty for all rows.
        sort: A column; empty for the order in which rows are stored.
        page: From 1.
    """

    search: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    is_descending: bool = False
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves rows out."""
        return bool(self.search or self.filters)

    @property
    def skipped(self) -> int:
        """The number of rows before its page."""
        return (self.page - 1) * PAGE_SIZE

    def at(self, page: int) -> "View":
        """The same rows, at another page."""
        return replace(self, page=page)

    def sorted_by(self, column: str) -> "View":
        """The first page, sorted by a column; downwards if it was sorted upwards by it."""
        return replace(self, sort=column, is_descending=self.sort == column and not self.is_descending, page=1)

    def without(self, unwanted: Filter) -> "View":
        """The first page without a filter."""
        return replace(self, filters=tuple(each for each in self.filters if each != unwanted), page=1)

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values as in the address; what is usual is left out."""
        pairs = [("search", self.search)] if self.search else []
        for each in self.filters:
            pairs += [("column", each.column), ("condition", each.condition.value), ("value", each.value)]
        if self.sort:
            pairs += [("sort", self.sort), ("order", "down" if self.is_descending else "up")]
        return pairs

    def query(self) -> str:
        """The part of the address after the question mark."""
        return urlencode([*self.pairs(), *([("page", str(self.page))] if self.page > 1 else [])])


def read_view(pairs: Iterable[tuple[str, str]]) -> View:
    """The choice in an address; parts that make no sense are left out."""
    pairs = [(name, value[:_LONGEST_TEXT]) for name, value in pairs]
    single = dict(pairs)
    several = {name: [value for key, value in pairs if key == name] for name in ("column", "condition", "value")}
    filters = [
        Filter(column, Condition(condition), value)
        for column, condition, value in zip(*several.values(), strict=False)
        if column and condition in {*Condition}
    ]
    return View(
        search=single.get("search", "").strip(),
        filters=tuple(dict.fromkeys(filters))[:_MOST_FILTERS],
        sort=single.get("sort", ""),
        is_descending=single.get("order") == "down",
        page=_page(single.get("page", "")),
    )


def _page(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_PAGES))
    return min(max(int(text), 1), _MOST_PAGES) if is_number else 1
