"""Answers that need a real connection: slow ones, endless ones, and ones with a wrong length."""

import json
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from math import inf

import httpx
import pytest

from tt_pipeline.errors import AnswerRejected, ServerFailure, TtPipelineError
from tt_pipeline.research_api import AnswerLimits, OpenGate, Page, ResearchApi
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.hostile.server import DAY, KEY, SECRET, TOKEN, Data, HostileServer, enveloped
from tt_pipeline_tests.hostile.test_hostile_answers import NOW
from tt_pipeline_tests.research_api.server import WILD_BEES

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_TOKEN_BODY = b'{"access_token": "%s", "expires_in": 7200}' % TOKEN.encode()
_SECONDS, _BYTES = 0.6, 200_000
Talk = Callable[[socket.socket], None]


def _drip(what: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        for byte in what:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return talk


def _endless(head: bytes, chunk: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(chunk)

    return talk


def _bomb(connection: socket.socket) -> None:
    packing = zlib.compressobj(wbits=31)
    connection.sendall(_HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
    for _ in range(1_500):
        connection.sendall(packing.compress(b"\0" * 1_000_000))


def _says(what: bytes) -> Talk:
    return lambda connection: connection.sendall(what)


_CLOSE = b"Connection: close\r\n\r\n"
TALKS: dict[str, tuple[Talk, type[TtPipelineError]]] = {
    "headers byte by byte": (_drip(_HEAD + b"X: " + b"x" * 500), AnswerRejected),
    "a body byte by byte": (_drip(_HEAD + _CLOSE + b" " * 500), AnswerRejected),
    "nothing": (lambda _: time.sleep(3), AnswerRejected),
    "a body without end": (_endless(_HEAD + _CLOSE, b" " * 65_536), AnswerRejected),
    "chunks without end": (
        _endless(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1_024 + b"\r\n"),
        AnswerRejected,
    ),
    "headers without end": (_endless(_HEAD, b"X: " + b"x" * 1_024 + b"\r\n"), ServerFailure),
    "a gzip of 1.5 GB": (_bomb, AnswerRejected),
    "less than its Content-Length": (_says(_HEAD + b"Content-Length: 500\r\n\r\n{}"), ServerFailure),
    "half a chunk": (_says(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{"), ServerFailure),
    "no HTTP": (_says(b"hello\r\n\r\n"), ServerFailure),
    "a closed connection": (lambda _: None, ServerFailure),
}


@contextmanager
def served(talk: Talk) -> Iterator[tuple[str, list[int]]]:
    """A server that issues a token and then answers so; its address, and a 1 for each request."""
    requests: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer(connection: socket.socket) -> None:
            with connection:
                try:
                    received = connection.recv(65_536)
                    if b"/oauth/" in received:
                        length = b"Content-Length: %d\r\n" % len(_TOKEN_BODY)
                        connection.sendall(_HEAD + length + _CLOSE + _TOKEN_BODY)
                    else:
                        requests.append(1)
                        talk(connection)
                except OSError:
                    pass  # the client has had enough

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requests
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("name", list(TALKS))
def test_a_hostile_connection_costs_little(name: str) -> None:
    """It takes little memory and ends: after one request at a limit, after three if the connection failed."""
    talk, kind = TALKS[name]
    limits = AnswerLimits(seconds=_SECONDS, bytes=_BYTES)
    with (
        served(talk) as (base_url, requests),
        ResearchApi(
            KEY,
            SECRET,
            base_url=base_url,
            gate=OpenGate(),
            clock=FrozenClock(NOW),
            requests_per_second=inf,
            limits=limits,
        ) as api,
    ):
        api.sign_in()
        tracemalloc.start()
        with pytest.raises(TtPipelineError) as caught:
            list(api.video_pages(WILD_BEES, DAY, DAY))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    error = caught.value.__cause__ if kind is ServerFailure else caught.value
    assert (type(error), len(requests)) == (kind, 3 if kind is ServerFailure else 1), error
    assert peak < 20_000_000


def _answer(body: bytes, *, status: bytes = b"HTTP/1.1 200 OK", further: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    return status + b"\r\nContent-Type: application/json\r\n" + length + further + b"\r\n" + body


def _chunked(body: bytes, trailers: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n" + trailers + b"\r\n"


_HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
_ENDED = _answer(enveloped({"videos": [], "cursor": 100, "has_more": False}))
FRAMES: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "HTTP/1.0 without a length": (lambda body: b"HTTP/1.0 200 OK\r\n\r\n" + body, True),
    "HTTP/1.0 with a length": (lambda body: _answer(body, status=b"HTTP/1.0 200 OK"), True),
    "HTTP/0.9": (lambda body: body, False),
    "HTTP/2 in text": (lambda body: _answer(body, status=b"HTTP/2 200"), False),
    "100 and 103 before it": (lambda body: b"HTTP/1.1 100 Continue\r\n\r\n" + _HINT + _answer(body), True),
    "two thousand answers 103 before it": (lambda body: _HINT * 2_000 + _answer(body), True),
    "101": (lambda body: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + body, False),
    "trailers": (lambda body: _chunked(body, b"X: y\r\nContent-Length: 3\r\n"), True),
    "trailers of 2 MB": (lambda body: _chunked(body, b"X: y\r\n" * 300_000), False),
    "5,000 headers": (lambda body: _answer(body, further=b"".join(b"X-%d: y\r\n" % n for n in range(5_000))), True),
    "a header of 1 MB": (lambda body: _answer(body, further=b"X: " + b"y" * 1_000_000 + b"\r\n"), False),
    "two lengths": (lambda body: _answer(body, further=b"Content-Length: 3\r\n"), False),
    "an answer too many, which says that nothing follows": (lambda body: _answer(body) + _ENDED, True),
}
"""How the good body of a page is sent, and whether all pages are received."""


@contextmanager
def framed(frame: Callable[[bytes], bytes]) -> Iterator[tuple[str, list[Data]]]:
    """A server that keeps connections open and sends each good page so; its address and the requests."""
    requests: list[Data] = []
    good = HostileServer()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while received := connection.recv(65_536):
                head, _, body = received.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                path = head.split()[1].decode()
                answered = good(httpx.Request("POST", f"http://x{path}", content=body)).read()
                is_token = "oauth" in path
                requests.extend([] if is_token else [json.loads(body)])
                connection.sendall(_answer(answered) if is_token else frame(answered))
                if b"HTTP/1.0 200 OK\r\n\r\n" in frame(b""):  # its end is the end of the connection
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requests
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("name", list(FRAMES))
def test_an_odd_frame_is_read_or_refused(name: str) -> None:
    """All pages come, with one request each; or the first request fails at most three times. No answer is mixed up."""
    frame, is_read = FRAMES[name]
    limits = AnswerLimits(seconds=_SECONDS, bytes=_BYTES)
    pages: list[Page] = []
    with (
        framed(frame) as (base_url, requests),
        ResearchApi(
            KEY,
            SECRET,
            base_url=base_url,
            gate=OpenGate(),
            clock=FrozenClock(NOW),
            requests_per_second=inf,
            limits=limits,
        ) as api,
        suppress(TtPipelineError),
    ):
        pages.extend(api.video_pages(WILD_BEES, DAY, DAY))
    assert [len(page.records) for page in pages] == ([2, 2, 2] if is_read else [])
    assert len(requests) <= 3
