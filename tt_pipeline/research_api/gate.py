"""What the client needs of whoever counts requests: it asks before each, and says afterwards what became of it.

Here belong the two protocols and the gate for notebooks, which only counts. The durable ledger is `quota/`.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from tt_pipeline.vocabulary import Bucket


class Reservation(Protocol):
    """The right to send one request, settled exactly once."""

    def settle(
        self, *, status: int | None, code: str, log_id: str | None, records: int, slots: int, seconds: float
    ) -> None:
        """Say what became of the request.

        Args:
            status: HTTP status; None when no answer came.
            code: "ok", the server's error code, "unreadable" when the answer has none, "no_answer" when nothing came
                back, "unreachable" when nobody listens.
            log_id: Of the answer.
            records: Records received.
            slots: Places of the result that the page went over.
            seconds: From sending to the answer.
        """
        ...


class SendGate(Protocol):
    """May I ask?"""

    def reserve(self, bucket: Bucket, endpoint: str) -> Reservation:
        """Take one request of the bucket.

        Raises:
            QuotaExhausted: None is left for this caller.
        """
        ...


class OpenGate:
    """Lets everything pass and counts it, for notebooks; the count ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: Counter[Bucket] = Counter()
        self._in_flight = 0

    def __repr__(self) -> str:
        sent = ", ".join(f"{bucket}={count}" for bucket, count in sorted(self._sent.items()))
        return f"OpenGate({sent})"

    def sent(self, bucket: Bucket = Bucket.MAIN) -> int:
        """Requests of a bucket so far."""
        return self._sent[bucket]

    @property
    def in_flight(self) -> int:
        """Requests reserved and not settled."""
        return self._in_flight

    def reserve(self, bucket: Bucket, endpoint: str) -> "Reservation":  # noqa: ARG002 — the protocol's
        """Count one more."""
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
        """The request is no longer under way."""
        del status, code, log_id, records, slots, seconds
        self.gate._settled()  # noqa: SLF001 — the gate's own
