"""Finds a table by the name that somebody typed."""

from collections.abc import Collection
from difflib import get_close_matches

from tt_pipeline.errors import UsageError


def full_name(typed: str, names: Collection[str]) -> str:
    """The full name of a table; of a name that several schemas have, the one in marts.

    Args:
        typed: With or without its schema, in any case.
        names: The full names of all tables.

    Raises:
        UsageError: There is no such table; the message has the nearest name.
    """
    if found := _of(typed.lower(), names):
        return found
    near = nearest_name(typed, names)
    hint = f" Did you mean {near}?" if near else ""
    raise UsageError(f"No table is called {typed!r}; `tt describe` lists them.{hint}")


def nearest_name(typed: str, names: Collection[str]) -> str | None:
    """The full name of the table whose name is most like this one, schema aside if need be; None if none is like it."""
    if found := _of(typed.lower().rpartition(".")[2], names):
        return found
    near = get_close_matches(typed.lower(), [*names, *map(_bare, names)], n=1)
    return _of(near[0], names) if near else None


def _of(name: str, names: Collection[str]) -> str | None:
    matches = [each for each in names if name in {each, _bare(each)}]
    return min(matches, key=lambda each: not each.startswith("marts."), default=None)


def _bare(name: str) -> str:
    return name.partition(".")[2]
