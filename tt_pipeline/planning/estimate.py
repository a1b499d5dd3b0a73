"""Estimates with a low, a likely and a high value, and their arithmetic; and the line of a plan with such numbers."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.vocabulary import Bucket, Dataset

Z_90: Final = 1.64
"""Standard errors to either side of a 90 % range."""
_ROUNDING_ERROR: Final = 1e-6
_USUAL_SPREAD: Final = 0.4
_USUAL_DAYS: Final = 3
"""Prior assumption: days differ by 40 %. It has the weight of three collected days."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that is not known exactly: in nine of ten cases it is between `low` and `high`."""

    low: float
    likely: float
    high: float

    @classmethod
    def exactly(cls, number: float) -> Self:
        """A number that is known."""
        return cls(number, number, number)

    @classmethod
    def within(cls, number: float, error: float) -> Self:
        """A number with a relative error; the range is symmetric in ratios, so it never reaches below zero."""
        return cls(number / (1 + error), number, number * (1 + error))

    def __add__(self, other: "Estimate") -> "Estimate":
        """The sum if all errors may have the same direction: low values are added, and high values are added."""
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def __mul__(self, other: "Estimate") -> "Estimate":
        """The product of independent numbers: the squares of their relative errors are added."""
        likely = self.likely * other.likely
        if not likely:
            return Estimate(self.low * other.low, likely, self.high * other.high)
        down = math.hypot(_log(self.low / self.likely), _log(other.low / other.likely))
        up = math.hypot(math.log(self.high / self.likely), math.log(other.high / other.likely))
        return Estimate(likely * math.exp(-down), likely, likely * math.exp(up))

    def times(self, number: float) -> "Estimate":
        """The estimate multiplied by a known number."""
        return self.map(lambda value: value * number)

    def map(self, function: Callable[[float], float]) -> "Estimate":
        """The result of an increasing function."""
        return Estimate(function(self.low), function(self.likely), function(self.high))

    def at_most(self, most: float) -> "Estimate":
        """The estimate with an upper limit."""
        return self.map(lambda value: min(value, most))

    def minus(self, number: float) -> "Estimate":
        """What remains after a known number is subtracted; never less than zero."""
        return self.map(lambda value: max(0.0, value - number))

    def without(self, part: "Estimate") -> "Estimate":
        """What remains without a part whose error is the same."""
        rests = (self.low - part.low, self.likely - part.likely, self.high - part.high)
        low, likely, high = sorted(round(max(0.0, rest), 9) for rest in rests)
        return Estimate(low, likely, high)

    def rounded(self) -> "Estimate":
        """Whole requests; the range is rounded outwards."""
        return Estimate(
            math.floor(self.low + _ROUNDING_ERROR), round(self.likely), math.ceil(self.high - _ROUNDING_ERROR)
        )


def _log(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


NOTHING: Final = Estimate.exactly(0)
ONE: Final = Estimate.exactly(1)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum as `__add__` computes it: all errors may have the same direction."""
    return sum(estimates, NOTHING)


def half_correlated_total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum of numbers that share half of their error, because all depend on the number of videos."""
    parts = list(estimates)
    cautious = total(parts)
    own_down = math.hypot(*(part.likely - part.low for part in parts))
    own_up = math.hypot(*(part.high - part.likely for part in parts))
    return Estimate(
        (cautious.low + cautious.likely - own_down) / 2,
        cautious.likely,
        (cautious.high + cautious.likely + own_up) / 2,
    )


def mean_and_spread(by_day: Sequence[float]) -> tuple[float, float]:
    """The mean of collected days, and their standard deviation as a share of it."""
    days = len(by_day)
    mean = max(sum(by_day) / days, 0.5 / days)  # 0 on 10 days may become 1 on 20 days
    usual_variance = mean + (_USUAL_SPREAD * mean) ** 2  # chance (Poisson), and real differences between days
    squares = sum((value - mean) ** 2 for value in by_day)
    return mean, math.sqrt((squares + _USUAL_DAYS * usual_variance) / (days - 1 + _USUAL_DAYS)) / mean


def average_to_come(mean: float, spread: float, *, days: int, ahead: int) -> Estimate:
    """The average over this number of future days, from the mean and spread of this number of collected days."""
    return Estimate.within(mean, Z_90 * spread * math.sqrt(1 / days + 1 / max(1, ahead)))


class CostPart(StrEnum):
    """The part of a study for which requests are sent."""

    SEARCHES = "searches"
    COMMENTS = "comments"
    REPLIES = "replies"
    USERS = "users"
    MENTIONED = "mentioned"
    AGAIN = "again"
    LISTS = "lists"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """The requests for one part of a study.

    Attributes:
        part: AGAIN means looks after the first, and profiles of a creator after the first; CHECKS is `tt refresh`.
        search: The search whose videos are requested; None for parts that belong to all searches.
        per_day: Requests on a usual day of the study, without overdue work.
        total: Requests from now on.
    """

    part: CostPart
    dataset: Dataset
    search: str | None = None
    per_day: Estimate
    total: Estimate

    @property
    def bucket(self) -> Bucket:
        """The quota that the requests are counted against."""
        return DATASETS[self.dataset].bucket
