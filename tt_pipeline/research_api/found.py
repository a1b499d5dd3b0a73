"""What one call found: the records of its pages, and where they continue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.counted import counted
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.research_api.page import JsonObject
from tt_pipeline.vocabulary import Refusal, StopReason

if TYPE_CHECKING:  # the client works without it
    import polars as pl

ACCOUNT = "account"
"""The key that a record of a list gets: whose list it is. The API does not repeat it."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Found:
    """The records of one call.

    Attributes:
        endpoint: Where they come from; its row has their fields.
        records: As the API sent them; ids are ints. A profile also has its `username`, a record of a list `account`.
        pages: How many pages they took.
        search_id: Of a search: what its next call needs, with `cursor`.
        cursor: Where the last video, account or search continues; None if nothing follows.
        unfinished: The accounts and videos of which more follows, or which an error left without an answer.
        refusals: Why the API returned nothing of an account or video.
        ends: Why no page follows the last one; None if one does, or an error came before it.
        stopped_because: The error that came after the first page; `records` has what came before it.
    """

    endpoint: Endpoint
    records: tuple[JsonObject, ...] = ()
    pages: int = 0
    search_id: str | None = None
    cursor: int | None = None
    unfinished: tuple[str, ...] = ()
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    ends: StopReason | None = None
    stopped_because: TtPipelineError | None = None

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self.records)

    def __repr__(self) -> str:
        facts = [f"{counted(len(self), 'record')} on {counted(self.pages, 'page')} of {self.endpoint.name}"]
        if self.ends is None and self.cursor is not None:
            where = f"search_id={self.search_id!r}, " if self.search_id else ""
            facts.append(f"more follow: {where}cursor={self.cursor}")
        facts += [f"{subject}: {refusal.value}" for subject, refusal in self.refusals.items()]
        if self.stopped_because:
            facts.append(f"stopped because: {self.stopped_because}")
        return f"<Found {'; '.join(facts)}>"

    def frame(self) -> "pl.DataFrame":
        """The records as a polars frame: a column for each field, ids as exact 64-bit numbers, times in UTC."""
        from tt_pipeline.record_frames import record_frame  # noqa: PLC0415 — only who wants a frame needs polars

        return record_frame(self.records, self.endpoint.record, before=further_keys(self.endpoint))


def further_keys(endpoint: Endpoint) -> tuple[str, ...]:
    """The keys that records of this endpoint get, because the API does not repeat whom the request was about."""
    if endpoint.is_flat:
        return ("username",)
    return (ACCOUNT,) if endpoint.subject_key == "username" else ()
