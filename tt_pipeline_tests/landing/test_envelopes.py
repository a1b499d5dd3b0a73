"""A landed line has the answer byte for byte and a text that every reader can use."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tt_pipeline.landing.envelope import VERSION, Envelope, NotALandedPage, text_and_base64
from tt_pipeline_tests.builders import envelope


def fields(line: bytes) -> dict[str, Any]:
    """The keys of a written line."""
    loaded: dict[str, Any] = json.loads(line)
    return loaded


@pytest.mark.parametrize("body", [b'{"a": "\xf0\x9f\x90"}', b'\xef\xbb\xbf{"a": 1}', b"\xff\x00\xfe"])
def test_a_body_that_is_not_utf_8_is_kept_byte_for_byte(body: bytes) -> None:
    """The line also has the text with U+FFFD; the checksum is that of the bytes."""
    text, base64 = text_and_base64(body)
    landed = Envelope.read(replace(envelope(), body=text, body_base64=base64).line())
    assert landed.raw_body == body
    assert "\ufeff" not in landed.body


def test_a_page_that_needs_nothing_new_is_a_line_of_version_1() -> None:
    """An earlier version of tt_pipeline can read it; only lines with newer fields have a later version."""
    assert fields(envelope().line())["envelope"] == 1
    assert fields(replace(envelope(), scrubbed=2).line())["envelope"] == VERSION
    assert Envelope.read(replace(envelope(), scrubbed=2).line()).scrubbed == 2


@pytest.mark.parametrize(
    ("version", "later"), [(VERSION + 1, VERSION + 1), (0, None), (True, None), ("1", None), (None, None)]
)
def test_a_line_of_another_version_is_not_a_page(version: object, later: int | None) -> None:
    """A line of a later version is not reported as damaged."""
    line = json.dumps(fields(envelope().line()) | {"envelope": version}).encode()
    with pytest.raises(NotALandedPage) as caught:
        Envelope.read(line)
    assert caught.value.later_version == later


@pytest.mark.parametrize("key", ["body", "sha256", "body_base64"])
def test_a_changed_body_is_noticed(key: str) -> None:
    """A line is damaged if its text, checksum or base64 was changed."""
    text, base64 = text_and_base64(b"\xff")
    line = replace(envelope(), body=text, body_base64=base64).line()
    changed = fields(line) | {key: "AAAA"}
    if key == "body":  # the base64 is what came; a text beside it that says otherwise is not believed
        changed.pop("body_base64")
    with pytest.raises(NotALandedPage):
        Envelope.read(json.dumps(changed).encode())
