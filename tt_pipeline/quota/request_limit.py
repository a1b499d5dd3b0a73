"""The most requests that one command may send, as `tt collect --limit` sets it; it is no part of the ledger."""

import threading

from tt_pipeline.errors import RequestLimitReached


class RequestLimit:
    """Counts the requests of a command; threads share it.

    Attributes:
        most: The requests that it allows.
    """

    def __init__(self, most: int) -> None:
        """Nothing is counted yet."""
        self.most, self._sent, self._lock = most, 0, threading.Lock()

    @property
    def is_reached(self) -> bool:
        """Whether no further request is allowed."""
        return self._sent >= self.most

    def count_one(self) -> None:
        """Count a request before it is sent.

        Raises:
            RequestLimitReached: All of them were sent; nothing was counted.
        """
        with self._lock:
            if self.is_reached:
                raise RequestLimitReached(self.most)
            self._sent += 1

    def take_back(self) -> None:
        """Undo `count_one` for a request that was not sent."""
        with self._lock:
            self._sent -= 1
