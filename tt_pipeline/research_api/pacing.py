"""The request rate of all threads of a client together, and a pause when the server only fails.

This module has the state that threads share; `retry.py` decides whether a single request is sent again.
"""

import threading
from datetime import datetime, timedelta

from tt_pipeline.clock import Clock
from tt_pipeline.errors import ServerFailure
from tt_pipeline.research_api.retry import CIRCUIT_OPEN

_MOST_WAITING = 100
"""Never more threads wait at once: a send time further ahead was computed before the clock was set back."""


class Pacer:
    """Spaces requests evenly in time."""

    def __init__(self, requests_per_second: float, *, clock: Clock) -> None:
        self._interval = timedelta(seconds=1 / requests_per_second)
        self._clock = clock
        self._lock = threading.Lock()
        self._next: datetime | None = None

    def wait(self) -> None:
        """Return at the caller's send time."""
        with self._lock:
            now = self._clock.now()
            if self._next and self._next - now > _MOST_WAITING * self._interval:
                self._next = now  # the clock was set back
            send_at = max(now, self._next or now)
            self._next = send_at + self._interval
        if send_at > now:
            self._clock.sleep((send_at - now).total_seconds())


class Breaker:
    """A circuit breaker: after `failures` failures in a row over all threads no request is sent for `pause_s` seconds.

    After the pause one more failure starts the next one. Without it, a server that is down would cost requests for
    every window of a study. The default is high because a window that always fails is tried some fifteen times while
    it is narrowed down to a day.
    """

    def __init__(self, *, clock: Clock, failures: int = 30, pause_s: float = 60) -> None:
        self._clock, self._allowed, self._pause = clock, failures, timedelta(seconds=pause_s)
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._closed_until: datetime | None = None

    def check(self, request: str) -> None:
        """Return unless requests are paused.

        Args:
            request: The request in words, for the error.

        Raises:
            ServerFailure: Requests are paused after many failures; nothing was sent.
        """
        with self._lock:
            wait = self._closed_until - self._clock.now() if self._closed_until else timedelta()
            if timedelta() < wait <= self._pause:  # a longer wait means that the clock was set back
                raise ServerFailure(
                    request,
                    code=CIRCUIT_OPEN,
                    message=f"not sent because the last {self._in_a_row} requests failed; "
                    f"requests continue at {self._clock.now() + wait:%H:%M:%S} UTC",
                )

    def note(self, *, has_failed: bool) -> None:
        """Count how a request ended."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if has_failed else 0
            is_down = self._in_a_row >= self._allowed
            self._closed_until = self._clock.now() + self._pause if is_down else None
