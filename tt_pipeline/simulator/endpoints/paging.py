"""Which part of a list is on a page, and where does the next page start?

A cursor is a position in the list, or the second from which the list is read back in time. The endpoints make the list
and its records.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tt_pipeline.simulator.responses import invalid_count_or_cursor

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage(Generic[T]):
    """One page of a list and the cursor of the next."""

    items: Sequence[T]
    next_cursor: int
    has_more: bool

    @property
    def position(self) -> dict[str, Any]:
        """The two keys that every paged response has."""
        return {"cursor": self.next_cursor, "has_more": self.has_more}


def page_by_position(items: Sequence[T], *, cursor: int, count: int) -> ResultPage[T]:
    """The `count` items that start at position `cursor`.

    Raises:
        Refused: The list ends before that position.
    """
    if cursor > len(items):
        raise invalid_count_or_cursor()
    shown = items[cursor : cursor + count]
    reached = cursor + len(shown)
    return ResultPage(items=shown, next_cursor=reached, has_more=reached < len(items))


def page_by_second(items: Sequence[T], second_of: Callable[[T], int], *, cursor: int, count: int) -> ResultPage[T]:
    """The latest `count` items at or before the second `cursor`; `items` come latest first.

    The next page starts at the second of its first item: of two items with one second, one may come twice.
    """
    left = [item for item in items if second_of(item) <= cursor]
    shown, rest = left[:count], left[count:]
    last_s = second_of(shown[-1]) if shown else cursor
    return ResultPage(items=shown, next_cursor=second_of(rest[0]) if rest else last_s, has_more=bool(rest))
