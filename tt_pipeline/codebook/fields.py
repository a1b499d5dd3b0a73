"""The fields of the Research API by record: what may be requested, what is known, and which field has which type.

The rows are in `video_fields.py`, `comment_fields.py` and `account_fields.py`. The simulator imports this module and
the vocabulary, and nothing else of ours.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tt_pipeline.codebook.account_fields import LISTED_ACCOUNT, PLAYLIST, PROFILE
from tt_pipeline.codebook.comment_fields import COMMENT
from tt_pipeline.codebook.field_model import NOT_GIVEN, Field, Given, Privacy, Record, Stored, WireType
from tt_pipeline.codebook.video_fields import VIDEO

LISTED_VIDEO: Final[Record] = tuple(replace(field, given=field.in_lists) for field in VIDEO)
"""A liked, pinned or reposted video."""

PROFILE_TEXTS: Final[frozenset[str]] = frozenset(field.name for field in PROFILE if field.privacy is Privacy.PROFILE)
"""The fields in which an account shows itself: names, texts and picture; the columns have the same names."""

RECORDS: Final[tuple[Record, ...]] = (VIDEO, LISTED_VIDEO, COMMENT, PROFILE, LISTED_ACCOUNT, PLAYLIST)
"""Every kind of record."""


def requestable(record: Record) -> tuple[str, ...]:
    """The names that a request may list in `fields`."""
    return tuple(field.name for field in record if field.given is Given.REQUESTED)


def known_keys(record: Record) -> frozenset[str]:
    """Every key with which a record may come."""
    return frozenset(field.name for field in record if field.given is not Given.NEVER)


def field_of(record: Record, name: str) -> Field:
    """The row of a field.

    Raises:
        KeyError: The record has no such field.
    """
    for field in record:
        if field.name == name:
            return field
    raise KeyError(name)


def read_fields() -> Iterator[Field]:
    """Every field that the warehouse reads, of all records and of the objects in them."""
    for record in RECORDS:
        for field in record:
            if field.stored is not Stored.NOWHERE:
                yield field
                yield from field.items


def omittable_fields() -> tuple[str, ...]:
    """The names of the fields that a study may leave out of its requests, whatever records have them."""
    every = [field for record in RECORDS for field in record if field.given is Given.REQUESTED]
    needed = {field.name for field in every if field.is_needed}
    return tuple(dict.fromkeys(field.name for field in every if field.name not in needed))


VIDEO_FIELDS: Final = requestable(VIDEO)
"""What a video query may request."""
USER_VIDEO_FIELDS: Final = requestable(LISTED_VIDEO)
"""What may be requested of a liked, pinned or reposted video."""
COMMENT_FIELDS: Final = requestable(COMMENT)
"""What may be requested of a comment."""
USER_FIELDS: Final = requestable(PROFILE)
"""What may be requested of a profile; it does not repeat the username."""

__all__ = [
    "COMMENT",
    "COMMENT_FIELDS",
    "LISTED_ACCOUNT",
    "LISTED_VIDEO",
    "NOT_GIVEN",
    "PLAYLIST",
    "PROFILE",
    "PROFILE_TEXTS",
    "RECORDS",
    "USER_FIELDS",
    "USER_VIDEO_FIELDS",
    "VIDEO",
    "VIDEO_FIELDS",
    "Field",
    "Given",
    "Privacy",
    "Record",
    "Stored",
    "WireType",
    "field_of",
    "known_keys",
    "omittable_fields",
    "read_fields",
    "requestable",
]
