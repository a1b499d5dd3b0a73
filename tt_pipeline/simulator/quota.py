"""What the server counts: requests and records of a UTC day in two buckets, and the rate of the last minute."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.refusals import too_fast, used_up
from tt_pipeline.vocabulary import Bucket

_WINDOW_S = 60


@dataclass(slots=True)
class Spent:
    """What a bucket gave on a day."""

    requests: int = 0
    records: int = 0


@dataclass(slots=True)
class Quota:
    """Counts by (day, bucket); a new UTC day starts at nothing by itself."""

    _spent: dict[tuple[date, Bucket], Spent] = field(default_factory=lambda: defaultdict(Spent))
    _seen: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def spent(self, bucket: Bucket, day: date) -> Spent:
        """What was charged on a day."""
        return self._spent[day, bucket]

    def check(self, bucket: Bucket, day: date, knobs: Knobs) -> None:
        """Let a request pass while the day has some left.

        Raises:
            Refused: The day's requests or records are used up.
        """
        spent = self.spent(bucket, day)
        is_main = bucket is Bucket.MAIN
        requests, records = (
            (knobs.quota_main, knobs.records_main) if is_main else (knobs.quota_social, knobs.records_social)
        )
        if spent.requests >= requests or spent.records >= records:
            raise used_up()

    def charge(self, bucket: Bucket, day: date, *, records: int) -> None:
        """Count one request and what it gave."""
        spent = self.spent(bucket, day)
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
        while seen and not now_s - _WINDOW_S < seen[0] <= now_s:
            seen.popleft()
        if len(seen) >= per_minute:
            raise too_fast()
        seen.append(now_s)
