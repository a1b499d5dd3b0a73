"""The bearer token: fetched once, renewed early, never shown."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import httpx
import pytest

from tt_pipeline.errors import InvalidCredentials, ServerFailure, TokenInvalid
from tt_pipeline.research_api.answer_limits import AnswerLimits
from tt_pipeline.research_api.auth import Credentials, Token, read_token
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.research_api.server import (
    KEY,
    NOON,
    SECRET,
    TOKEN,
    Reply,
    Script,
    WatchedGate,
    answer,
    client,
    document,
    refused,
)

CREDENTIALS = Credentials(client_key=KEY, client_secret=SECRET)


def profiles(count: int) -> list[httpx.Response]:
    """Good answers about a user."""
    return [document("user_info") for _ in range(count)]


def test_the_credentials_are_sent_as_a_form() -> None:
    """The token endpoint gets the three form fields, and no bearer."""
    sent: list[httpx.Request] = []

    def server(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return document("token")

    client(server).sign_in()
    (request,) = sent
    assert (
        request.content
    ) == b"client_key=awtestclientkey01&client_secret=sim-secret-not-real&grant_type=client_credentials"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in request.headers


def test_a_token_is_stale_five_minutes_before_its_end() -> None:
    """Two hours of life are used for 115 minutes."""
    token = read_token(answer("token"), base_url="https://x", credentials=CREDENTIALS)
    assert Token(value=TOKEN, stale_from=NOON + timedelta(minutes=115)) == token


@pytest.mark.parametrize(("lifetime", "seconds"), [('"60"', 30), ("null", 6900), ('"soon"', 6900), ("7200", 6900)])
def test_a_strange_lifetime_gets_a_default(lifetime: str, seconds: int) -> None:
    """A lifetime that is a text, missing or nonsense has a default; of a short one half is used."""
    body = f'{{"access_token": "clt.a", "expires_in": {lifetime}}}'.encode()
    token = read_token(answer("token", body=body), base_url="https://x", credentials=CREDENTIALS)
    assert NOON + timedelta(seconds=seconds) == token.stale_from


def test_ten_threads_fetch_one_token() -> None:
    """Threads that start together share the first token."""
    script, together = Script(profiles(10)), Barrier(10)
    api = client(script)

    def ask(number: int) -> int:
        together.wait()
        return len(api.user_info(f"user{number}").records)

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(ask, range(10))) == [1] * 10
    assert script.token_requests == 1
    assert {f"Bearer {TOKEN}"} == {request.headers["Authorization"] for request in script.requests}


def test_a_token_is_renewed_before_it_dies() -> None:
    """A new token is fetched after 115 minutes and not one second earlier."""
    script, clock = Script(profiles(3)), FrozenClock(NOON)
    api = client(script, clock=clock)
    counts = []
    for seconds in (0, 6899, 1):
        clock.advance(seconds=seconds)
        api.user_info("lena")
        counts.append(script.token_requests)
    assert counts == [1, 1, 2]


def test_a_refused_token_is_replaced_and_the_request_replayed_once() -> None:
    """After a 401 the same request goes out with a new token; both are settled."""
    gate = WatchedGate()
    script = Script([document("access_token_invalid"), document("user_info")])
    page = client(script, gate=gate).user_info("lena")
    assert (len(page.records), script.token_requests) == (1, 2)
    assert gate.codes == ["access_token_invalid", "ok"]


def test_a_second_refusal_of_the_token_is_given_up() -> None:
    """A second 401 raises the error instead of a second replay."""
    script = Script([document("access_token_invalid"), document("token_named_in_message")])
    with pytest.raises(TokenInvalid):
        client(script).user_info("lena")
    assert (len(script.requests), script.token_requests) == (2, 2)


def test_threads_refused_together_fetch_one_new_token() -> None:
    """A token that another thread has replaced is not replaced again."""
    script, together = Script([], tokens=[document("token"), _token("clt.two"), _token("clt.three")]), Barrier(5)

    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/oauth/token/":
            return script(request)
        if request.headers["Authorization"] == "Bearer clt.two":
            return document("user_info")
        together.wait()  # all five have sent the old token before the first is refused
        return document("access_token_invalid")

    api = client(server)
    with ThreadPoolExecutor(5) as pool:
        pages = list(pool.map(api.user_info, [f"user{number}" for number in range(5)]))
    assert (len(pages), script.token_requests) == (5, 2)


@pytest.mark.parametrize("situation", ["oauth_invalid_client", "oauth_invalid_client_under_200"])
def test_wrong_credentials_are_reported_at_once(situation: str) -> None:
    """`invalid_client` is not tried again, whatever its HTTP status, and costs no quota."""
    script, gate = Script([], tokens=[document(situation)]), WatchedGate()
    with pytest.raises(InvalidCredentials) as caught:
        client(script, gate=gate).user_info("lena")
    assert (script.token_requests, gate.reserved) == (1, [])
    assert (caught.value.base_url, caught.value.code) == ("https://open.tiktokapis.com", "invalid_client")


def test_token_requests_that_fail_now_and_then_are_sent_again() -> None:
    """After some failures in a row, with waits on the clock, the token is fetched."""
    failures: list[Reply] = [
        document("oauth_server_error"),
        httpx.ReadTimeout("slow"),
        document("gateway_timeout_html"),
    ]
    script, clock = Script([], tokens=failures), FrozenClock(NOON)
    client(script, clock=clock).sign_in()
    assert (script.token_requests, clock.slept_s) == (4, [2, 10, 30])


def test_a_token_server_that_is_down_is_given_up_once() -> None:
    """Five failures end the search, whose window is not reported as too heavy."""
    script, clock, gate = Script([], tokens=[refused(503, "x")] * 9), FrozenClock(NOON), WatchedGate()
    with pytest.raises(ServerFailure) as caught:
        client(script, clock=clock, gate=gate).user_info("lena")
    assert (caught.value.code, script.token_requests, gate.reserved) == ("no_token", 5, [])


@pytest.mark.parametrize("situation", ["oauth_invalid_request", "oauth_unsupported_grant_type", "cut_body"])
def test_a_token_answer_that_makes_no_sense_is_an_outage(situation: str) -> None:
    """Whatever the answer is, no request can be sent without a token, so no video or day is blamed for it."""
    with pytest.raises(ServerFailure) as caught:
        client(Script([], tokens=[document(situation)] * 5)).sign_in()
    assert (caught.value.code, caught.value.rejected) == ("no_token", ())


@pytest.mark.parametrize(
    "answered",
    [
        httpx.Response(200, stream=httpx.ByteStream(f'{{"access_token": "{TOKEN}", "x": "'.encode() + b"x" * 2_000)),
        httpx.Response(200, stream=httpx.ByteStream(b"x"), headers={"Content-Encoding": "br"}),
    ],
)
def test_a_token_answer_beyond_a_limit_is_an_outage(answered: httpx.Response) -> None:
    """An answer that we do not read gives no token; nothing of it is kept, because it may contain one."""
    api = client(Script([], tokens=[answered]), limits=AnswerLimits(bytes=1_000))
    with pytest.raises(ServerFailure) as caught:
        api.sign_in()
    assert (caught.value.code, caught.value.rejected) == ("no_token", ())
    assert TOKEN not in repr(vars(caught.value.__cause__))


def test_a_token_that_cannot_be_sent_is_refused() -> None:
    """A line break in a token would raise an error that shows the token."""
    with pytest.raises(ServerFailure):
        read_token(answer("token", body=b'{"access_token": "clt.a\\nb"}'), base_url="x", credentials=CREDENTIALS)


def _token(value: str) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, "expires_in": 7200, "token_type": "Bearer"})
