"""Where does chance come from?

All of the simulator's randomness is drawn here, from the seed and named parts alone: the same seed gives the same
world. No state is kept.
"""

import hashlib
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def seeded_random(*parts: object) -> Random:
    """A generator that depends on nothing but `parts`."""
    return Random("|".join(map(str, parts)))  # noqa: S311 — invented data, not secrets


def seeded_share(*parts: object) -> float:
    """One number in [0, 1) that depends on nothing but `parts`: 10 times cheaper than `seeded_random`."""
    name = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=7).digest(), "big") / 2**56


def happens(random: Random, rate: float) -> bool:
    """Whether something that happens at this rate happens now."""
    return random.random() < rate


def item_at(items: Sequence[T], share: float) -> T:
    """The item that lies at `share` (0 to 1) of the sequence."""
    return items[min(int(share * len(items)), len(items) - 1)]


def snowflake(second: int, random: Random) -> int:
    """An id whose high 32 bits are a Unix second."""
    return (second << 32) | random.getrandbits(32)
