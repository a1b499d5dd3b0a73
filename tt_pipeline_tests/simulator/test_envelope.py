"""The envelope of every answer."""

import re

from tt_pipeline_tests.simulator.builders import session, wide_body


def test_every_answer_has_a_log_id_that_starts_with_its_second() -> None:
    """It has 34 characters, YYYYMMDDHHMMSS and hex, and is different each time."""
    at = session()
    ids = [at.query(body).json()["error"]["log_id"] for body in (wide_body(), wide_body(), {}, b"")]
    assert [bool(re.fullmatch(r"20261121060000[0-9A-F]{20}", log_id)) for log_id in ids] == [True] * 4
    assert len(set(ids)) == 4


def test_success_has_three_texts() -> None:
    """The code is ok; the message is one of three texts."""
    at = session()
    errors = [at.query(wide_body(), "id").json()["error"] for _ in range(40)]
    assert {error["code"] for error in errors} == {"ok"}
    assert {error["message"] for error in errors} == {"", "ok", "ok."}


def test_keys_have_no_fixed_order() -> None:
    """The order of keys varies in the envelope, in data and in records."""
    at = session()
    answers = [at.query(wide_body()).json() for _ in range(20)]
    assert len({tuple(answer) for answer in answers}) == 2
    assert len({tuple(answer["data"]) for answer in answers}) > 2
    assert len({tuple(sorted(v)) != tuple(v) for v in answers[0]["data"]["videos"]}) >= 1
    assert len({tuple(v)[:3] for v in answers[0]["data"]["videos"]}) > 10


def test_a_body_is_json_with_any_content_type() -> None:
    """A body of type text/plain or without a type is read as JSON."""
    at = session()
    headers = {"Authorization": f"Bearer {at.token}", "Content-Type": "text/plain"}
    answer = at.client.post(
        "/v2/research/user/info/?fields=display_name",
        headers=headers,
        content='{"username": "x"}',
    )
    assert answer.json()["error"]["message"] == "username x is invalid: cannot find the user"


def test_a_body_that_is_not_json_is_refused() -> None:
    """A trailing comma, NaN and a list instead of an object are refused too."""
    at = session()
    bodies = [b"", b'{"a": 1,}', b'{"a": NaN}', b"\xff", b"[" * 100_000, b"1" * 5_000]
    messages = [at.query(body).json()["error"]["message"] for body in bodies]
    assert messages == ["The request body is not valid JSON"] * 6
    assert at.query(b"[]").json()["error"]["message"] == "The request body must be a JSON object"
