"""The task of a client and its result, as test and driver exchange them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to collect; a part that a peer cannot collect is empty."""

    base_url: str
    query: dict[str, list[dict[str, Any]]]
    first_day: str
    """YYYYMMDD, as is `last_day`; both inclusive."""
    last_day: str
    commented: tuple[int, ...] = ()
    """Videos of the query whose comments are wanted."""
    usernames: tuple[str, ...] = ()
    profile_fields: tuple[str, ...] = ()
    followed: tuple[str, ...] = ()
    """Accounts whose followers and followed accounts are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The collected records; repeated ids are kept."""

    videos: list[int]
    comments: list[int]
    profiles: dict[str, dict[str, Any] | None]
    """None for an account that the API refuses."""
    followers: list[str]
    following: list[str]
