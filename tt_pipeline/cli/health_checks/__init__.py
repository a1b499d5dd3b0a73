"""What `tt doctor` checks, one finding for each thing: this machine and the settings, the stores, the warehouse.

No check repairs, creates or changes anything, and only `environment.check_server` sends a request. A Dagster instance
whose dagster.yaml names another storage than SQLite is opened as by every command.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Mark", "note", "ok", "wrong"]


class Mark(StrEnum):
    """The result of a check; only `not ok` makes the command fail."""

    OK = "ok"
    NOTE = "note"
    WRONG = "not ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check.

    Attributes:
        says: What was found; if something has to be done, also what.
    """

    name: str
    mark: Mark
    says: str


def ok(name: str, says: str) -> Finding:
    """A finding that needs no action."""
    return Finding(name=name, mark=Mark.OK, says=says)


def note(name: str, says: str) -> Finding:
    """A finding that is worth knowing and is no fault."""
    return Finding(name=name, mark=Mark.NOTE, says=says)


def wrong(name: str, says: str) -> Finding:
    """A fault, with what to do about it."""
    return Finding(name=name, mark=Mark.WRONG, says=says)
