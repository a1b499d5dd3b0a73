"""Makes the rows of the index from landed pages. `index.py` writes them."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from tt_pipeline.ids import whole_number
from tt_pipeline.landing.entries import playlist_subject
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index_sql import POSITION_BITS
from tt_pipeline.landing.records import VideoRow
from tt_pipeline.safe_files import printable
from tt_pipeline.vocabulary import Dataset

Row = tuple[Any, ...]


class PageKey(NamedTuple):
    """The key of a page within its landed file.

    Attributes:
        subject: For a playlist its account and its id.
        request: The first page of a restarted search has another end_date, so it is another page.
    """

    subject: str | None
    look: int
    request: str
    fetched_at: str


def key_of(envelope: Envelope) -> PageKey:
    """The key of a page."""
    fetched_at = envelope.fetched_at.astimezone(UTC).isoformat()
    return PageKey(_subject(envelope), envelope.look, _request_key(envelope), fetched_at)


class FieldTimes:
    """When each JSON key was seen in pages; `rows` has the first and the last time."""

    def __init__(self) -> None:
        self._times: dict[tuple[Dataset, str], list[str]] = {}

    def add(self, envelope: Envelope, fields: Iterable[str]) -> None:
        """Add the keys of a page."""
        fetched_at = key_of(envelope).fetched_at
        for field in fields:
            self._times.setdefault((envelope.dataset, printable(field)), []).append(fetched_at)

    def rows(self) -> list[Row]:
        """The rows for `fields`."""
        return [(*key, min(times), max(times)) for key, times in self._times.items()]


def file_row(envelope: Envelope) -> Row:
    """What the row of a file has from its first page: dataset, search, fingerprint, look, first and last day."""
    window = (envelope.window_from.toordinal(), envelope.window_to.toordinal())
    return (envelope.dataset.value, envelope.search, envelope.fingerprint, envelope.look, *window)


def page_row(file: int, line: int, envelope: Envelope, found: Sequence[VideoRow]) -> Row:
    """The row of a page in `pages`."""
    key = key_of(envelope)
    return (
        *(file, line, envelope.dataset.value, key.subject, key.look, key.fetched_at, key.request),
        *(whole_number(envelope.cursor), envelope.slots, envelope.records),
        json.dumps(Counter(video.day for video in found)),
        *(envelope.refusal, envelope.ends),
    )


def found_rows(page: int, found: Sequence[VideoRow]) -> list[Row]:
    """The rows in `found` of the videos of a page, which has this number."""
    return [(place, *video) for place, video in enumerate(found, start=page << POSITION_BITS)]


def _subject(envelope: Envelope) -> str | None:
    playlist_id = envelope.request.get("playlist_id") if envelope.dataset is Dataset.PLAYLISTS else None
    return playlist_subject(envelope.subject, playlist_id) if envelope.subject and playlist_id else envelope.subject


def is_statement(envelope: Envelope) -> bool:
    """Whether tt_pipeline wrote it; every other page is an answer."""
    return not envelope.request or envelope.body == "{}"


def _request_key(envelope: Envelope) -> str:
    """The key of a request within its look: its end_date and cursor."""
    request = envelope.request
    if is_statement(envelope):
        return f"statement {envelope.fetched_at.isoformat()}"
    return f"{request.get('end_date', '')}:{request.get('cursor') or 0}"
