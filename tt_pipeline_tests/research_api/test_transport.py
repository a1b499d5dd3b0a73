"""The transport over a real socket of this machine."""

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tt_pipeline.errors import ServerUnreachable
from tt_pipeline.research_api import ResearchApi
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.research_api.server import KEY, NOON, SECRET, document


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer with the token, or with a profile."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = document("token" if "oauth" in self.path else "user_info").content
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
        """Log nothing."""


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server on a free port of the loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_loopback_is_reached_without_the_proxy(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator on this machine is reached for any value of HTTP_PROXY."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with ResearchApi(KEY, SECRET, base_url=f"{base_url}/", clock=FrozenClock(NOON)) as api:
        (record,) = api.user_info("garten.mit.lena").records
    assert (record["username"], record["likes_count"]) == ("garten.mit.lena", 3304551002)


def test_a_port_where_nobody_listens_is_named() -> None:
    """The message has the base URL and the remedy."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        ResearchApi(KEY, SECRET, base_url=f"http://127.0.0.1:{port}") as api,
        pytest.raises(ServerUnreachable, match=rf"No server answers at http://127\.0\.0\.1:{port} .*tt simulate"),
    ):
        api.sign_in()
