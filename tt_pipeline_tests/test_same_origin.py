"""Requests that a page of another site made a browser send are refused by a server without a login."""

import asyncio
from typing import Any

import pytest

from tt_pipeline.same_origin import SameOrigin, refusal

OWN = {"host": "127.0.0.1:3000"}
PAGE = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def scope(
    headers: dict[str, str] | list[tuple[str, str]], *, method: str = "POST", path: str = "/graphql", query: str = ""
) -> dict[str, Any]:
    """A request as the server passes it to the application."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }


def is_refused(headers: dict[str, str] | list[tuple[str, str]], *, hosts: tuple[str, ...] = (), **rest: str) -> bool:
    """Whether a request with these headers is refused."""
    return refusal(scope(headers, **rest), hosts) is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:3000", "localhost:80", "LOCALHOST", "[::1]:3000"])
def test_names_of_this_machine_are_served(host: str) -> None:
    """They are served with any port, and in capitals."""
    assert not is_refused({"host": host})


@pytest.mark.parametrize(
    "host",
    [
        *("evil.test", "evil.test:3000", "127.0.0.1.evil.test", "localhost.evil.test", "evil.test@127.0.0.1", ""),
        *("127.0.0.1:3000:3000", "localhost/", "::1", "127.0.0.1 evil.test", "0.0.0.0:3000", "ui.example.org"),
    ],
)
def test_other_names_of_this_machine_are_refused(host: str) -> None:
    """After DNS rebinding a page of another site sends its own host name."""
    assert is_refused({"host": host})
    assert is_refused({"host": host}, method="GET", path="/")


def test_a_request_without_a_host_or_with_two_is_refused() -> None:
    """The address to which it was sent is unknown."""
    assert is_refused({})
    assert is_refused([("host", "127.0.0.1"), ("host", "evil.test")])


@pytest.mark.parametrize("origin", ["http://127.0.0.1:3000", "HTTP://127.0.0.1:3000", "https://127.0.0.1:3000"])
def test_the_own_pages_are_served(origin: str) -> None:
    """Their origin is the address of the server; a proxy may have added the encryption."""
    assert not is_refused(OWN | {"origin": origin, "sec-fetch-site": "same-origin"})


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "http://evil.test", "http://127.0.0.1", "http://127.0.0.1:3001", "http://localhost:3000"),
        *("file://127.0.0.1:3000", "http://127.0.0.1:3000.evil.test", "http://127.0.0.1:3000/", "127.0.0.1:3000"),
        "chrome-extension://127.0.0.1:3000",
    ],
)
def test_pages_of_other_origins_are_refused(origin: str) -> None:
    """Another port of this machine is another site, perhaps of another user's program."""
    assert is_refused(OWN | {"origin": origin})
    assert is_refused(OWN | {"origin": origin}, method="GET", path="/")


def test_two_origins_are_refused() -> None:
    """One of them is wrong."""
    assert is_refused([("host", "127.0.0.1"), ("origin", "http://127.0.0.1"), ("origin", "http://evil.test")])


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_images_frames_and_scripts_of_another_site_are_refused(site: str) -> None:
    """They have no origin; the browser sends the site that embeds them."""
    sent = OWN | {"sec-fetch-site": site}
    assert is_refused(sent, method="GET", path="/")
    assert is_refused(sent | {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, method="GET", path="/logs/1")
    assert is_refused(sent | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, method="GET", path="/")
    assert is_refused(sent | PAGE)


def test_a_link_from_another_site_opens_a_page() -> None:
    """It only shows the UI to the person who followed the link."""
    assert not is_refused(OWN | PAGE | {"sec-fetch-site": "cross-site"}, method="GET", path="/runs")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/prefix/graphql"])
def test_a_query_in_an_address_is_refused(method: str, path: str) -> None:
    """A link or an image could start a backfill, which spends quota."""
    assert is_refused(OWN, method=method, path=path, query="query=mutation{x}")
    assert is_refused(OWN | PAGE | {"sec-fetch-site": "none"}, method=method, path=path, query="%71uery=mutation{x}")
    assert not is_refused(OWN, method=method, path=path)
    assert not is_refused(OWN, method=method, path="/runs", query="q=status%3AFAILURE")


def test_hosts_of_a_reverse_proxy_are_served() -> None:
    """The proxy may pass its own name or the host's."""
    hosts = ("ui.example.org",)
    page = {"origin": "https://ui.example.org", "sec-fetch-site": "same-origin"}
    assert not is_refused(page | {"host": "ui.example.org"}, hosts=hosts)
    assert not is_refused(page | OWN, hosts=hosts)
    assert is_refused(OWN | {"origin": "https://other.example.org"}, hosts=hosts)
    assert is_refused(OWN | {"origin": "http://localhost:8000"}, hosts=("localhost",))


def answered(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer of the guarded application; the application itself answers `reached`."""
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "reached"})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(SameOrigin(app)(request, receive, send))
    return sent


def test_a_refused_request_gets_a_sentence_and_reaches_nothing() -> None:
    """The answer is status 403 with the reason."""
    start, body = answered(scope({"host": "evil.test"}))
    assert (start["type"], start["status"]) == ("http.response.start", 403)
    expected = b"Refused: evil.test is not a name of this server; if it should be, add it to TT_UI_HOSTS.\n"
    assert body["body"] == expected


def test_a_refused_websocket_is_closed_before_it_opens() -> None:
    """Subscriptions of the UI use websockets, which browsers open for pages of any site."""
    foreign = scope(OWN | {"origin": "http://evil.test"}) | {"type": "websocket"}
    assert [message["type"] for message in answered(foreign)] == ["websocket.close"]


def test_other_requests_reach_the_application() -> None:
    """These are requests, websockets, and the messages of the server itself."""
    own = scope(OWN | {"origin": "http://127.0.0.1:3000"})
    for request in (own, own | {"type": "websocket"}, {"type": "lifespan"}):
        assert answered(request) == [{"type": "reached"}]
