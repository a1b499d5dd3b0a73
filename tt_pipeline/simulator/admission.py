"""May a request pass? The token, the quota of the day, and the rate of the last minute."""

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
    """All tokens given out, with the second each of them dies."""

    seed: int
    _expires_at: dict[str, float] = field(default_factory=dict)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = seeded_random(self.seed, "tokens")

    def issue(self, now_s: float, *, ttl_s: float, single_active: bool) -> str:
        """Give out a new token."""
        if single_active:
            self._expires_at.clear()
        token = "clt." + "".join(self._random.choices(_LETTERS, k=_TOKEN_LENGTH))
        self._expires_at[token] = now_s + ttl_s
        return token

    def check(self, authorization: str | None, now_s: float) -> None:
        """Let a request with this header pass.

        Raises:
            Refused: There is no token, or none that lives.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or self._expires_at.get(token.strip(), 0) <= now_s:
            raise access_token_invalid()


@dataclass(slots=True)
class BucketUsage:
    """What a bucket gave on a day."""

    requests: int = 0
    records: int = 0


@dataclass(slots=True)
class Quota:
    """Counts by (day, bucket); a new UTC day starts at nothing by itself."""

    _spent: dict[tuple[date, Bucket], BucketUsage] = field(default_factory=lambda: defaultdict(BucketUsage))
    _seen: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def usage(self, bucket: Bucket, day: date) -> BucketUsage:
        """What was charged on a day."""
        return self._spent[day, bucket]

    def check(self, bucket: Bucket, day: date, knobs: Knobs) -> None:
        """Let a request pass while the day has some left.

        Raises:
            Refused: The day's requests or records are used up.
        """
        spent = self.usage(bucket, day)
        is_main = bucket is Bucket.MAIN
        requests, records = (
            (knobs.quota_main, knobs.records_main) if is_main else (knobs.quota_social, knobs.records_social)
        )
        if spent.requests >= requests or spent.records >= records:
            raise daily_quota_exceeded()

    def charge(self, bucket: Bucket, day: date, *, records: int) -> None:
        """Count one request and what it gave."""
        spent = self.usage(bucket, day)
        spent.requests += 1
        spent.records += records

    def check_rate(self, endpoint: str, now_s: float, per_minute: int) -> None:
        """Let a request pass while the last minute has room.

        Raises:
            Refused: There were `per_minute` in the 60 seconds before.
        """
        if per_minute <= 0:
            return
        seen = self._seen[endpoint]
        while seen and not now_s - _RATE_WINDOW_S < seen[0] <= now_s:
            seen.popleft()
        if len(seen) >= per_minute:
            raise rate_limit_exceeded()
        seen.append(now_s)
