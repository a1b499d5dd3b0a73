"""Which failed requests are sent again, and when."""

import pytest

from tt_pipeline.errors import RateLimited, SearchIdRefused, ServerFailure, TokenInvalid, TransientApiError
from tt_pipeline.research_api import RetryPolicy
from tt_pipeline.research_api.retry import with_retries
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.research_api.server import NOON


def waits(*failures: TransientApiError, fresh: bool = True) -> list[float | None]:
    """The decision after each of the failures."""
    policy = RetryPolicy()
    return [policy.wait_s(failures[:n], has_fresh_search_id=fresh) for n in range(1, len(failures) + 1)]


def test_a_request_is_sent_to_a_failing_server_three_times() -> None:
    """Two more tries follow after 30 and 60 seconds; each costs quota."""
    assert waits(*[ServerFailure("x", status=500)] * 3) == [30, 60, None]


def test_a_fresh_search_id_is_given_time() -> None:
    """Five more tries follow within 75 seconds."""
    assert waits(*[SearchIdRefused("x")] * 6) == [5, 10, 15, 20, 25, None]


def test_an_old_search_id_is_tried_once_more() -> None:
    """The search_id of an earlier process is probably dead."""
    assert waits(*[SearchIdRefused("x")] * 2, fresh=False) == [5, None]


def test_a_burst_is_waited_out_in_growing_steps() -> None:
    """Waits are 10 seconds, doubling to 60, for six minutes."""
    assert waits(*[RateLimited("x", status=429)] * 9) == [10, 20, 40, 60, 60, 60, 60, 60, None]


@pytest.mark.parametrize(("wish", "wait"), [(7.0, 7.0), (299.0, 299.0), (86_400.0, 300.0), (0.0, 0.0)])
def test_the_servers_retry_after_is_honoured_up_to_five_minutes(wish: float, wait: float) -> None:
    """Retry-After replaces our own wait."""
    failure = RateLimited("x", status=429)
    failure.retry_after_s = wish
    assert [wait] == waits(failure)


def test_a_token_is_replaced_once_per_request() -> None:
    """The first refusal is retried at once, the second is not retried."""
    assert waits(*[TokenInvalid("x", status=401)] * 2) == [0, None]


def test_failures_of_another_kind_do_not_use_up_the_tries() -> None:
    """A burst between two server failures has separate waits."""
    mixed = (ServerFailure("x"), RateLimited("x"), ServerFailure("x"), TokenInvalid("x"), ServerFailure("x"))
    assert waits(*mixed) == [30, 10, 60, 0, None]


@pytest.mark.parametrize("code", ["circuit_open", "no_token"])
def test_a_request_that_was_not_sent_is_not_tried_again(code: str) -> None:
    """Such failures have been waited out already, or must be reported at once."""
    assert waits(ServerFailure("x", code=code)) == [None]


def test_the_clock_waits_and_the_last_error_is_raised() -> None:
    """Waits use the injected clock; after the last try its error is raised."""
    clock, failures = FrozenClock(NOON), [ServerFailure("first"), ServerFailure("second"), ServerFailure("third")]
    left = iter(failures)

    def attempt(_: object) -> None:
        raise next(left)

    with pytest.raises(ServerFailure) as caught:
        with_retries(attempt, RetryPolicy().wait_s, clock=clock)
    assert (failures[2], [30, 60]) == (caught.value, clock.slept_s)


def test_an_attempt_has_the_failures_before_it() -> None:
    """The third attempt has two failures."""
    seen: list[int] = []

    def attempt(failures: list[TransientApiError]) -> str:
        seen.append(len(failures))
        if len(failures) < 2:
            raise ServerFailure("x")
        return "page"

    assert with_retries(attempt, RetryPolicy().wait_s, clock=FrozenClock(NOON)) == "page"  # type: ignore[arg-type] # a list is the sequence it gets
    assert seen == [0, 1, 2]
