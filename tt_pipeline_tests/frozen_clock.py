"""The clock of tests: nothing waits, and time passes only where a test says so."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self


@dataclass(slots=True)
class FrozenClock:
    """A clock that only moves by `advance` and `sleep`; it records the waits in `slept_s`."""

    instant: datetime
    slept_s: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """The instant at which the clock stands."""
        return self.instant

    def sleep(self, seconds: float) -> None:
        """Record the wait and advance the clock without waiting."""
        self.slept_s.append(seconds)
        self.advance(seconds=seconds)

    def advance(self, *, days: float = 0, seconds: float = 0) -> Self:
        """Advance the clock."""
        self.instant += timedelta(days=days, seconds=seconds)
        return self
