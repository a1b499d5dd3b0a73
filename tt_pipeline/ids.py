"""Whole numbers and ids as people and servers write them, and the upload time that an id of TikTok's contains.

Every room reads numbers by these rules, so that no page means one id here and another there. The simulator keeps rules
of its own.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from tt_pipeline.vocabulary import VideoId

GREATEST: Final = 2**63 - 1
"""The largest number of 64 bits: the largest id."""


def whole_number(value: object) -> int | None:
    """A number of 64 bits, sent as a number or as digits; None for anything else, floats and booleans included."""
    number = value if type(value) is int else _of_digits(value)  # `type`: a bool is an int, too
    return number if number is not None and -GREATEST <= number <= GREATEST else None


def _of_digits(value: object) -> int | None:
    return int(value) if isinstance(value, str) and re.fullmatch("-?[0-9]{1,40}", value) else None


def id_number(value: object) -> int | None:
    """An id; None for anything else, and for 0 and less, by which servers say that there is none."""
    number = whole_number(value)
    return number if number is not None and number > 0 else None


def video_id_of(record: object) -> VideoId | None:
    """The id of a video; older servers and a sample of the documentation call it video_id."""
    if not isinstance(record, dict):
        return None
    number = id_number(record.get("id")) or id_number(record.get("video_id"))
    return VideoId(number) if number else None


def upload_second(number: int) -> int:
    """The Unix second in the high 32 bits of the id of a video or comment."""
    return number >> 32


def uploaded_at(number: int) -> datetime:
    """The instant of `upload_second`, UTC."""
    return datetime.fromtimestamp(upload_second(number), UTC)


def upload_date(number: int) -> date:
    """The UTC day of `upload_second`."""
    return uploaded_at(number).date()
