"""Threads that share a client share its token, also after the server has refused it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tt_pipeline.research_api import Page, ResearchApi
from tt_pipeline_tests.contract.lab import Lab, small_world

THREADS = 10
NAMES = [creator.username for creator in small_world().people.creators if creator.standing == "public"][:THREADS]


def request_together(api: ResearchApi) -> list[Page]:
    """Ten threads start at the same moment, each requesting another account."""
    start = Barrier(THREADS)

    def ask(username: str) -> Page:
        start.wait()
        return api.user_info(username)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(ask, NAMES))


def tokens_issued(lab: Lab, work: Callable[[], object]) -> int:
    """The number of tokens in the simulator's log during the block."""
    before = len(lab.simulator.log)
    work()
    return sum(request.endpoint == "oauth_token" for request in lab.simulator.log[before:])


def test_ten_threads_fetch_one_token(lab: Lab) -> None:
    """The first thread fetches the token, and the others wait for it."""
    api = lab.client()

    assert tokens_issued(lab, lambda: request_together(api)) == 1
    assert [page.records[0]["username"] for page in request_together(api)] == NAMES


def test_ten_threads_replace_a_refused_token_once(lab: Lab) -> None:
    """After another process has ended their token, all ten are refused at most once and one fetches a new token."""
    lab.change_knobs(token_single_active=True)
    api = lab.client()
    request_together(api)
    lab.client().sign_in()
    lab.shared_server.exchanges.clear()

    assert tokens_issued(lab, lambda: request_together(api)) == 1
    assert lab.wire.count("200 ok") == THREADS
    assert 1 <= lab.wire.count("401 access_token_invalid") <= THREADS
    ours, theirs = lab.charges
    assert sum(ours) == sum(theirs) == 2 * THREADS


def test_ten_threads_replace_an_old_token_once(lab: Lab) -> None:
    """An old token is renewed before the server refuses it."""
    api = lab.client()
    request_together(api)
    lab.clock.advance(seconds=7_000)

    assert tokens_issued(lab, lambda: request_together(api)) == 1
    assert set(lab.wire) == {"200 ok"}
