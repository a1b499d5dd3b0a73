"""What is kept of an answer that is larger than the limit."""

import gzip
import hashlib
from collections.abc import Iterator

import httpx
import pytest

from tt_pipeline.errors import AnswerRejected
from tt_pipeline.research_api.answer_limits import AnswerLimits
from tt_pipeline_tests.research_api.server import Script, client

LIMIT = 20_000
BODY = b'{"data": {"display_name": "Lena"}}' + hashlib.shake_256(b"no pattern").digest(100_000)


class _InPieces(httpx.SyncByteStream):
    """A body that comes in pieces of a kilobyte."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return (self._body[start : start + 1_000] for start in range(0, len(self._body), 1_000))


@pytest.mark.parametrize("body", [BODY, gzip.compress(BODY), gzip.compress(BODY) + BODY])
def test_the_beginning_is_kept_and_not_the_last_piece(body: bytes) -> None:
    """Size, checksum and head are of the body from its first byte, also where it came compressed."""
    headers = {} if body is BODY else {"Content-Encoding": "gzip"}
    answered = httpx.Response(200, stream=_InPieces(body), headers=headers)
    with pytest.raises(AnswerRejected) as caught:
        client(Script([answered]), limits=AnswerLimits(bytes=LIMIT)).user_info("lena")

    (kept,) = caught.value.rejected
    assert kept.head.startswith('{"data": {"display_name": "Lena"}}')
    assert LIMIT - 1_000 < kept.size < LIMIT + 2_000


def test_what_follows_a_compressed_body_counts() -> None:
    """Bytes after its end unpack to nothing, and still they are not read for ever."""
    body = gzip.compress(b"{}") + b"x" * 10 * LIMIT
    answered = httpx.Response(200, stream=_InPieces(body), headers={"Content-Encoding": "gzip"})
    with pytest.raises(AnswerRejected) as caught:
        client(Script([answered]), limits=AnswerLimits(bytes=LIMIT)).user_info("lena")

    assert [kept.head for kept in caught.value.rejected] == ["{}"]
