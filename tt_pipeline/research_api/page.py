"""What goes over the wire as values: an answer as it came, a page as it was understood, a place to go on from.

Here belong values alone; `protocol.py` makes pages from answers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from tt_pipeline.vocabulary import Refusal, StopReason

JsonObject: TypeAlias = dict[str, Any]
"""An object as JSON knows it; Any stops here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, not yet understood.

    Attributes:
        fetched_at: Aware, UTC; when the answer came.
        retry_after_s: What the server's Retry-After asks for, in seconds.
    """

    status: int
    body: bytes
    fetched_at: datetime
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the Research API that holds records, or says why there are none.

    Attributes:
        endpoint: Name of the endpoint, for example "video_query".
        request: The JSON body that was sent.
        fetched_at: Aware, UTC; when the answer came.
        body: The answer byte for byte.
        records: The objects of the list, as JSON; ids are ints.
        slots: Places of the result that the page went over, those of hidden records too.
        refusal: Why the API gives nothing of the account or video.
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
    """Where a video query that was cut off goes on.

    Attributes:
        request: The JSON body of the last page held.
        cursor: Of that page's answer.
        search_id: Of that page's answer; None when the answer had none.
        lowest_id: The lowest video id of all pages held; results come in falling order of id.
    """

    request: JsonObject
    cursor: int | None
    search_id: str | None = None
    lowest_id: int | None = None
