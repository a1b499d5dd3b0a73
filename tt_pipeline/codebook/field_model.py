"""The type of a row of the codebook: one field of the Research API, with everything the other modules need to know.

Here belong the attributes of a row and their possible values. The rows are in `video_fields.py`, `comment_fields.py`
and `account_fields.py`; import them from `fields.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NOT_GIVEN: Final = "the API did not give it, which is not the same as empty or zero"


class WireType(StrEnum):
    """What a field holds in the API's JSON. Numbers may come as digits in quotes."""

    INTEGER = "integer"
    """From 0 to 2^63 - 1."""
    ID = "id"
    """From 1 to 2^63 - 1; 0 says that there is none."""
    TEXT = "text"
    BOOLEAN = "boolean"
    SECONDS = "unix seconds"
    JSON = "JSON"
    """Anything; stored as JSON text."""
    IDS = "list of ids"
    TEXTS = "list of texts"
    OBJECTS = "list of objects"


class Stored(StrEnum):
    """Where the warehouse puts a field."""

    ATTRIBUTE = "attribute"
    """In a column of the record's table, as first seen (of a profile: as last seen)."""
    COUNT = "count"
    """In a column of the record's snapshots, because it changes from one observation to the next."""
    KEY = "key"
    """In the column that identifies the record; a record whose key is not an id is rejected."""
    BY_HAND = "by hand"
    """Code of `warehouse/shape/` puts it into its tables: lists, and ids that the request names as well."""
    NOWHERE = "nowhere"
    """Only in the landed file."""


class Given(StrEnum):
    """When an endpoint sends a field."""

    REQUESTED = "requested"
    """When the request names it in `fields`."""
    UNREQUESTED = "unrequested"
    """It may come, and no request can name it."""
    NEVER = "never"


class Privacy(StrEnum):
    """How near a column is to a person; exports and purges go by it."""

    NONE = "none"
    LINKABLE = "linkable"
    """Leads to a person through the platform: ids of videos and comments."""
    CONTENT = "content"
    """What a person wrote, said or chose to show."""
    IDENTIFYING = "identifying"
    """Names an account: handles, by which tables are joined."""
    PROFILE = "profile"
    """How an account shows itself: display name, bio, its link and its picture. No table is joined by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record of the Research API.

    Attributes:
        name: Its key in the JSON.
        meaning: One sentence without its full stop, with the unit.
        missing: What NULL says; empty if the column is never NULL.
        column: The name of its column where that is not `name`.
        items: The fields of each object, for a list of objects.
        given: When the endpoint of the record sends it.
        in_lists: The same for the videos in lists of accounts (liked, pinned, reposted).
        since: The month from which TikTok documents it, as 2024-11; empty where nobody knows.
        is_needed: Whether collecting rests on it, so that no study may leave it out.
    """

    name: str
    type: WireType
    meaning: str
    missing: str = NOT_GIVEN
    column: str = ""
    privacy: Privacy = Privacy.NONE
    stored: Stored = Stored.ATTRIBUTE
    items: tuple["Field", ...] = ()
    given: Given = Given.REQUESTED
    in_lists: Given = Given.REQUESTED
    since: str = ""
    is_needed: bool = False

    @property
    def column_name(self) -> str:
        """The name of its column in the warehouse."""
        return self.column or self.name


Record = tuple[Field, ...]
"""The fields of one kind of record, in the order of the warehouse's columns."""


def count_field(
    name: str, meaning: str, *, column: str = "", in_lists: Given = Given.REQUESTED, is_needed: bool = False
) -> Field:
    """The row of a counter."""
    return Field(
        name=name,
        type=WireType.INTEGER,
        meaning=meaning,
        missing=f"{NOT_GIVEN}; negative or unreadable values too",
        column=column,
        stored=Stored.COUNT,
        in_lists=in_lists,
        is_needed=is_needed,
    )
