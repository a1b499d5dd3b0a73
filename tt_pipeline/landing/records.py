"""The few fields of a video that the landing index needs, read from any JSON that a server may send.

Records that cannot be read are left out here; `warehouse/` counts and reports them.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.endpoints import listed
from tt_pipeline.ids import id_number, upload_second, whole_number
from tt_pipeline.json_text import NotJson, is_plain, one_line, read_json
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.ordinary import Contents, ordinary_contents
from tt_pipeline.vocabulary import Dataset, Username, VideoId

_LONGEST_KEY: Final = 64
_MOST_KEYS: Final = 1_000
_LONGEST_USERNAME: Final = 100
"""TikTok allows 24 characters."""
_LATEST_SECOND: Final = 4_102_444_800
"""The year 2100; a later create_time is not a time."""
_DAY_S: Final = 86_400
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_VIDEOS: Final = "videos"
_READ: Final = ("id", "video_id", "create_time", "username", "comment_count", "playlist_id", "video_mention_list")
"""The keys of a video that are read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """A video of a landed page.

    Attributes:
        day: UTC day of its create_time; if that is unusable, of the second of upload, which its id contains.
        comment_count: None if the API left it out; that does not mean zero.
        playlist_id: The playlist that contains it; None without one.
        mentions: Accounts that its description mentions.
    """

    video_id: VideoId
    day: date
    username: Username | None
    comment_count: int | None
    playlist_id: int | None = None
    mentions: tuple[Username, ...] = ()


class VideoRow(NamedTuple):
    """A video of a landed page as the index stores it; the values are those of `VideoFacts`.

    Attributes:
        day: An ordinal, see `date.toordinal`.
        mentions: A list in JSON; None without any.
    """

    video_id: VideoId
    day: int
    username: Username | None
    comment_count: int | None
    playlist_id: int | None
    mentions: str | None


class PageContents(NamedTuple):
    """What the index stores of the body of a page.

    Attributes:
        fields: Every key of `data` and of the records in it, without what is nested in a record; long ones are cut.
        videos: The videos of a page of videos that have a usable id.
    """

    fields: set[str]
    videos: list[VideoRow]


def videos_of(envelope: Envelope) -> list[VideoFacts]:
    """The videos of a page; empty for pages of other datasets."""
    return [
        VideoFacts(
            video_id=row.video_id,
            day=date.fromordinal(row.day),
            username=row.username,
            comment_count=row.comment_count,
            playlist_id=row.playlist_id,
            mentions=tuple(json.loads(row.mentions)) if row.mentions else (),
        )
        for row in contents_of(envelope).videos
    ]


def contents_of(envelope: Envelope) -> PageContents:
    """What the index stores of a page; empty when the body is not JSON of the API's shape."""
    return stored_contents(envelope, ordinary_contents(envelope.body, _VIDEOS, _READ) or general_contents(envelope))


def stored_contents(envelope: Envelope, contents: Contents) -> PageContents:
    """What the index stores of contents of a page's body."""
    keys, values = contents
    fields = {one_line(key, longest=_LONGEST_KEY) for key in sorted(keys)[:_MOST_KEYS]}
    is_video = envelope.dataset is Dataset.VIDEOS
    return PageContents(fields, [row for value in values if (row := _row(*value))] if is_video else [])


def general_contents(envelope: Envelope) -> Contents:
    """What `ordinary_contents` returns for an ordinary answer, of any answer."""
    data = data_of(envelope)
    items = [item for value in data.values() if isinstance(value, list) for item in value]
    keys = set(data).union(*(item for item in items if isinstance(item, dict)))
    videos = [record for record in listed(data.get(_VIDEOS)) or () if isinstance(record, dict)]
    return Contents(keys, [[*map(record.get, _READ)] for record in videos])


def data_of(envelope: Envelope) -> dict[str, Any]:
    """The `data` object of the response; empty when the body is not JSON of the API's shape."""
    try:
        answer = read_json(envelope.body).value
    except NotJson:
        return {}
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def records_of(envelope: Envelope) -> list[dict[str, Any]]:
    """The records of a page as the API sent them; a profile is one record, and a refusal has none."""
    endpoint, data = DATASETS[envelope.dataset].endpoint, data_of(envelope)
    if envelope.refusal or not data:
        return []
    if not endpoint.list_keys:
        return [data]
    found = next((data[key] for key in endpoint.list_keys if key in data), None)
    return [record for record in listed(found) or () if isinstance(record, dict)]


def _row(
    own_id: Any, other_id: Any, create_time: Any, username: Any, comment_count: Any, playlist_id: Any, mentions: Any
) -> VideoRow | None:
    """The row of a record, from the values of `_READ`; None when it has no usable id."""
    video_id = id_number(own_id) or id_number(other_id)
    if video_id is None:
        return None
    created = whole_number(create_time)
    if created is None or not 0 < created < _LATEST_SECOND:
        created = upload_second(video_id)
    return VideoRow(
        VideoId(video_id),
        created // _DAY_S + _FIRST_DAY,
        _username(username),
        whole_number(comment_count),
        id_number(playlist_id),
        _mentions(mentions) if mentions else None,
    )


def _mentions(value: Any) -> str | None:
    names = (_username(name.lstrip("@")) for name in value if isinstance(name, str)) if isinstance(value, list) else ()
    known = list(dict.fromkeys(name for name in names if name))
    return msgspec.json.encode(known).decode() if known else None


def _username(value: Any) -> Username | None:
    """A username that can be requested: without NULs, which the API adds to some."""
    text = value.replace("\x00", "") if isinstance(value, str) else ""
    return Username(text) if is_plain(text, longest=_LONGEST_USERNAME) else None
