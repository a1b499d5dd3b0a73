"""Any JSON of a server can be read, stored, sent and logged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.json_text import MOST_NESTED, MOST_VALUES, NotJson, is_plain, one_line, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.hypothesis
@given(VALUES)
def test_any_json_can_be_stored(value: object) -> None:
    """Values with half pairs, NULs or odd numbers are read as valid UTF-8 without NUL."""
    read = read_json(json.dumps(value)).value
    text = json.dumps(read, ensure_ascii=False)
    assert "\\u0000" not in text
    assert json.loads(text.encode()) == read


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "\xf0\x9f\x90"}', {"a": "\ufffd"}),
        (b'{"k\\ud800": "\\udc00\\u0000"}', {"k\ufffd": "\ufffd"}),
        (b'{"a": "\\ud83d\\udc1d"}', {"a": "\U0001f41d"}),
        (b"[NaN, Infinity, " + b"7" * 5_000 + b", 7]", [None, None, None, 7]),
        (b"[" * MOST_NESTED + b"]" * MOST_NESTED, json.loads("[" * MOST_NESTED + "]" * MOST_NESTED)),
    ],
)
def test_the_readable_values_are_read(body: bytes, value: object) -> None:
    """A fault in one value costs only that value."""
    assert read_json(body).value == value


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{'a': 1}", b'{"a": 1', b"[" * 65 + b"]" * 65, b"[" * 100_000, b"\xff\xfe["]
)
def test_a_text_that_is_not_json_raises_one_error(body: bytes) -> None:
    """It raises one error, however deep or broken the text is."""
    with pytest.raises(NotJson):
        read_json(body)


def test_a_text_for_the_log_is_one_short_line() -> None:
    """Line breaks, control characters and half pairs cannot forge a line or break the log's encoding."""
    assert one_line("a\r\nERROR b\x1b[2J\u2028\ud800", longest=100) == "a ERROR b [2J \ufffd"
    assert one_line("x" * 500, longest=10) == "x" * 9 + "…"
    assert one_line({"a": 1}, longest=100) == "{'a': 1}"


@pytest.mark.parametrize("text", ["", "x" * 11, "a\nb", "\ufffd", "a\0"])
def test_an_id_that_cannot_be_sent_back_is_not_plain(text: str) -> None:
    """It is too long, empty, of several lines or damaged."""
    assert not is_plain(text, longest=10)
    assert is_plain("7704563166", longest=10)


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "id": 2}',
        '{"id": 1, "\\u0069d": null}',
        '{"id": 1, "id\\u0000": 2}',
        '{"id": 1, "id": "\\ud800"}',
    ],
)
def test_of_a_key_that_comes_twice_the_first_counts(text: str) -> None:
    """As in DuckDB, which reads the same page: otherwise one id is requested and another one is loaded."""
    assert read_json(text).value["id"] == 1


@pytest.mark.parametrize("many", ["1", "[]", "{}", '""'])
def test_a_text_with_more_values_than_any_answer_is_not_read(many: str) -> None:
    """Two bytes of text can become sixty of memory: two million values of 4 MB took 1.3 GB in all."""
    with pytest.raises(NotJson, match="values"):
        read_json("[" + ",".join([many] * (MOST_VALUES + 1)) + "]")


@pytest.mark.parametrize("word", [",", '\\",', "\\\\"])
def test_commas_in_words_are_no_values(word: str) -> None:
    """A transcript may have any number of them."""
    text = '["' + word * (MOST_VALUES + 1) + '"]'
    assert len(read_json(text).value) == 1


def test_words_without_an_end_cost_no_time() -> None:
    """A beginning in each of a million places."""
    with pytest.raises(NotJson):
        read_json('["' + '\\",' * 1_000_000)
