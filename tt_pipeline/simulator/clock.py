"""The simulator's own clock: any source of instants plus an offset that tests and the admin door can set.

Nothing in this room reads the machine's time elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class SimClock:
    """Tells the source's instant, moved by the offset; never waits."""

    source: Callable[[], datetime]
    offset: timedelta = field(default=timedelta())

    def now(self) -> datetime:
        """The instant, aware, UTC."""
        return self.source().astimezone(UTC) + self.offset

    def second(self) -> float:
        """The instant as Unix seconds."""
        return self.now().timestamp()

    def advance(self, *, seconds: float) -> None:
        """Move on (or back) by `seconds`."""
        self.offset += timedelta(seconds=seconds)

    def set_to(self, instant: datetime) -> None:
        """Make it `instant` now; the clock keeps running at its source's pace."""
        self.offset += instant.astimezone(UTC) - self.now()
