"""Whatever the token endpoint answers: nothing is sent, no day is stated, no secret is kept."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tt_pipeline_tests.hostile.server import KEY, SECRET, TOKEN, Answered, HostileServer
from tt_pipeline_tests.hostile.test_hostile_answers import Dir, collect, shown_secrets


def _token(**changed: Any) -> bytes:
    return json.dumps({"access_token": TOKEN, "expires_in": 7_200, "token_type": "Bearer"} | changed).encode()


TOKENS: dict[str, Answered] = {
    "beyond the limit": _token(secret=SECRET) + b" " * 1_100_000,
    "of 900,000 characters": _token(access_token="a" * 900_000),
    "a list": _token(access_token=["x"]),
    "true": _token(access_token=True),
    "a number": _token(access_token=12_345_678),
    "absent": b"{}",
    "of two lines": _token(access_token="clt.a\nb"),
    "brotli": httpx.Response(200, stream=httpx.ByteStream(b"x"), headers={"Content-Encoding": "br"}),
}


@pytest.mark.parametrize("place", ["videos", "followers"])
@pytest.mark.parametrize("does", TOKENS)
def test_without_a_token_the_run_ends_and_no_answer_is_stated(
    place: str, does: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A day or list for which nothing was sent is as missing as before."""
    data_dir = Dir(tmp_path, HostileServer(token=lambda: TOKENS[does]))
    with data_dir.session() as session:
        stopped = collect(session, place)
        landed = list(session.zone.index.files())

    assert stopped is not None
    assert (data_dir.server.requests, landed) == ([], [])
    assert shown_secrets(tmp_path, caplog, stopped) == []
    assert KEY not in str(stopped)
