"""One landed line: the request, when it was sent, and the body of the response, unchanged.

The body is kept as a JSON string, so that a body that is not JSON leaves the line readable. A body that is not UTF-8 is
kept twice: byte for byte as base64, and as the text that every reader uses.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Self

import msgspec

from tt_pipeline.ids import GREATEST, whole_number
from tt_pipeline.safe_files import printable
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason

VERSION = 2
"""Raise `index_sql.VERSION` with it: an earlier tt_pipeline that trusted the index would not see the new lines."""
MOST_LINE_BYTES = 16 * 1024 * 1024
"""DuckDB reads no longer line."""
_LATER_FIELDS = {"scrubbed": 0, "rejected": (), "body_base64": None}
"""Of version 2, with the values that version 1 stands for; a line without them is written as version 1."""
_NUMBERS: Final = ("look", "status", "slots", "records", "redacted", "scrubbed")
_OF_REQUEST: Final = ("cursor", "comment_id", "playlist_id")
_TEXTS: Final = ("search", "fingerprint", "subject")
_EARLIEST: Final = date(1970, 1, 1)
_LONGEST_WINDOW: Final = timedelta(days=366)
_LONGEST_PROBLEM: Final = 200


class NotALandedPage(Exception):
    """A line that cannot be read as a page.

    Attributes:
        later_version: The version of the line, if a later tt_pipeline wrote it.
    """

    def __init__(self, problem: str, *, later_version: int | None = None) -> None:
        self.later_version = later_version
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
        has_more: None when the answer did not say it.
        body: The response's body as text: without a byte order mark, and with U+FFFD for bytes that are not UTF-8.
        redacted: Records that a purge has removed from the body.
        scrubbed: Copies of a token or secret that were replaced in the body before it was stored.
        rejected: Answers before this one that were not kept whole: their size, sha256, beginning and why.
        body_base64: The bytes of a body whose text is not what came; None where `body` is exactly what came.
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
    has_more: bool | None
    search_id: str | None
    slots: int
    records: int
    refusal: Refusal | None
    ends: StopReason | None
    body: str
    redacted: int = 0
    scrubbed: int = 0
    rejected: tuple[dict[str, Any], ...] = ()
    body_base64: str | None = None

    @property
    def raw_body(self) -> bytes:
        """The body byte for byte, but for what was scrubbed or redacted."""
        return b64decode(self.body_base64) if self.body_base64 else self.body.encode("utf-8", "surrogatepass")

    def line(self) -> bytes:
        """The line that is written, with its newline."""
        fields = asdict(self) | {
            "window_from": self.window_from.isoformat(),
            "window_to": self.window_to.isoformat(),
            "fetched_at": self.fetched_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        body = fields.pop("body")
        later = {name: value for name in _LATER_FIELDS if (value := fields.pop(name))}
        version = VERSION if later else 1
        fields |= {**later, "sha256": _sha256(self.raw_body), "body": body}
        return json.dumps({"envelope": version, **fields}).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """The envelope of a line that `line` returned.

        Raises:
            NotALandedPage: The line is not an envelope, or not the one that was written.
        """
        try:
            fields = _read_line(line)
            version, sha256 = fields.pop("envelope"), fields.pop("sha256", None)
            if isinstance(version, int) and version > VERSION:
                raise NotALandedPage(f"its envelope has version {version}", later_version=version)
            if version not in range(1, VERSION + 1) or isinstance(version, bool):
                raise NotALandedPage("it has no version that is known")
            envelope = cls._of(fields)
            is_as_written = _sha256(envelope.raw_body) == sha256  # 5 % of reading for the index
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise NotALandedPage(printable(str(error))[:_LONGEST_PROBLEM]) from error
        if not is_as_written:
            raise NotALandedPage("its body is not the one that was written")
        return envelope

    @classmethod
    def _of(cls, fields: dict[str, Any]) -> Self:
        if odd := sorted(_odd_fields(fields)):
            raise NotALandedPage(f"its {', '.join(odd)} cannot be used")
        page = cls(
            **fields
            | {
                "dataset": Dataset(fields["dataset"]),
                "window_from": date.fromisoformat(fields["window_from"]),
                "window_to": date.fromisoformat(fields["window_to"]),
                "fetched_at": datetime.fromisoformat(fields["fetched_at"]).astimezone(UTC),
                "refusal": Refusal(fields["refusal"]) if fields["refusal"] else None,
                "ends": StopReason(fields["ends"]) if fields["ends"] else None,
                "rejected": tuple(fields.get("rejected", ())),
            }
        )
        if not _EARLIEST <= page.window_from <= page.window_to <= page.window_from + _LONGEST_WINDOW:
            raise NotALandedPage("its window cannot be used")
        return page


def _read_line(line: bytes) -> Any:
    """What `json.loads` returns or raises. Of what msgspec refuses, `json` reads some: half pairs, NaN, 1e400."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return json.loads(line)


def _odd_fields(fields: dict[str, Any]) -> Iterator[str]:
    """Fields with a value that SQLite and Python cannot work with; tt_pipeline never wrote them."""
    yield from (name for name in _NUMBERS if not _is_number(fields.get(name, 0)))
    yield from (name for name in _TEXTS if not _is_text(fields[name]))
    if not _is_none_or_number(fields["cursor"]):
        yield "cursor"
    request = fields["request"]
    if not isinstance(request, dict) or not all(_is_none_or_number(request.get(name)) for name in _OF_REQUEST):
        yield "request"


def _is_none_or_number(value: object) -> bool:
    return value is None or whole_number(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= GREATEST


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.encode("utf-8", "replace").decode() == value)


def text_and_base64(body: bytes) -> tuple[str, str | None]:
    """A body as the text that readers use, and as base64 where the text is not exactly what came."""
    text = body.decode("utf-8-sig", errors="replace")
    return text, None if text.encode() == body else b64encode(body).decode()


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
