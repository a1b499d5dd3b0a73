"""Where does chance come from?

All randomness comes from the functions here, which depend on their arguments alone, so the same seed gives the same
world. Nothing is stored.
"""

import hashlib
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def seeded_random(*parts: object) -> Random:
    """A random generator that is seeded by `parts`."""
    return Random("|".join(map(str, parts)))  # noqa: S311 — invented data, not secrets


def seeded_share(*parts: object) -> float:
    """A number in [0, 1) that depends on `parts` alone; 10 times faster than `seeded_random`."""
    name = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=7).digest(), "big") / 2**56


def happens(random: Random, rate: float) -> bool:
    """True with a probability of `rate`."""
    return random.random() < rate


def item_at(items: Sequence[T], share: float) -> T:
    """The item at `share` (0 to 1) of the sequence's length."""
    return items[min(int(share * len(items)), len(items) - 1)]


def snowflake(second: int, random: Random) -> int:
    """A new id: the high 32 bits are a Unix second, the low 32 bits random."""
    return (second << 32) | random.getrandbits(32)
