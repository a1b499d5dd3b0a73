"""The message of an answer that was not read to its end names what helps against its cause."""

import pytest

from tt_pipeline.errors import AnswerRejected

_KEPT = "A collection keeps its beginning in ops.quarantine."


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("the answer took longer than TT_ANSWER_SECONDS=60", "If it is a real answer, raise the limit."),
        ("the answer is larger than TT_MAX_ANSWER_BYTES=65536", "If it is a real answer, raise the limit."),
        (
            "it is compressed as br, which was not requested",
            "Something between here and the server compresses answers: check the proxy and TT_API_BASE_URL.",
        ),
    ],
)
def test_each_cause_has_its_remedy(reason: str, remedy: str) -> None:
    """A limit can be raised, a compression cannot; only collections keep what came."""
    error = AnswerRejected("video query", status=200, code="rejected", message=reason)
    assert str(error) == f"video query: HTTP 200 rejected: {reason}. {_KEPT} {remedy}"
