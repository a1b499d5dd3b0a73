"""Keys that the codebook does not describe are reported once."""

import logging

import pytest

from tt_pipeline_tests.research_api.server import FIRST_DAY, LAST_DAY, WILD_BEES, Script, client, document


def test_a_new_key_is_reported_once_and_kept_in_the_record() -> None:
    """Two pages with `is_ai` are one report, and the record has the key; a NUL is only in the body."""
    reported: list[tuple[str, str]] = []
    script = Script(document("null_byte_and_unknown_key") for _ in range(2))
    api = client(script, on_unknown_key=lambda *found: reported.append(found))
    pages = [page for _ in range(2) for page in api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY)]
    assert reported == [("video_query", "is_ai")]
    assert pages[0].records == ({"id": 7703574340619688476, "username": "lena", "is_ai": True},)
    assert b"\\u0000" in pages[0].body


def test_without_a_listener_the_log_has_the_key(caplog: pytest.LogCaptureFixture) -> None:
    """A warning names endpoint and key but no content."""
    with caplog.at_level(logging.WARNING):
        list(client(Script([document("null_byte_and_unknown_key")])).video_pages(WILD_BEES, FIRST_DAY, LAST_DAY))
    assert caplog.messages == ["unknown key: endpoint=video_query key=is_ai"]


@pytest.mark.parametrize("situation", ["video_query_first_page", "video_query_last_page", "old_and_textual_ids"])
def test_documented_and_old_keys_are_not_reported(situation: str) -> None:
    """Keys that the reference describes are not reported."""
    reported: list[tuple[str, str]] = []
    api = client(Script([document(situation)]), on_unknown_key=lambda *found: reported.append(found))
    next(api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY))
    assert reported == []
