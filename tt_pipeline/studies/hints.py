"""Parse names of fields, operations and lists; for an unknown name, suggest the nearest known one."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from tt_pipeline.codebook.fields import RECORDS, omittable_fields, requestable
from tt_pipeline.query import FIELD_ALIASES, field_named, spoken
from tt_pipeline.vocabulary import AccountList, AlertKind, ConditionField, Operation, ProfileProof

_NEAR = 0.7  # Python's 0.6 finds `comments` near `accounts`.


def parse_field(written: object) -> ConditionField:
    """The field with this name or alias.

    Raises:
        ValueError: There is none; the message suggests the nearest name.
    """
    field = field_named(str(written))
    if field is None:
        remedy = nearest(str(written), ConditionField, synonyms=FIELD_ALIASES)
        raise ValueError(f"{_shown(written)} a field of the Research API; {remedy}")
    return field


def parse_operation(written: object) -> Operation:
    """The operation with this name.

    Raises:
        ValueError: There is none; the message lists all.
    """
    if str(written) not in set(Operation):
        remedy = spoken(tuple(Operation))
        raise ValueError(f"{_shown(written)} an operation of the Research API; use {remedy}.")
    return Operation(str(written))


def parse_account_list(written: object) -> AccountList:
    """The account list with this name.

    Raises:
        ValueError: There is none; the message suggests the nearest name.
    """
    return _one_of(AccountList, written, "a list of an account")


def parse_alert(written: object) -> AlertKind:
    """The trouble with this name.

    Raises:
        ValueError: There is none; the message suggests the nearest name.
    """
    return _one_of(AlertKind, written, "a trouble")


def parse_proof(written: object) -> ProfileProof:
    """What proves that an account exists.

    Raises:
        ValueError: It is neither; the message names both.
    """
    return _one_of(ProfileProof, written, "a proof that an account exists")


def parse_omitted(written: object) -> str:
    """The field with this name, which requests can do without.

    Raises:
        ValueError: There is none, or collecting rests on it; the message says which it is.
    """
    names, name = omittable_fields(), str(written)
    if name in names:
        return name
    if any(name in requestable(record) for record in RECORDS):
        raise ValueError(f"{name!r} cannot be left out: collecting rests on it. `tt export --pseudonymous` hides it.")
    raise ValueError(f"{_shown(written)} a field that can be left out; {nearest(name, names)}")


_Kind = TypeVar("_Kind", bound=StrEnum)


def _one_of(kinds: type[_Kind], written: object, noun: str) -> _Kind:
    if str(written) not in set(kinds):
        raise ValueError(f"{_shown(written)} {noun}; {nearest(str(written), kinds)}")
    return kinds(str(written))


def _shown(written: object) -> str:
    return "is empty and must be" if written is None else f"{written!r} is not"


def nearest(written: str, names: Iterable[str], *, synonyms: Mapping[str, str] = {}) -> str:
    """A suggestion: `did you mean regions?`, or all known names when none is near.

    Args:
        written: The unknown name.
        names: The known names.
        synonyms: Other words for known names: with `region_code` for `regions`, `regoin_code` suggests `regions`.
    """
    known = tuple(names)
    suggestions = {synonym: name for synonym, name in synonyms.items() if name in known} | {
        name: name for name in known
    }
    near = get_close_matches(written.lower(), suggestions, n=1, cutoff=_NEAR)
    return f"did you mean {suggestions[near[0]]}?" if near else f"use {spoken(known)}."
