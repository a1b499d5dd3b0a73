"""Batch compliance: which stored ids may still be kept. Ids as the file that is uploaded, and the states of a task.

Source: https://developers.tiktok.com/doc/research-api-batch-compliance/ (2026)
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from tt_pipeline.errors import UsageError

MOST_IDS: Final = 10_000
"""Of one task."""


class Category(StrEnum):
    """What the ids of a task are."""

    VIDEO = "video"
    COMMENT = "comment"


class TaskStatus(StrEnum):
    """How far a task is."""

    COMPLETED = "Completed"
    PROCESSING = "Processing"
    FAILED = "Failed"


def id_file(ids: Collection[int]) -> bytes:
    """The ids, one a line.

    Raises:
        UsageError: There are none, or more than a task takes.
    """
    if not 0 < len(ids) <= MOST_IDS:
        raise UsageError(f"A compliance task takes 1 to {MOST_IDS:,} ids, and {len(ids):,} are given.")
    return "".join(f"{int(number)}\n" for number in ids).encode()
