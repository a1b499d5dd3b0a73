"""The arithmetic of quota buckets, shared by the ledger and the planner.

Source: https://developers.tiktok.com/doc/research-api-faq/ (2026): 1,000 requests a UTC day, followers and following
20,000 of their own.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from tt_pipeline.vocabulary import Bucket

# Refused before the server did any work, so most likely not charged (TikTok does not say). All other requests count,
# failed ones too: a 500 costs quota. If this is wrong, the server's own 429 overrides our count.
_UNCHARGED_STATUSES: Final = frozenset({401, 429})
_OK: Final = "ok"
"""With this code records were returned, whatever the status."""
_UNCHARGED_CODES: Final = frozenset(  # an error may come with HTTP 200
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
    """The use of a bucket on one day; true while requests are left.

    Attributes:
        used: Requests charged, including those in flight.
        opens_at: When requests are possible again if none is now; aware, UTC.
        is_dry: The server reported the day's quota as used up, even if our count is lower.
    """

    bucket: Bucket
    day: date
    used: int
    limit: int
    opens_at: datetime
    is_dry: bool = False

    @property
    def left(self) -> int:
        """Requests that may still be sent today."""
        return 0 if self.is_dry else max(0, self.limit - self.used)

    def __bool__(self) -> bool:
        return self.left > 0

    def __str__(self) -> str:
        retry = f"; next request at {self.opens_at:%H:%M} UTC" if self.opens_at.hour else ""
        note = f" (the server says it is used up{retry})" if self.is_dry and self.used < self.limit else ""
        return f"{self.used:,} of {self.limit:,} used{note}"


def may_send(use: BucketUse, *, reserve: int = 0) -> bool:
    """Whether one more request may be sent while `reserve` requests are kept for others."""
    return use.left > reserve


def is_charged(status: int | None, code: str) -> bool:
    """Whether an answer with this HTTP status and `error.code` costs quota."""
    return code == _OK or (status not in _UNCHARGED_STATUSES and code not in _UNCHARGED_CODES)


def days_of_quota(requests: float, *, per_day: int) -> int:
    """UTC days that this number of requests takes, rounded up."""
    return math.ceil(requests / per_day)
