"""A command sends no more requests than its limit allows, however many threads send."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tt_pipeline.errors import RequestLimitReached
from tt_pipeline.quota import RequestLimit


def test_exactly_so_many_requests_pass() -> None:
    """Of 200 requests from eight threads, 50 pass."""
    limit = RequestLimit(50)

    def passes(_number: int) -> bool:
        try:
            limit.count_one()
        except RequestLimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        passed = list(threads.map(passes, range(200)))

    assert (sum(passed), limit.is_reached) == (50, True)


def test_a_request_that_was_not_sent_does_not_count() -> None:
    """After the ledger has refused a request, another one may pass."""
    limit = RequestLimit(1)
    limit.count_one()
    limit.take_back()
    limit.count_one()

    with pytest.raises(RequestLimitReached, match=r"Paused at --limit 1: 1 request was sent\."):
        limit.count_one()
