"""A number that is not known yet: low, likely, high; how such numbers are added; and the line of a plan made of them."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from tt_pipeline.vocabulary import Bucket, Dataset

SURE: Final = 1.64
"""Standard errors to either side: nine of ten ranges hold the true number."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The true number lies between `low` and `high`, most likely near `likely`."""

    low: float
    likely: float
    high: float

    @classmethod
    def exactly(cls, number: float) -> Self:
        """A number that is known."""
        return cls(number, number, number)

    @classmethod
    def within(cls, number: float, error: float) -> Self:
        """A number with a relative error; the range is symmetric in ratios, so that it never falls below zero."""
        return cls(number / (1 + error), number, number * (1 + error))

    def __add__(self, other: "Estimate") -> "Estimate":
        """Both may be off in the same direction: a cautious sum."""
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __mul__(self, other: "Estimate") -> "Estimate":
        """Both are off independently of each other: their errors are combined as such."""
        likely = self.likely * other.likely
        if not likely:
            return Estimate(self.low * other.low, likely, self.high * other.high)
        down = math.hypot(_log(self.low / self.likely), _log(other.low / other.likely))
        up = math.hypot(math.log(self.high / self.likely), math.log(other.high / other.likely))
        return Estimate(likely * math.exp(-down), likely, likely * math.exp(up))

    def times(self, number: float) -> "Estimate":
        """So many of it."""
        return Estimate(self.low * number, self.likely * number, self.high * number)

    def through(self, function: Callable[[float], float]) -> "Estimate":
        """A rising function of it."""
        return Estimate(function(self.low), function(self.likely), function(self.high))

    def at_most(self, most: float) -> "Estimate":
        """It cannot be more than that."""
        return self.through(lambda number: min(number, most))

    def less(self, number: float) -> "Estimate":
        """What is left of it when so much is known to be gone."""
        return self.through(lambda whole: max(0.0, whole - number))

    def beyond(self, part: "Estimate") -> "Estimate":
        """What of it is not a part of it; both are uncertain in the same way."""
        rests = (self.low - part.low, self.likely - part.likely, self.high - part.high)
        low, likely, high = sorted(round(max(0.0, rest), 9) for rest in rests)
        return Estimate(low, likely, high)

    def whole(self) -> "Estimate":
        """In whole requests; the range is rounded outwards."""
        return Estimate(math.floor(self.low + _DUST), round(self.likely), math.ceil(self.high - _DUST))


_DUST = 1e-6  # what floating point leaves of a whole number


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


NOTHING = Estimate.exactly(0)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """Their cautious sum: all are off in the same direction."""
    return sum(estimates, NOTHING)


def together(estimates: Iterable[Estimate]) -> Estimate:
    """The sum of parts whose errors are half their own, half shared: all follow the number of videos."""
    parts = list(estimates)
    whole = total(parts)
    own_down = math.hypot(*(part.likely - part.low for part in parts))
    own_up = math.hypot(*(part.high - part.likely for part in parts))
    return Estimate((whole.low + whole.likely - own_down) / 2, whole.likely, (whole.high + whole.likely + own_up) / 2)


class CostPart(StrEnum):
    """What requests are for."""

    SEARCHES = "searches"
    COMMENTS = "comments"
    REPLIES = "replies"
    USERS = "users"
    MENTIONED = "mentioned"
    REFRESH = "refresh"
    LISTS = "lists"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """What a part costs.

    Attributes:
        part: Refresh is looks after the first, and profiles after the first.
        search: Whose videos; None where all searches share.
        per_day: Requests a day while the study runs, after what has piled up.
        total: Requests from now on.
        bucket: The quota that pays.
    """

    part: CostPart
    dataset: Dataset
    search: str | None
    per_day: Estimate
    total: Estimate
    bucket: Bucket = Bucket.MAIN
