"""Values of the client: an answer as received, a page read from it, and the position from which a search resumes.

`protocol.py` makes pages from answers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.vocabulary import Refusal, StopReason

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object; no other type of this package uses Any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer before it is read.

    Attributes:
        fetched_at: Aware, UTC; when the answer came.
        retry_after_s: Seconds from the server's Retry-After header.
        scrubbed: How many copies of a token or secret were replaced in the body.
    """

    status: int
    body: bytes
    fetched_at: datetime
    retry_after_s: float | None = None
    scrubbed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the Research API with its records, or with the reason why there are none.

    Attributes:
        endpoint: Name of the endpoint, for example "video_query".
        request: The JSON body that was sent.
        fetched_at: Aware, UTC; when the answer came.
        body: The answer's body, byte for byte.
        records: The objects of the list, as JSON; ids are ints. An item that is no object is `{}` here.
        slots: Places of the result that the page covers, hidden records included.
        cursor: Where the next page starts; None when it is missing or cannot be believed.
        has_more: None when the answer does not say it: unknown is not the end.
        search_id: None when it is missing or cannot be sent back.
        is_search_id_unusable: There is a search_id, and it cannot be sent back.
        scrubbed: How many copies of a token or secret were replaced in the body.
        rejected: Answers to the same request, before this one, that could not be read.
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
    has_more: bool | None
    search_id: str | None
    log_id: str | None
    refusal: Refusal | None = None
    ends: StopReason | None = None
    is_search_id_unusable: bool = False
    scrubbed: int = 0
    rejected: tuple[RejectedAnswer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Where an interrupted video query resumes.

    Attributes:
        request: The JSON body of the request for the last stored page; {} for that of the first page.
        cursor: The cursor of that page.
        search_id: The search_id of that page; None when it had none.
        lowest_id: The lowest video id of all stored pages; results come in descending order of id.
        may_restart: Whether the search may begin anew if the server refuses the search_id before the first page:
            false if the earlier pages are not stored.
    """

    request: JsonObject
    cursor: int | None
    search_id: str | None = None
    lowest_id: int | None = None
    may_restart: bool = True
