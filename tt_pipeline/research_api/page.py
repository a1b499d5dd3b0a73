"""Values of the client: an answer as received, a page read from it, and the position from which a search resumes.

`protocol.py` makes pages from answers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from tt_pipeline.vocabulary import Refusal, StopReason

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object; no other type of this package uses Any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer before it is read.

    Attributes:
        fetched_at: Aware, UTC; when the answer came.
        retry_after_s: Seconds from the server's Retry-After header.
    """

    status: int
    body: bytes
    fetched_at: datetime
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the Research API with its records, or with the reason why there are none.

    Attributes:
        endpoint: Name of the endpoint, for example "video_query".
        request: The JSON body that was sent.
        fetched_at: Aware, UTC; when the answer came.
        body: The answer's body, byte for byte.
        records: The objects of the list, as JSON; ids are ints.
        slots: Places of the result that the page covers, hidden records included.
        refusal: Why the API returns no data about the account or video.
        ends: Why no page follows this one; None when one does.
    """

    endpoint: str
    request: JsonObject
    fetched_at: datetime
    status: int
    body: bytes
    records: tuple[JsonObject, ...]
    slots: int
    cursor: int | None
    has_more: bool
    search_id: str | None
    log_id: str | None
    refusal: Refusal | None = None
    ends: StopReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Where an interrupted video query resumes.

    Attributes:
        request: The JSON body of the request for the last stored page.
        cursor: The cursor of that page.
        search_id: The search_id of that page; None when it had none.
        lowest_id: The lowest video id of all stored pages; results come in descending order of id.
    """

    request: JsonObject
    cursor: int | None
    search_id: str | None = None
    lowest_id: int | None = None
