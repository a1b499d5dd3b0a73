"""The few fields of a video that the landing index needs, read from any JSON that a server may send.

Records that cannot be read are left out here; `warehouse/` counts and reports them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.endpoints import listed
from tt_pipeline.ids import id_number, upload_second, video_id_of, whole_number
from tt_pipeline.json_text import NotJson, is_plain, one_line, read_json
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.vocabulary import Dataset, Username, VideoId

_LONGEST_KEY: Final = 64
_MOST_KEYS: Final = 1_000
_LONGEST_USERNAME: Final = 100
"""TikTok allows 24 characters."""
_LATEST_SECOND: Final = 4_102_444_800
"""The year 2100; a later create_time is not a time."""


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


def videos_of(envelope: Envelope) -> list[VideoFacts]:
    """The videos of a page; empty for pages of other datasets."""
    return videos_in(data_of(envelope)) if envelope.dataset is Dataset.VIDEOS else []


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


def videos_in(data: Mapping[str, Any]) -> list[VideoFacts]:
    """The videos of a response's `data`."""
    return [facts for record in listed(data.get("videos")) or () if (facts := facts_of(record))]


def fields_in(data: Mapping[str, Any]) -> set[str]:
    """Every key of `data` and of the records in it, without what is nested in a record; long ones are cut."""
    items = [record for value in data.values() if isinstance(value, list) for record in value]
    keys = set(data).union(*(record for record in items if isinstance(record, dict)))
    return {one_line(key, longest=_LONGEST_KEY) for key in sorted(keys)[:_MOST_KEYS]}


def facts_of(record: Any) -> VideoFacts | None:
    """The facts of a record; None when it has no usable id."""
    video_id = video_id_of(record)
    if video_id is None:
        return None
    created = whole_number(record.get("create_time"))
    if created is None or not 0 < created < _LATEST_SECOND:
        created = upload_second(video_id)
    return VideoFacts(
        video_id=video_id,
        day=datetime.fromtimestamp(created, UTC).date(),
        username=_username(record.get("username")),
        comment_count=whole_number(record.get("comment_count")),
        playlist_id=id_number(record.get("playlist_id")),
        mentions=_mentions(record.get("video_mention_list")),
    )


def _mentions(value: Any) -> tuple[Username, ...]:
    names = (_username(name.lstrip("@")) for name in value if isinstance(name, str)) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for name in names if name))


def _username(value: Any) -> Username | None:
    """A username that can be requested: without NULs, which the API adds to some."""
    text = value.replace("\x00", "") if isinstance(value, str) else ""
    return Username(text) if is_plain(text, longest=_LONGEST_USERNAME) else None
