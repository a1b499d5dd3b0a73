"""Batch compliance, which reports the stored ids that may be kept: the upload file and the states of a task.

Source: https://developers.tiktok.com/doc/research-api-batch-compliance/ (2026)
"""

from collections.abc import Collection
from enum import StrEnum

from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.errors import UsageError


class Category(StrEnum):
    """The kind of ids in a task."""

    VIDEO = "video"
    COMMENT = "comment"


class TaskStatus(StrEnum):
    """The progress of a task."""

    COMPLETED = "Completed"
    PROCESSING = "Processing"
    FAILED = "Failed"


def id_file(ids: Collection[int]) -> bytes:
    """The upload file: the ids, one a line.

    Raises:
        UsageError: There are no ids, or more than a task accepts.
    """
    if not 0 < len(ids) <= MOST_IDS_PER_TASK:
        raise UsageError(f"A compliance task takes 1 to {MOST_IDS_PER_TASK:,} ids, but there are {len(ids):,}.")
    return "".join(f"{int(number)}\n" for number in ids).encode()
