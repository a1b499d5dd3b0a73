"""Which accounts exist, and who follows whom?

All accounts are invented from the seed; nothing here depends on a day. `records.py` makes the profile that user info
returns.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from random import Random
from typing import NamedTuple

from tt_pipeline.simulator.randomness import happens, seeded_random
from tt_pipeline.simulator.word_lists import HomeCountry, Language, Topic, word_lists

CANADA = "CA"
"""A legal region code; the API returns nothing from there."""
_REFUSED_BELOW, _NOT_FOUND_BELOW, _PRIVATE_BELOW = 0.01, 0.02, 0.035
"""Shares of accounts without a profile: 1 % refused, 1 % not found, 1.5 % private."""
_VERIFIED_ABOVE = 50_000
"""An account may be verified above this number of followers."""
_STARS = {30, 150}
"""The indexes of very popular accounts: their likes need more than 32 bits."""
_FIRST_PLAYLIST, _PLAYLIST_STEP = 7_615_533_644_417_438_599, 4_099_000_000_007
_CREATORS_PER_VIDEO = 3
"""Number of accounts for each video of a day."""


class Standing(StrEnum):
    """How the API answers a request for an account."""

    PUBLIC = "public"
    PRIVATE = "private"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Creator:
    """One account; counts are those before any growth."""

    index: int
    username: str
    display_name: str
    bio: str
    bio_url: str | None
    place: HomeCountry
    topics: tuple[Topic, ...]
    followers: int
    following: int
    likes: int
    past_videos: int
    is_verified: bool
    is_stem: bool
    standing: Standing
    likes_open: bool
    reposts_open: bool
    following_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """All accounts, and how often each posts."""

    creators: tuple[Creator, ...]
    activity: tuple[float, ...]
    """Cumulative weights, close to Zipf's law: a few accounts post most videos."""
    by_username: dict[str, Creator]

    def draw_creator(self, random: Random) -> Creator:
        """A random account; those that post more are drawn more often."""
        return random.choices(self.creators, cum_weights=self.activity)[0]


def invent_people(seed: int, videos_per_day: int) -> People:
    """All accounts of a world of this size."""
    random = seeded_random(seed, "people", videos_per_day)
    taken: dict[str, Creator] = {}
    for index in range(min(max(_CREATORS_PER_VIDEO * videos_per_day, 60), 20_000)):
        creator = _creator(index, random, taken=taken)
        taken[creator.username] = creator
    creators = tuple(taken.values())
    weights = accumulate((creator.index + 8) ** -0.85 for creator in creators)
    return People(creators=creators, activity=tuple(weights), by_username=taken)


def _creator(index: int, random: Random, *, taken: dict[str, Creator]) -> Creator:
    place = random.choices(word_lists().places, [place.weight for place in word_lists().places])[0]
    language = word_lists().languages[place.language]
    topics = tuple(random.choices(word_lists().topics, [topic.weight for topic in word_lists().topics], k=2))
    which = random.randrange(len(language.names))
    username = _username(language.latin_names[which], topics[0], random, taken=taken)
    followers = int(random.uniform(4e7, 9e7) if index in _STARS else min(random.lognormvariate(6.2, 2.0), 3e7))
    return Creator(
        index=index,
        username=username,
        display_name=_display_name(language.names[which], topics[0], random),
        bio=_bio(language, random),
        bio_url=f"https://example.org/{username}" if happens(random, 0.12) else None,
        place=place,
        topics=topics,
        followers=followers,
        following=min(int(random.lognormvariate(5.2, 1.1)), 9_000),
        likes=int(followers * (random.uniform(60, 150) if index in _STARS else random.lognormvariate(2.5, 1.2))),
        past_videos=int(random.lognormvariate(4.2, 1.3)),
        is_verified=followers > _VERIFIED_ABOVE and happens(random, 0.3),
        is_stem=happens(random, 0.03),
        standing=_standing(random.random(), place.region),
        likes_open=happens(random, 0.02),
        reposts_open=happens(random, 0.5),
        following_open=happens(random, 0.6),
    )


