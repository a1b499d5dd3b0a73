"""What was probably meant: the nearest name to one that nobody knows."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from tt_pipeline.query import FIELD_ALIASES, field_named, spoken
from tt_pipeline.vocabulary import AccountList, ConditionField, Operation

_NEAR = 0.7  # Python's 0.6 finds `comments` near `accounts`.


def field_meant(written: object) -> ConditionField:
    """The field of a name or alias.

    Raises:
        ValueError: There is none; the text says which is nearest.
    """
    field = field_named(str(written))
    if field is None:
        remedy = nearest(str(written), ConditionField, synonyms=FIELD_ALIASES)
        raise ValueError(f"{_shown(written)} a field of the Research API; {remedy}")
    return field


def operation_meant(written: object) -> Operation:
    """The operation of a name.

    Raises:
        ValueError: There is none; the text lists all.
    """
    if str(written) not in set(Operation):
        remedy = spoken(tuple(Operation))
        raise ValueError(f"{_shown(written)} an operation of the Research API; use {remedy}.")
    return Operation(str(written))


def list_meant(written: object) -> AccountList:
    """The list of a name.

    Raises:
        ValueError: There is none; the text says which is nearest.
    """
    if str(written) not in set(AccountList):
        raise ValueError(f"{_shown(written)} a list of an account; {nearest(str(written), AccountList)}")
    return AccountList(str(written))


def _shown(written: object) -> str:
    return "is empty and must be" if written is None else f"{written!r} is not"


def nearest(written: str, names: Iterable[str], *, synonyms: Mapping[str, str] = {}) -> str:
    """`did you mean regions?`, or all names when none is near.

    Args:
        written: What nobody knows.
        names: What is known here.
        synonyms: Other words for names: with `region_code` for `regions`, `regoin_code` means `regions`.
    """
    known = tuple(names)
    meant = {synonym: name for synonym, name in synonyms.items() if name in known} | {name: name for name in known}
    near = get_close_matches(written.lower(), meant, n=1, cutoff=_NEAR)
    return f"did you mean {meant[near[0]]}?" if near else f"use {spoken(known)}."
