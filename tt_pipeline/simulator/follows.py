"""Who follows whom: drawn for one account at a time, from the seed and the account alone."""

from random import Random
from typing import NamedTuple

from tt_pipeline.simulator.draws import dice, happens
from tt_pipeline.simulator.people import Creator
from tt_pipeline.simulator.pools import pools
from tt_pipeline.simulator.world import World

_LATEST_S = 1_767_225_600
"""Nobody follows anybody after 2026-01-01."""
_SPAN_S = 3 * 365 * 86_400
_TIE_RATE = 0.06
"""How often two follows share a second."""


class Follow(NamedTuple):
    """One edge, seen from the account that was asked for."""

    second: int
    username: str
    display_name: str


def followers_of(world: World, creator: Creator, count: int) -> list[Follow]:
    """The latest `count` followers, latest first: most of them accounts that post nothing."""
    return _follows(world, dice(world.seed, "followers", creator.index), count, known_rate=0.2)


def following_of(world: World, creator: Creator, count: int) -> list[Follow]:
    """The latest `count` accounts that one follows, latest first: most of them creators."""
    return _follows(world, dice(world.seed, "following", creator.index), count, known_rate=0.7)


def _follows(world: World, random: Random, count: int, *, known_rate: float) -> list[Follow]:
    second = _LATEST_S
    found: dict[str, Follow] = {}
    while len(found) < count:
        second -= 0 if happens(random, _TIE_RATE) else 1 + int(random.expovariate(count / _SPAN_S))
        username, display_name = _someone(world, random, known_rate)
        found.setdefault(username, Follow(second, username, display_name))
        known_rate *= 0.999  # a small world runs out of creators
    return list(found.values())


def _someone(world: World, random: Random, known_rate: float) -> tuple[str, str]:
    if happens(random, known_rate):
        creator = world.people.someone(random)
        return creator.username, creator.display_name
    names = random.choice(list(pools().languages.values())).names
    return f"user{random.randrange(10**12, 10**13)}", random.choice(names)