def _standing(share: float, region: str) -> Standing:
    if region == CANADA or share < _REFUSED_BELOW:
        return Standing.REFUSED
    if share < _NOT_FOUND_BELOW:
        return Standing.NOT_FOUND
    return Standing.PRIVATE if share < _PRIVATE_BELOW else Standing.PUBLIC


def _username(name: str, topic: Topic, random: Random, *, taken: dict[str, Creator]) -> str:
    word = random.choice(topic.words)
    shapes = (
        f"{name}.{word}",
        f"{word}_{name}",
        f"{name}{word}{random.randrange(10, 100)}",
        f"{name}.{random.choice(topic.words)}.{random.randrange(1980, 2010)}",
        f"the.{word}.{name}",
        f"user{random.randrange(10**12, 10**13)}",
    )
    username = random.choices(shapes, (4, 4, 6, 3, 2, 2))[0]
    while username in taken:
        username = f"{username.rstrip('0123456789')}{random.randrange(10, 10**5)}"
    return username


def _display_name(name: str, topic: Topic, random: Random) -> str:
    shapes = (name, f"{name} {random.choice(topic.emoji)}", f"{name} | {random.choice(topic.words).title()}")
    return random.choices(shapes, (5, 4, 2))[0]


def _bio(language: Language, random: Random) -> str:
    return "" if happens(random, 0.25) else "\n".join(random.sample(language.bios, random.randint(1, 2)))


def playlist_id(creator: Creator) -> int:
    """The id of an account's one playlist."""
    return _FIRST_PLAYLIST + creator.index * _PLAYLIST_STEP


def owner_of_playlist(number: int) -> int | None:
    """The index of the account whose playlist this would be; None when no account could have it."""
    index, rest = divmod(number - _FIRST_PLAYLIST, _PLAYLIST_STEP)
    return index if index >= 0 and rest == 0 else None


def reach(creator: Creator) -> float:
    """The factor by which an account's followers raise the views of its videos."""
    return math.sqrt(1 + creator.followers / 500)


_LATEST_FOLLOW_S = 1_767_225_600
"""Nobody follows anybody after 2026-01-01."""
_FOLLOWS_SPAN_S = 3 * 365 * 86_400
_TIE_RATE = 0.06
"""How often two follows share a second."""


class Follow(NamedTuple):
    """A follower, or an account that is followed, and the second of the follow."""

    second: int
    username: str
    display_name: str


def followers_of(people: People, seed: int, creator: Creator, count: int) -> list[Follow]:
    """The latest `count` followers of an account, latest first; most of them post nothing."""
    return _follows(people, seeded_random(seed, "followers", creator.index), count, known_rate=0.2)


def following_of(people: People, seed: int, creator: Creator, count: int) -> list[Follow]:
    """The latest `count` accounts that an account follows, latest first; most of them post videos."""
    return _follows(people, seeded_random(seed, "following", creator.index), count, known_rate=0.7)


def _follows(people: People, random: Random, count: int, *, known_rate: float) -> list[Follow]:
    second = _LATEST_FOLLOW_S
    found: dict[str, Follow] = {}
    while len(found) < count:
        second -= 0 if happens(random, _TIE_RATE) else 1 + int(random.expovariate(count / _FOLLOWS_SPAN_S))
        username, display_name = _draw_account(people, random, known_rate)
        found.setdefault(username, Follow(second, username, display_name))
        known_rate *= 0.999  # a small world runs out of creators
    return list(found.values())


def _draw_account(people: People, random: Random, known_rate: float) -> tuple[str, str]:
    if happens(random, known_rate):
        creator = people.draw_creator(random)
        return creator.username, creator.display_name
    names = random.choice(list(word_lists().languages.values())).names
    return f"user{random.randrange(10**12, 10**13)}", random.choice(names)
