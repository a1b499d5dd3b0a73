"""All threads share one pace, and stop requesting from a server that only fails."""

import httpx
import pytest

from tt_pipeline.errors import ApiError, ServerFailure
from tt_pipeline.research_api.answer_limits import AnswerLimits
from tt_pipeline.research_api.pacing import Breaker, Pacer
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.research_api.server import NOON, Script, WatchedGate, client, document


def test_requests_are_spread_evenly() -> None:
    """At five a second each request waits a fifth of a second; a late one does not wait."""
    clock = FrozenClock(NOON)
    pacer = Pacer(5, clock=clock)
    for _ in range(3):
        pacer.wait()
    clock.advance(seconds=10)
    pacer.wait()
    assert clock.slept_s == [0.2, 0.2]


def test_the_pace_is_kept_before_reserving_and_over_all_copies() -> None:
    """A request that waits has no reservation yet; copies share the pace."""
    clock = FrozenClock(NOON)
    api = client(Script([document("user_info"), document("user_info")]), clock=clock, requests_per_second=2)
    api.user_info("lena")
    api.charged_to(WatchedGate()).user_info("jo")
    assert clock.slept_s == [0.5]


def test_a_server_that_only_fails_is_left_alone_for_a_minute() -> None:
    """After many failures in a row no request is sent for a minute; then one failure is enough to stop again."""
    clock = FrozenClock(NOON)
    breaker = Breaker(clock=clock, failures=3)
    for _ in range(3):
        breaker.check("bees")
        breaker.note(has_failed=True)
    with pytest.raises(
        ServerFailure, match="not sent because the last 3 requests failed; requests continue at 12:01:00 UTC"
    ):
        breaker.check("bees")
    clock.advance(seconds=60)
    breaker.check("bees")
    breaker.note(has_failed=True)
    with pytest.raises(ServerFailure):
        breaker.check("bees")


def test_a_clock_that_is_set_back_makes_no_pause_longer() -> None:
    """Requests continue at once instead of a day later."""
    clock = FrozenClock(NOON)
    breaker = Breaker(clock=clock, failures=1)
    breaker.note(has_failed=True)
    clock.advance(days=-1)
    breaker.check("bees")


def test_one_answer_is_enough_to_continue() -> None:
    """A success resets the count of failures."""
    breaker = Breaker(clock=FrozenClock(NOON), failures=2)
    for has_failed in (True, False, True):
        breaker.note(has_failed=has_failed)
    breaker.check("bees")


def test_an_outage_costs_thirty_requests_and_not_a_study() -> None:
    """Fifty profiles from a server that is down send thirty requests; the other twenty fail without one."""
    gate, script = WatchedGate(), Script(document("internal_error_a") for _ in range(999))
    api, codes = client(script, gate=gate, clock=_Still(NOON)), []
    for number in range(50):
        with pytest.raises(ServerFailure) as caught:
            api.user_info(f"user{number}")
        codes.append(caught.value.code)
    assert (len(gate.settled), codes) == (30, ["internal_error"] * 10 + ["circuit_open"] * 40)


def test_answers_beyond_a_limit_are_failures_too() -> None:
    """A server that answers too slowly or too much is left alone after thirty requests, like one that is down."""
    too_large = httpx.Response(200, content=b'{"data": "' + b"x" * 2_000)
    gate, script = WatchedGate(), Script(too_large for _ in range(999))
    api = client(script, gate=gate, clock=_Still(NOON), limits=AnswerLimits(bytes=1_000))
    codes = []
    for number in range(31):
        with pytest.raises(ApiError) as caught:
            api.user_info(f"user{number}")
        codes.append(caught.value.code)
    assert (len(gate.settled), codes) == (30, ["rejected"] * 30 + ["circuit_open"])


class _Still(FrozenClock):
    """A clock on which threads wait at the same time: a wait of one does not move the others' clock."""

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
