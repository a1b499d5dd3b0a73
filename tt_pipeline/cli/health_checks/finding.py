"""What is told of a thing that was looked at, and how it is marked."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a thing is; `not ok` alone makes the command fail."""

    OK = "ok"
    NOTE = "note"
    WRONG = "not ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        says: What is so; where something is to be done, also what.
    """

    name: str
    mark: Mark
    says: str


def ok(name: str, says: str) -> Finding:
    """Nothing is to be done."""
    return Finding(name=name, mark=Mark.OK, says=says)


def note(name: str, says: str) -> Finding:
    """Worth knowing, and no fault."""
    return Finding(name=name, mark=Mark.NOTE, says=says)


def wrong(name: str, says: str) -> Finding:
    """Something is to be done, and it says what."""
    return Finding(name=name, mark=Mark.WRONG, says=says)
