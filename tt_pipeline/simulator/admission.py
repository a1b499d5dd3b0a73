"""Is a request allowed? Its token, the quota of the day, and the rate of the last minute decide.

The order of these checks, and which requests are charged, is in `request_handling.py`.
"""

import string
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date
from random import Random

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.simulator.responses import access_token_invalid, daily_quota_exceeded, rate_limit_exceeded
from tt_pipeline.vocabulary import Bucket

_LETTERS = string.ascii_letters + string.digits
_TOKEN_LENGTH = 34
_RATE_WINDOW_S = 60


@dataclass(slots=True)
class AccessTokens:
    """All issued tokens, with the second at which each expires."""

    seed: int
    _expires_at: dict[str, float] = field(default_factory=dict)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = seeded_random(self.seed, "tokens")

    def issue(self, now_s: float, *, ttl_s: float, single_active: bool) -> str:
        """Issue a new token; with `single_active`, all earlier ones expire."""
        if single_active:
            self._expires_at.clear()
        token = "clt." + "".join(self._random.choices(_LETTERS, k=_TOKEN_LENGTH))
        self._expires_at[token] = now_s + ttl_s
        return token

    def check(self, authorization: str | None, now_s: float) -> None:
        """Accept a request with this Authorization header.

        Raises:
            Refused: It has no token, or the token is unknown or expired.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or self._expires_at.get(token.strip(), 0) <= now_s:
            raise access_token_invalid()


@dataclass(slots=True)
class BucketUsage:
    """What was charged to a bucket on a day."""

    requests: int = 0
    records: int = 0


@dataclass(slots=True)
class Quota:
    """Requests and records charged by UTC day and bucket, and the times of recent requests by endpoint."""

    _usage: dict[tuple[date, Bucket], BucketUsage] = field(default_factory=lambda: defaultdict(BucketUsage))
    _request_times: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def usage(self, bucket: Bucket, day: date) -> BucketUsage:
        """What was charged to the bucket on a day."""
        return self._usage[day, bucket]

    def check(self, bucket: Bucket, day: date, knobs: Knobs) -> None:
        """Accept a request while the bucket has quota left on this day.

        Raises:
            Refused: The day's requests or records are used up.
        """
        usage = self.usage(bucket, day)
        is_main = bucket is Bucket.MAIN
        requests, records = (
            (knobs.quota_main, knobs.records_main) if is_main else (knobs.quota_social, knobs.records_social)
        )
        if usage.requests >= requests or usage.records >= records:
            raise daily_quota_exceeded()

    def charge(self, bucket: Bucket, day: date, *, records: int) -> None:
        """Charge one request and its records."""
        usage = self.usage(bucket, day)
        usage.requests += 1
        usage.records += records

    def check_rate(self, endpoint: str, now_s: float, per_minute: int) -> None:
        """Accept a request, and count it, unless there were too many in the last 60 seconds; 0 means no limit.

        Raises:
            Refused: There were `per_minute` requests to the endpoint in the 60 seconds before.
        """
        if per_minute <= 0:
            return
        times = self._request_times[endpoint]
        while times and not now_s - _RATE_WINDOW_S < times[0] <= now_s:
            times.popleft()
        if len(times) >= per_minute:
            raise rate_limit_exceeded()
        times.append(now_s)
