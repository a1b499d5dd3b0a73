"""Limits on one answer: how long it may take and how large it may be.

An answer that exceeds a limit costs one request, little memory, and no more time than `seconds`.
"""

import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpcore
import httpx

from tt_pipeline.codebook.limits import ANSWER_SECONDS, MAX_ANSWER_BYTES

ONLY_GZIP: Final = {"Accept-Encoding": "gzip"}
"""Header of a request; other compressions can grow a thousandfold in one step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """What one answer may cost.

    Attributes:
        seconds: From sending the request to the last byte of the answer; waiting for a connection included.
        bytes: Size of the body, both as sent and decompressed.
    """

    seconds: float = ANSWER_SECONDS
    bytes: int = MAX_ANSWER_BYTES


class AnswerTooLarge(Exception):
    """A body that exceeds the limit.

    Attributes:
        begun: The beginning of the body, decompressed, as far as it was read: at most twice the limit.
    """

    def __init__(self, begun: bytes) -> None:
        self.begun = begun
        super().__init__(f"more than {len(begun):,} bytes")


class UnknownEncoding(Exception):
    """A compression that was not requested; decompressing it could take any amount of memory."""


def body_within(response: httpx.Response, most: int, deadlines: "Deadlines") -> bytes:
    """The body of a streamed response, decompressed.

    Raises:
        AnswerTooLarge: It exceeds the limit.
        UnknownEncoding: It is neither plain nor gzip.
        httpx.RequestError: The connection broke, the time is over, or the body cannot be decompressed.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    match encoding:
        case "" | "identity":
            chunks: Iterable[bytes] = response.iter_bytes()
        case "gzip" | "x-gzip" | "deflate":
            chunks = _unpacked(response, most)
        case _:
            raise UnknownEncoding(f"it is compressed as {encoding[:40]}, which was not requested")
    body = bytearray()
    for chunk in chunks:
        if deadlines.is_over():
            raise httpx.ReadTimeout("the answer takes too long")
        body += chunk
        if len(body) > most or response.num_bytes_downloaded > most:
            raise AnswerTooLarge(bytes(body))
    return bytes(body)


def _unpacked(response: httpx.Response, most: int) -> Iterator[bytes]:
    """The decompressed body in pieces of at most a little more than the limit."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        for chunk in response.iter_raw():
            yield unpacking.decompress(chunk, most + 1)  # longer output exceeds the limit, and no more is read
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error
    if response.num_bytes_downloaded and (not unpacking.eof or unpacking.unused_data):
        raise httpx.DecodingError("its compressed body is cut off, or something follows it")


class Deadlines:
    """Ends every read and write of a client when the time of the request is over; each thread has its own.

    httpx limits the time of each single read, so an answer that comes byte by byte would never end.
    """

    def __init__(self) -> None:
        self._of_thread = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit what this thread sends and reads."""
        self._of_thread.ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._of_thread.ends = None

    def is_over(self) -> bool:
        """Whether the time of this thread's request is over."""
        ends: float | None = getattr(self._of_thread, "ends", None)
        return ends is not None and time.monotonic() >= ends

    def left(self, timeout: float | None) -> float | None:
        """The time that one read or write may take.

        Raises:
            httpcore.ReadTimeout: No time is left.
        """
        ends: float | None = getattr(self._of_thread, "ends", None)
        if ends is None:
            return timeout
        left = ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer takes too long")
        return left if timeout is None else min(timeout, left)

    def watch(self, client: httpx.Client) -> None:
        """Watch every connection that the client opens, through proxies too."""
        # httpx has no public way to replace the network below its own handling of proxies and certificates.
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
            if isinstance(transport, httpx.HTTPTransport):
                pool = transport._pool  # noqa: SLF001
                pool._network_backend = _WatchedBackend(pool._network_backend, self)  # noqa: SLF001


class _WatchedBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, deadlines: Deadlines) -> None:
        self._inner, self._deadlines = inner, deadlines

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._deadlines.left(timeout)
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _WatchedStream(stream, self._deadlines)


class _WatchedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadlines: Deadlines) -> None:
        self._inner, self._deadlines = inner, deadlines

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadlines.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadlines.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, self._deadlines.left(timeout))
        return _WatchedStream(stream, self._deadlines)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
