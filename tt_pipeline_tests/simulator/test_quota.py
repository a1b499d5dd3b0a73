"""What requests cost, when the quota is used up, and when it is reset."""

from datetime import UTC, datetime

import pytest

from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.simulator.builders import error_of, session, small_world, wide_body

USED_UP = (429, "daily_quota_limit_exceeded", "The daily quota limit was exceeded.")
TOO_FAST = (429, "rate_limit_exceeded", "Too many requests in the last minute")


def test_after_the_last_request_the_day_is_over_until_midnight() -> None:
    """The quota ends with a 429 and is reset at 00:00 UTC; refusals cost nothing."""
    at = session(Knobs(quota_main=2))
    assert [at.query(wide_body()).status_code for _ in range(2)] == [200, 200]
    assert error_of(at.query(wide_body())) == USED_UP
    assert at.simulator.charged() == 2
    at.simulator.clock.set_to(datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC))
    at.token = at.ask_token().json()["access_token"]
    assert error_of(at.query(wide_body())) == USED_UP
    at.simulator.clock.advance(seconds=1)
    assert at.query(wide_body()).status_code == 200
    assert at.simulator.charged() == 1


def test_records_are_counted_too() -> None:
    """The main bucket ends at its limit of requests or of records, whichever is reached first."""
    at = session(Knobs(records_main=150, hidden_rate=0, hidden_run=0))
    statuses = [at.query(wide_body(), "id").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_followers_have_a_separate_bucket() -> None:
    """Followers and following can be requested after the main bucket is used up."""
    at = session(Knobs(quota_main=0))
    username = next(c.username for c in small_world().people.creators if c.standing == "public")
    assert at.user(username).status_code == 429
    assert at.post("user/followers", {"username": username}).status_code == 200
    assert (at.simulator.charged(), at.simulator.charged(Bucket.SOCIAL)) == (0, 1)


def test_a_refused_request_costs_one() -> None:
    """A request refused with invalid_params is charged like an answer."""
    at = session()
    at.query({})
    at.query(b"no json")
    assert at.simulator.charged() == 2


@pytest.mark.parametrize(("counts", "charged"), [(True, 2), (False, 0)])
def test_a_failure_of_the_server_costs_one_by_default(counts: bool, charged: int) -> None:  # noqa: FBT001 — a case
    """500 and 504 are charged; with count_failed_requests false they are not."""
    faults = (Fault(kind=FaultKind.ERROR_500, nth=1), Fault(kind=FaultKind.HTML_504, nth=2))
    at = session(Knobs(count_failed_requests=counts, faults=faults))
    assert [at.query(wide_body()).status_code for _ in range(2)] == [500, 504]
    assert at.simulator.charged() == charged


def test_too_many_in_a_minute_are_refused() -> None:
    """The limit is per endpoint and sliding minute, and a refusal costs nothing."""
    at = session(Knobs(rate_per_minute=2))
    assert [at.query(wide_body()).status_code for _ in range(2)] == [200, 200]
    assert error_of(at.query(wide_body())) == TOO_FAST
    assert error_of(at.user("nobody"))[0] == 400
    at.simulator.clock.advance(seconds=60)
    assert at.query(wide_body()).status_code == 200
    assert at.simulator.charged() == 4


def test_every_request_is_in_the_log() -> None:
    """The log has number, instant, endpoint, answer, charge and body of each request."""
    at = session()
    at.user("nobody", "display_name")
    entry = at.simulator.log[-1]
    assert (entry.n, entry.at, entry.endpoint) == (2, at.simulator.clock.now(), "user_info")
    assert (entry.status, entry.code, entry.charged) == (400, "invalid_params", True)
    assert entry.body == {"username": "nobody"}
