"""A small server with three pages of two records at every endpoint, one of which can be hostile."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import httpx

from tt_pipeline.codebook.endpoints import ENDPOINTS, TOKEN_PATH

DAY: Final = date(2026, 11, 10)
PLAYLIST_ID: Final = 7_300_000_000_000_000_007
KEY, SECRET, TOKEN = "aw-hostile-key-0001", "a-secret-of-the-hostile-tests", "clt.hostile0001aQ9wZr3Tt7Kq2"
PAGES: Final = 3
_UPLOADED = int(datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC).timestamp())
VIDEO_IDS: Final = tuple((_UPLOADED + 60 * (5 - n) << 32) + n for n in range(6))
COMMENT_IDS: Final = tuple((_UPLOADED + 7_200 + n << 32) + 100 + n for n in range(6))
REPLY_IDS: Final = tuple((_UPLOADED + 9_000 + n << 32) + 200 + n for n in range(6))
USERNAMES: Final = ("lena", "omar", "mia", "jo", "li", "bo")

Data = dict[str, Any]
Answered = Data | bytes | httpx.Response | Exception


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of request.

    Attributes:
        records: All records of the list, in the order of the pages; of a profile one.
        list_key: The key of `data` with the records; "" for a profile.
        cursors: Where the second, the third and no further page starts.
    """

    name: str
    endpoint: str
    records: tuple[Any, ...]
    list_key: str = ""
    cursors: tuple[int, ...] = (100, 200, 300)


def _video(number: int) -> Data:
    return {
        "id": VIDEO_IDS[number],
        "username": "lena",
        "create_time": VIDEO_IDS[number] >> 32,
        "comment_count": 6 if number == 0 else 0,
        "view_count": 10 + number,
        "video_description": f"bees {number}",
        "region_code": "DE",
        "hashtag_names": ["bees"],
        **({"playlist_id": PLAYLIST_ID} if number == 0 else {}),
    }


def _comment(number: int) -> Data:
    replies = {"reply_count": 6 if number == 0 else 0}
    return {
        "id": COMMENT_IDS[number],
        "video_id": VIDEO_IDS[0],
        "text": "nice",
        "parent_comment_id": VIDEO_IDS[0],
    } | replies


def _reply(number: int) -> Data:
    return {"id": REPLY_IDS[number], "video_id": VIDEO_IDS[0], "text": "yes", "parent_comment_id": COMMENT_IDS[0]}


_ACCOUNTS = tuple({"username": name, "display_name": name.title()} for name in USERNAMES)
_LISTED = tuple({"id": video_id, "username": "omar", "create_time": video_id >> 32} for video_id in VIDEO_IDS)
_FALLING = (1_790_000_000, 1_780_000_000, 1_770_000_000)
PLACES: Final = {
    place.name: place
    for place in (
        Place("videos", "video_query", tuple(map(_video, range(6))), "videos"),
        Place("comments", "comment_list", tuple(map(_comment, range(6))), "comments"),
        Place("replies", "comment_list", tuple(map(_reply, range(6))), "comments"),
        Place("users", "user_info", ({"display_name": "Lena", "follower_count": 3, "bio_description": "bees"},)),
        Place("followers", "followers", _ACCOUNTS, "user_followers", _FALLING),
        Place("following", "following", _ACCOUNTS, "user_following", _FALLING),
        Place("liked", "liked_videos", _LISTED, "user_liked_videos"),
        Place("pinned", "pinned_videos", _LISTED, "pinned_videos_list"),
        Place("reposted", "reposted_videos", _LISTED, "reposted_videos"),
        Place("playlists", "playlist_info", VIDEO_IDS, "playlist_video_ids"),
    )
}
PAGED: Final = tuple(name for name in PLACES if name not in {"users", "pinned"})
"""Requests whose answers say whether anything follows."""


@dataclass
class HostileServer:
    """Answers correctly, except for the requests of one place, whose answers `answer` changes.

    Attributes:
        answer: Takes the good `data` and the number of the page, from 1; returns data, a body, or a response.
        requests: The place and JSON body of each request, tokens left out.
    """

    place: str = ""
    answer: Callable[[Data, int], Answered] = lambda data, _: data
    token: Callable[[], Answered] | None = None
    requests: list[tuple[str, Data]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.url.path == TOKEN_PATH:
            good = {"access_token": TOKEN, "expires_in": 7_200, "token_type": "Bearer"}
            return _response(self.token() if self.token else json.dumps(good).encode())
        body = json.loads(request.content)
        place = next(place for place in PLACES.values() if _is_at(place, request.url.path, body))
        self.requests.append((place.name, body))
        data, number = _good(place, body)
        return _response(self.answer(data, number) if place.name == self.place else data)

    def sent(self, place: str) -> int:
        """Requests of a place so far."""
        return sum(name == place for name, _ in self.requests)


def _is_at(place: Place, path: str, body: Data) -> bool:
    is_reply = "comment_id" in body
    return ENDPOINTS[place.endpoint].path == path and (
        place.endpoint != "comment_list" or is_reply == (place.name == "replies")
    )


def _good(place: Place, body: Data) -> tuple[Data, int]:
    if not place.list_key:
        return copy.deepcopy(place.records[0]), 1
    if place.name == "pinned":
        return {place.list_key: list(copy.deepcopy(place.records))}, 1
    if place.endpoint == "comment_list" and str(body.get("video_id", VIDEO_IDS[0])) != str(VIDEO_IDS[0]):
        return {place.list_key: [], "cursor": 0, "has_more": False}, 1
    starts = [0, *place.cursors]
    cursor = body.get("cursor") or 0
    number = starts.index(cursor) + 1 if cursor in starts else PAGES + 1
    if number > PAGES:
        return {place.list_key: [], "cursor": cursor, "has_more": False}, number
    data = {
        place.list_key: list(copy.deepcopy(place.records[2 * number - 2 : 2 * number])),
        "cursor": place.cursors[number - 1],
        "has_more": number < PAGES,
    }
    if place.name == "videos":
        data["search_id"] = "7704563166105409433"
    if place.name == "playlists":
        data |= {"playlist_id": PLAYLIST_ID, "playlist_name": "Bees", "playlist_item_total": 6}
    return data, number


def _response(answered: Answered) -> httpx.Response:
    if isinstance(answered, Exception):
        raise answered
    if isinstance(answered, httpx.Response):
        return answered
    if isinstance(answered, dict):
        answered = enveloped(answered)
    return httpx.Response(200, stream=httpx.ByteStream(answered))


def enveloped(data: Any, **error: Any) -> bytes:
    """A body with the API's envelope around `data`."""
    return json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"} | error}).encode()
