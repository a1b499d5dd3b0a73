"""What was probably meant: the nearest name to one that nobody knows."""

from collections.abc import Iterable
from difflib import get_close_matches

from tt_pipeline.query import FIELD_ALIASES, field_named, spoken
from tt_pipeline.studies.wording import LIST_KEYS
from tt_pipeline.vocabulary import ConditionField, Operation

_NEAR = 0.7  # Python's 0.6 finds `comments` near `accounts`.


def field_meant(written: object) -> ConditionField:
    """The field of a name or alias.

    Raises:
        ValueError: There is none; the text says which is nearest.
    """
    if isinstance(written, ConditionField):
        return written
    field = field_named(str(written))
    if field is None:
        remedy = nearest(str(written), (*ConditionField, *FIELD_ALIASES))
        raise ValueError(f"{written!r} is not a field of the Research API; {remedy}")
    return field


def operation_meant(written: object) -> Operation:
    """The operation of a name.

    Raises:
        ValueError: There is none; the text lists all.
    """
    if str(written) not in set(Operation):
        remedy = spoken(tuple(Operation))
        raise ValueError(f"{written!r} is not an operation of the Research API; use {remedy}.")
    return Operation(str(written))


def nearest(written: str, names: Iterable[str], *, also: Iterable[str] = ()) -> str:
    """`did you mean regions?`, or all names when none is near.

    Args:
        written: What nobody knows.
        names: What is known here.
        also: Names of the API; the short key of a near one is named, so `regoin_code` finds `regions`.
    """
    known = tuple(names)
    meant = {str(field): key for key, field in LIST_KEYS.items() if key in known and str(field) in set(also)}
    near = get_close_matches(written.lower(), [*known, *meant], n=1, cutoff=_NEAR)
    return f"did you mean {meant.get(near[0], near[0])}?" if near else f"use {spoken(known)}."
