"""The arithmetic of a bucket: pure; the ledger and the planner use the same.

Source: https://developers.tiktok.com/doc/research-api-faq/ (2026): 1,000 requests a UTC day, followers and following
20,000 of their own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from tt_pipeline.vocabulary import Bucket

DEFAULT_LIMITS: Final[Mapping[Bucket, int]] = MappingProxyType({Bucket.MAIN: 1_000, Bucket.SOCIAL: 20_000})

# Refused before any work was done, so most likely not charged (TikTok does not say). Everything else is counted as
# spent, also what failed: a 500 costs quota. Should we be wrong, the server's own 429 wins over our count.
_UNCHARGED_STATUSES: Final = frozenset({401, 429})
_UNCHARGED_CODES: Final = frozenset(  # an error may come under HTTP 200
    {
        "unreachable",
        "rate_limit_exceeded",
        "daily_quota_limit_exceeded",
        "access_token_invalid",
        "scope_not_authorized",
        "scope_permission_missed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketUse:
    """What a bucket's day has seen; truthy while a request may follow.

    Attributes:
        used: Requests charged, those still in flight too.
        opens_at: When requests may follow again, if none may now; aware, UTC.
        is_dry: The server said that the day is used up, whatever our count says.
    """

    bucket: Bucket
    day: date
    used: int
    limit: int
    opens_at: datetime
    is_dry: bool = False

    @property
    def left(self) -> int:
        """Requests that may follow today."""
        return 0 if self.is_dry else max(0, self.limit - self.used)

    def __bool__(self) -> bool:
        return self.left > 0

    def __str__(self) -> str:
        said = " (the server says it is used up"
        said += f"; asked again at {self.opens_at:%H:%M} UTC)" if self.opens_at.hour else ")"
        said = said if self.is_dry and self.used < self.limit else ""
        return f"{self.used:,} of {self.limit:,} used{said}"


def may_send(use: BucketUse, *, reserve: int = 0) -> bool:
    """Whether one more request fits, `reserve` of them being kept for somebody else."""
    return use.left > reserve


def is_charged(status: int | None, code: str) -> bool:
    """Whether an answer with this HTTP status and `error.code` costs quota."""
    return status not in _UNCHARGED_STATUSES and code not in _UNCHARGED_CODES


def days_of_quota(requests: float, *, per_day: int) -> int:
    """UTC days that so many requests take, the last one perhaps in part."""
    return math.ceil(requests / per_day)
