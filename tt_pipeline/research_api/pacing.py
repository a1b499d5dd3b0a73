"""How fast all threads of a client may ask together, and when they stop asking a server that only fails.

Here belongs what threads share about the server's state; whether one request is sent again is `retry.py`.
"""

import threading
from datetime import datetime, timedelta

from tt_pipeline.clock import Clock
from tt_pipeline.errors import ServerFailure
from tt_pipeline.research_api.retry import CIRCUIT_OPEN

_MOST_WAITING = 100
"""More threads never wait in a row; a turn that lies further ahead was given before the clock was set back."""


class Pacer:
    """Spreads requests evenly over the seconds."""

    def __init__(self, requests_per_second: float, *, clock: Clock) -> None:
        self._interval = timedelta(seconds=1 / requests_per_second)
        self._clock = clock
        self._lock = threading.Lock()
        self._next: datetime | None = None

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        with self._lock:
            now = self._clock.now()
            if self._next and self._next - now > _MOST_WAITING * self._interval:
                self._next = now  # the clock was set back
            turn = max(now, self._next or now)
            self._next = turn + self._interval
        if turn > now:
            self._clock.sleep((turn - now).total_seconds())


class Breaker:
    """After so many failures in a row over all threads, stops asking for a while; then one failure is enough again.

    A server that is down would otherwise be paid for every window of a study. The number is high, because a window
    that cannot be answered fails some fifteen times while it is narrowed down to a day.
    """

    def __init__(self, *, clock: Clock, failures: int = 30, pause_s: float = 60) -> None:
        self._clock, self._allowed, self._pause = clock, failures, timedelta(seconds=pause_s)
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._closed_until: datetime | None = None

    def check(self, asked: str) -> None:
        """Return when asking makes sense.

        Raises:
            ServerFailure: Everything failed a moment ago; nothing was sent.
        """
        with self._lock:
            if self._closed_until is not None and self._clock.now() < self._closed_until:
                raise ServerFailure(
                    asked,
                    code=CIRCUIT_OPEN,
                    message=f"not sent, the last {self._in_a_row} requests failed; "
                    f"asking goes on at {self._closed_until:%H:%M:%S} UTC",
                )

    def note(self, *, has_failed: bool) -> None:
        """Remember how a request ended."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if has_failed else 0
            is_down = self._in_a_row >= self._allowed
            self._closed_until = self._clock.now() + self._pause if is_down else None
