"""Decide whether a failed request is sent again, and when; and the loop that does so.

Each retry reserves its own request at the gate, so no reservation is kept during a wait. tenacity runs the loop
because it can wait on our Clock (stamina cannot).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import Retrying, retry_if_exception, stop_never

from tt_pipeline.clock import Clock
from tt_pipeline.errors import RateLimited, SearchIdRefused, ServerFailure, TokenInvalid, TransientApiError

NO_ANSWER = "no_answer"
UNREACHABLE = "unreachable"
REJECTED = "rejected"
"""Code of an answer that exceeds a limit of ours."""
NO_TOKEN = "no_token"  # noqa: S105 — a code
CIRCUIT_OPEN = "circuit_open"
NOT_SENT = frozenset({NO_TOKEN, CIRCUIT_OPEN})
"""Codes of failures before anything was sent; they are raised after all waits."""
OUTAGE_CODES = frozenset({UNREACHABLE, *NOT_SENT})
"""Codes of a ServerFailure that is independent of the request: the next request would fail too."""

TOKEN_WAITS_S: Final = (2, 10, 30, 60)
"""Seconds to wait before each next request for a token, which costs no quota."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Seconds to wait before each next try, by kind of failure; after the last wait the error is raised.

    Attributes:
        server_failure_s: After HTTP 5xx, an unreadable body or no answer. Few tries: each costs quota, and a failing
            server mostly fails for hours.
        fresh_search_id_s: A new id becomes valid within seconds (CyberSecurity for Democracy's client, 2025).
        old_search_id_s: One try: an id from an earlier process has most likely expired.
        rate_limited_s: The server's limit counts the last minute.
        longest_retry_after_s: Longest wait that is accepted from a server's Retry-After.
    """

    server_failure_s: tuple[float, ...] = (30, 60)
    fresh_search_id_s: tuple[float, ...] = (5, 10, 15, 20, 25)
    old_search_id_s: tuple[float, ...] = (5,)
    rate_limited_s: tuple[float, ...] = (10, 20, 40, 60, 60, 60, 60, 60)
    longest_retry_after_s: float = 300

    def wait_s(self, failures: Sequence[TransientApiError], *, has_fresh_search_id: bool = True) -> float | None:
        """Seconds until the next try after these failures of one request; None to give up.

        Args:
            failures: In order; the last one decides, and earlier ones of its kind count as used waits.
            has_fresh_search_id: The request's search_id was issued to this process, not to an earlier one.
        """
        last = failures[-1]
        if _is_the_same_answer(failures):
            return None
        waits = self._waits(last, has_fresh_search_id=has_fresh_search_id)
        nth = sum(type(failure) is type(last) for failure in failures)
        if nth > len(waits):
            return None
        if isinstance(last, RateLimited) and last.retry_after_s is not None:
            return min(last.retry_after_s, self.longest_retry_after_s)
        return waits[nth - 1]

    def _waits(self, failure: TransientApiError, *, has_fresh_search_id: bool) -> tuple[float, ...]:
        match failure:
            case ServerFailure() if failure.code not in NOT_SENT:
                return self.server_failure_s
            case SearchIdRefused():
                return self.fresh_search_id_s if has_fresh_search_id else self.old_search_id_s
            case RateLimited():
                return self.rate_limited_s
            case TokenInvalid():
                return (0,)  # with a new token, once
            case _:
                return ()


def _is_the_same_answer(failures: Sequence[TransientApiError]) -> bool:
    """Whether an answer that cannot be read came a second time, byte for byte: it would come again."""
    sha256s = [answer.sha256 for answer in failures[-1].rejected]
    return len(set(sha256s)) < len(sha256s)


def with_retries(
    attempt: Callable[[Sequence[TransientApiError]], T],
    wait_s: Callable[[Sequence[TransientApiError]], float | None],
    *,
    clock: Clock,
) -> T:
    """Call `attempt` with the failures so far until it succeeds, or raise its last error when `wait_s` returns None."""
    failures: list[TransientApiError] = []

    def is_worth_another(error: BaseException) -> bool:
        if not isinstance(error, TransientApiError):
            return False
        failures.append(error)
        return wait_s(failures) is not None

    again = Retrying(
        retry=retry_if_exception(is_worth_another),
        wait=lambda _: wait_s(failures) or 0,
        stop=stop_never,
        sleep=clock.sleep,
        reraise=True,
    )
    return again(attempt, failures)
