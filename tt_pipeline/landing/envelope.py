"""One landed line: the request, when it was sent, and the body of the response, unchanged.

The body is kept as a JSON string, so that a body that is not JSON leaves the line readable.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Self

from tt_pipeline.vocabulary import Dataset, Refusal, StopReason

VERSION = 1


class NotALandedPage(Exception):
    """A line that cannot be read as a page.

    Attributes:
        is_newer: A later version of tt_pipeline wrote it.
    """

    def __init__(self, problem: str, *, is_newer: bool = False) -> None:
        self.is_newer = is_newer
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One response of the API with the request it belongs to.

    Attributes:
        search: Name of the search; None for comments and users, which belong to no single one.
        fingerprint: Identity of the query.
        look: Number of the look at these days, or at this video, account or list; from 1.
        window_from: First UTC day of the request; for comments the day of the videos.
        window_to: Last day, inclusive.
        subject: Video id or username that the page is about.
        request: The JSON body that was sent.
        fetched_at: Aware, UTC.
        slots: Places of the result that the page covers, including hidden videos.
        ends: Why no page follows; None when one does.
        redacted: Records that a purge has removed from the body.
    """

    dataset: Dataset
    search: str | None
    fingerprint: str | None
    look: int
    window_from: date
    window_to: date
    subject: str | None
    endpoint: str
    request: dict[str, Any]
    fetched_at: datetime
    status: int
    log_id: str | None
    cursor: int | None
    has_more: bool
    search_id: str | None
    slots: int
    records: int
    refusal: Refusal | None
    ends: StopReason | None
    body: str
    redacted: int = 0

    def line(self) -> bytes:
        """The line that is written, with its newline."""
        fields = asdict(self) | {
            "window_from": self.window_from.isoformat(),
            "window_to": self.window_to.isoformat(),
            "fetched_at": self.fetched_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        body = fields.pop("body")
        return json.dumps({"envelope": VERSION, **fields, "sha256": _sha256(body), "body": body}).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """The envelope of a line that `line` returned.

        Raises:
            NotALandedPage: The line is not an envelope, or not the one that was written.
        """
        try:
            fields = json.loads(line)
            version, sha256 = fields.pop("envelope"), fields.pop("sha256", None)
            if isinstance(version, int) and version > VERSION:
                raise NotALandedPage(f"its envelope has version {version}", is_newer=True)
            if version != VERSION or _sha256(fields["body"]) != sha256:  # 5 % of reading for the index
                raise NotALandedPage("its body is not the one that was written")
            return cls._of(fields)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotALandedPage(str(error)) from error

    @classmethod
    def _of(cls, fields: dict[str, Any]) -> Self:
        return cls(
            **fields
            | {
                "dataset": Dataset(fields["dataset"]),
                "window_from": date.fromisoformat(fields["window_from"]),
                "window_to": date.fromisoformat(fields["window_to"]),
                "fetched_at": datetime.fromisoformat(fields["fetched_at"]),
                "refusal": Refusal(fields["refusal"]) if fields["refusal"] else None,
                "ends": StopReason(fields["ends"]) if fields["ends"] else None,
            }
        )


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
