"""What a line of the plan is: the requests of one part of a study, and the quota that pays for them."""

from dataclasses import dataclass
from enum import StrEnum

from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.vocabulary import Bucket, Dataset


class CostPart(StrEnum):
    """What requests are for."""

    SEARCHES = "searches"
    COMMENTS = "comments"
    REPLIES = "replies"
    USERS = "users"
    MENTIONED = "mentioned"
    REFRESH = "refresh"
    LISTS = "lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What a part costs.

    Attributes:
        part: Refresh is looks after the first, and profiles after the first.
        search: Whose videos; None where all searches share.
        per_day: Requests a day while the study runs, after what has piled up.
        total: Requests from now on.
        bucket: The quota that pays.
    """

    part: CostPart
    dataset: Dataset
    search: str | None
    per_day: Estimate
    total: Estimate
    bucket: Bucket = Bucket.MAIN
