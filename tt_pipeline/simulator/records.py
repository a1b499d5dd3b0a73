"""What is in the record of a video, a comment or a profile?

The keys, their values and their JSON. Whether a video, comment or profile is shown at all is decided in `archive.py`
and `visibility.py`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tt_pipeline.codebook.fields import COMMENT, PROFILE, VIDEO
from tt_pipeline.simulator.archive import archive_counts, counted_at
from tt_pipeline.simulator.commenting import Comment
from tt_pipeline.simulator.invented_values import invented
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.people import Creator, playlist_id
from tt_pipeline.simulator.randomness import item_at, seeded_random, seeded_share
from tt_pipeline.simulator.video_model import DAY_S, Video, effects_of, share_grown
from tt_pipeline.simulator.word_lists import word_lists

_SOMETIMES_SHOWN = frozenset(
    ("hashtag_info_list", "video_mention_list", "sticker_info_list", "video_tag", "video_label", "bio_url")
)
"""The fields that only some records have; the other fields that are not set here get invented values."""
_MAX_ENCODED = 60_000
"""Encoded videos kept in memory, about 1 kB each."""
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_COUNTED_FROM_S = 1_760_000_000
"""The second at which an account has the followers, likes and videos of `people.py`; they grow from then on."""


def encode(value: Any) -> bytes:
    """The value as compact JSON in UTF-8; a lone surrogate becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def shuffled(record: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """The same record with its keys in another order, as in recorded responses."""
    keys = list(record)
    random.shuffle(keys)
    return {key: record[key] for key in keys}


def selected(record: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The requested fields that the record has, in the order of the request."""
    return {name: record[name] for name in fields if name in record}


def mark_of(number: int) -> str:
    """The word of the record with this id, when the knob `marks` is on: letters alone, so that it holds no id."""
    digits = hashlib.blake2b(str(number).encode(), digest_size=8).hexdigest()
    return f"mark{digits.translate(_LETTERS)}"


def _marked(text: str, number: int, knobs: Knobs) -> str:
    return f"{text} {mark_of(number)}".lstrip() if knobs.marks else text


class VideoEncoder:
    """Encodes the records of searches, and keeps them in memory until the archive counts the video again."""

    def __init__(self, knobs: Knobs) -> None:
        self._knobs = knobs
        self._encoded: dict[tuple[int, tuple[str, ...]], tuple[int, bytes]] = {}

    def encode_video(self, video: Video, fields: tuple[str, ...], now_s: float) -> bytes:
        """The record of a video in a search, with the requested fields."""
        counted_s = counted_at(video, now_s, self._knobs)
        known = self._encoded.get((video.id, fields))
        if known is not None and known[0] == counted_s:
            return known[1]
        if len(self._encoded) >= _MAX_ENCODED:
            self._encoded.clear()
        record = video_record(video, now_s, self._knobs)
        shown = {self._key_of(name): value for name, value in selected(record, fields).items()}
        body = encode(shuffled(shown, seeded_random("order", video.id, counted_s)))
        self._encoded[video.id, fields] = (counted_s, body)
        return body

    def _key_of(self, field: str) -> str:
        return self._knobs.video_id_key if field == "id" else field


def video_record(video: Video, now_s: float, knobs: Knobs) -> dict[str, Any]:
    """All that searches show of a video now; a missing value is a missing key, never null."""
    record = {
        "id": video.id,
        "create_time": video.create_time,
        "username": with_null_byte(knobs.present_username(video.creator.username), video.id, knobs.null_byte_rate),
        "region_code": video.creator.place.region,
        "video_description": _marked(
            with_null_byte(video.description, video.id + 1, knobs.null_byte_rate), video.id, knobs
        ),
        "music_id": video.music_id,
        **archive_counts(video, now_s, knobs)._asdict(),
        "is_stem_verified": video.creator.is_stem,
        "video_duration": video.duration,
        **_tags(video),
        **_effects(video),
        **_extras(video),
    }
    record |= invented(VIDEO, _SOMETIMES_SHOWN.union(record), video.id)
    for key, rate in knobs.missing_key_rates.items():
        if seeded_share(key, video.id) < rate:
            record.pop(key, None)
            record.pop("effect_info_list" if key == "effect_ids" else key, None)
    return record


def _tags(video: Video) -> dict[str, Any]:
    if not video.hashtags:
        return {"hashtag_names": []}  # a public client that worked for years needs the key, so TikTok must send it
    infos = [
        {"hashtag_id": str(_number(tag)), "hashtag_name": tag, "hashtag_description": ""} for tag in video.hashtags
    ]
    return {"hashtag_names": list(video.hashtags), "hashtag_info_list": infos}


def _number(name: str) -> int:
    return 1_000 + int(seeded_share("hashtag", name.casefold()) * 9_000_000)


def _effects(video: Video) -> dict[str, Any]:
    effects = effects_of(video)
    infos = [
        {
            "effect_id": str(effect.id),
            "effect_name": effect.name,
            "effect_photo_url": f"https://p16-sim.example/effect/{effect.id}.png",
        }
        for effect in effects
    ]
    return {"effect_ids": [str(effect.id) for effect in effects], "effect_info_list": infos}


def _extras(video: Video) -> dict[str, Any]:
    """The keys that only some videos have."""
    extras: dict[str, Any] = {"voice_to_text": _transcript(video)}
    if video.mentions:
        extras["video_mention_list"] = list(video.mentions)
    if (sticker := seeded_share("sticker", video.id)) < 0.08:  # noqa: PLR2004 — a rate
        extras["sticker_info_list"] = [
            {"sticker_id": "0", "sticker_name": item_at(word_lists().stickers, sticker / 0.08)}
        ]
    if (tag := seeded_share("tag", video.id)) < 0.04:  # noqa: PLR2004 — a rate
        extras["video_tag"] = {"type": "AIGC Type", "number": 1 + int(tag * 50)}
    if (label := seeded_share("label", video.id)) < (0.2 if video.topic in {"climate", "election"} else 0.01):
        content = item_at(word_lists().labels, label * 5)
        extras["video_label"] = {"content": content, "sink": "", "source": "", "vote": False, "warn": False}
    extras["playlist_id"] = playlist_id(video.creator)
    return extras


def _transcript(video: Video) -> str:
    """The spoken text: lines of the video's topic in lower case without punctuation, as speech recognition writes."""
    language = word_lists().languages[video.creator.place.language]
    words = language.topics.get(video.topic)
    lines = words.lines if words else language.openers
    first = int(seeded_share("voice", video.id) * len(lines))
    spoken = [lines[(first + step) % len(lines)] for step in range(1 + video.duration // 30 % 3)]
    return " ".join(spoken).lower().replace(".", "").replace(",", "").replace("。", " ").strip()


def with_null_byte(text: str, number: int, rate: float) -> str:
    """The text, at a small rate with a null byte in the middle, as in recorded responses."""
    if not text or seeded_share("null", number) >= rate:
        return text
    middle = len(text) // 2
    return f"{text[:middle]}\0{text[middle:]}"


def comment_record(comment: Comment, now_s: float, reply_count: int, knobs: Knobs) -> dict[str, Any]:
    """Everything a comment list shows of a comment now; its likes come within some days."""
    record = {
        "id": comment.id,
        "video_id": comment.video_id,
        "parent_comment_id": comment.parent_id,
        "text": _marked(comment.text, comment.id, knobs),
        "like_count": int(comment.likes * share_grown(DAY_S, now_s - comment.create_time) + 0.5),
        "reply_count": reply_count,
        "create_time": comment.create_time,
        "display_name": comment.author.display_name,
    }
    return record | invented(COMMENT, record, comment.id)


def profile(creator: Creator, now_s: float) -> dict[str, Any]:
    """All that user info shows of an account now; followers, likes and videos grow a little every day."""
    days = max(now_s - _COUNTED_FROM_S, 0) / DAY_S
    growth = 1 + days * 0.0004
    avatar = f"https://p16-sign-sim.example/avt/{creator.index:06x}~c5_168x168.jpeg"
    record = {
        "display_name": creator.display_name,
        "bio_description": creator.bio,
        "avatar_url": f"{avatar}?x-expires={int(now_s) // DAY_S * DAY_S + 2 * DAY_S}&x-signature=sim",
        "is_verified": creator.is_verified,
        "follower_count": int(creator.followers * growth),
        "following_count": creator.following,
        "likes_count": int(creator.likes * growth),
        "video_count": creator.past_videos + int(days * 30 * (creator.index + 8) ** -0.85),
    }
    record |= invented(PROFILE, _SOMETIMES_SHOWN.union(record), creator.index)
    return record if creator.bio_url is None else record | {"bio_url": creator.bio_url}
