"""Keys that nobody has described are told once."""

import logging

import pytest

from tt_pipeline_tests.research_api.server import FIRST_DAY, LAST_DAY, WILD_BEES, Script, client, document


def test_a_new_key_is_told_once_and_the_record_kept_whole() -> None:
    """Two pages with `is_ai` are told once, and the key stays in the record; a NUL stays in the body alone."""
    told: list[tuple[str, str]] = []
    script = Script(document("null_byte_and_unknown_key") for _ in range(2))
    api = client(script, on_unknown_key=lambda *found: told.append(found))
    pages = [page for _ in range(2) for page in api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY)]
    assert told == [("video_query", "is_ai")]
    assert pages[0].records == ({"id": 7703574340619688476, "username": "lena", "is_ai": True},)
    assert b"\\u0000" in pages[0].body


def test_without_a_listener_the_log_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A warning names endpoint and key, no content."""
    with caplog.at_level(logging.WARNING):
        list(client(Script([document("null_byte_and_unknown_key")])).video_pages(WILD_BEES, FIRST_DAY, LAST_DAY))
    assert caplog.messages == ["unknown key: endpoint=video_query key=is_ai"]


@pytest.mark.parametrize("situation", ["video_query_first_page", "video_query_last_page", "old_and_textual_ids"])
def test_documented_and_old_keys_are_no_news(situation: str) -> None:
    """Nothing is told about what the reference describes."""
    told: list[tuple[str, str]] = []
    api = client(Script([document(situation)]), on_unknown_key=lambda *found: told.append(found))
    next(api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY))
    assert told == []
