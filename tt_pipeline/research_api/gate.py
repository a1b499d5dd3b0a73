"""The interface to a request counter: the client reserves each request before sending and settles it afterwards.

This module has the two protocols and the gate for notebooks, which only counts. The durable ledger is in `quota/`.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from tt_pipeline.vocabulary import Bucket


class Reservation(Protocol):
    """The permission to send one request; it is settled exactly once."""

    def settle(
        self, *, status: int | None, code: str, log_id: str | None, records: int, slots: int, seconds: float
    ) -> None:
        """Record the result of the request.

        Args:
            status: HTTP status; None when no answer came.
            code: "ok", the server's error code, "unreadable" when the answer has none, "no_answer" when there was no
                answer, "unreachable" when no server listens.
            log_id: The log_id of the answer.
            records: Records received.
            slots: Places of the result that the page covers, hidden records included.
            seconds: Seconds from sending to the answer.
        """
        ...


class SendGate(Protocol):
    """Decides whether a request may be sent."""

    def reserve(self, bucket: Bucket, endpoint: str) -> Reservation:
        """Reserve one request of the bucket.

        Raises:
            QuotaExhausted: No request is left for this caller.
        """
        ...


class OpenGate:
    """Allows and counts every request, for notebooks; the count is lost when the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: Counter[Bucket] = Counter()
        self._in_flight = 0

    def __repr__(self) -> str:
        sent = ", ".join(f"{bucket}={count}" for bucket, count in sorted(self._sent.items()))
        return f"OpenGate({sent})"

    def sent(self, bucket: Bucket = Bucket.MAIN) -> int:
        """The number of requests to a bucket so far."""
        return self._sent[bucket]

    @property
    def in_flight(self) -> int:
        """The number of requests reserved and not yet settled."""
        return self._in_flight

    def reserve(self, bucket: Bucket, endpoint: str) -> "Reservation":  # noqa: ARG002 — required by the protocol
        """Count one more request."""
        with self._lock:
            self._sent[bucket] += 1
            self._in_flight += 1
        return _Counted(self)

    def _settled(self) -> None:
        with self._lock:
            self._in_flight -= 1


@dataclass(frozen=True, slots=True)
class _Counted:
    gate: OpenGate

    def settle(
        self, *, status: int | None, code: str, log_id: str | None, records: int, slots: int, seconds: float
    ) -> None:
        """Count the request as no longer in flight."""
        del status, code, log_id, records, slots, seconds
        self.gate._settled()  # noqa: SLF001 — part of the gate
