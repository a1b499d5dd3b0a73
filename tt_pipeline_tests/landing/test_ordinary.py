"""The quick decoder of the index reads an answer as the general one does, or leaves the answer to it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.landing import Envelope
from tt_pipeline.landing.envelope import _read_line
from tt_pipeline.landing.ordinary import ordinary_contents
from tt_pipeline.landing.records import _READ, _VIDEOS, contents_of, general_contents, stored_contents
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import envelope, video
from tt_pipeline_tests.landing.odd_answers import (
    ODD_KEYS,
    ODD_VALUES,
    compact,
    listed,
    odd_bodies,
    odd_pairs,
    usual_pairs,
    written,
)


def is_read_alike(page: Envelope) -> bool:
    """Whether the index stores what the general decoder reads."""
    return contents_of(page) == stored_contents(page, general_contents(page))


def is_ordinary(body: str) -> bool:
    """Whether the quick decoder reads an answer."""
    return ordinary_contents(body, _VIDEOS, _READ) is not None


@given(odd_bodies | st.text(), st.sampled_from(Dataset))
def test_any_answer_is_read_alike(body: str, dataset: Dataset) -> None:
    """Whatever a server sends, of any dataset: the index stores what the general decoder reads."""
    assert is_read_alike(envelope(body=body, dataset=dataset))


@pytest.mark.parametrize("key", [*_READ, "voice_to_text", *ODD_KEYS[3:]])
def test_an_odd_value_is_read_alike(key: str) -> None:
    """An odd value of any key: in place of the usual one, before it and after it, and in other places."""
    usual, rest = usual_pairs(), [each for each in usual_pairs() if each[0] != key]
    for value in ODD_VALUES:
        for pairs in ([*rest, (key, value)], [*usual, (key, value)], [(key, value), *usual]):
            video_list, odd_list = listed([written(usual)]), listed([written(usual), written(pairs)])
            for answer in (
                [("data", written([("videos", odd_list), ("has_more", "true")]))],
                [("data", written([("videos", written(pairs))]))],
                [("data", written([("videos", video_list), (key, value)]))],
                [("data", written([("videos", listed([written(usual), value]))]))],
                [("data", written([("videos", video_list)])), ("error", written([("log", odd_list)]))],
                [("data", written([("videos", video_list)])), ("data", written([("videos", odd_list)]))],
            ):
                assert is_read_alike(envelope(body=written(answer))), answer


@pytest.mark.parametrize("count", [16_666, 16_667, 24_999, 25_000, 49_998, 49_999, 50_001])
def test_an_answer_with_too_many_values_is_read_alike(count: int) -> None:
    """The general decoder refuses 50,000 values, however short they are."""
    short = ('{"id":7}', '{"id":7,"a":1}', '{"id":7,"a":1,"b":2}', '{"id":7,"a":",,,,"}')
    for videos in (*([record] * count for record in short), [written([("id", "7"), ("a", listed("1" * count))])]):
        assert is_read_alike(envelope(body=written([("data", written([("videos", listed(videos))]))])))


@pytest.mark.parametrize("username", ["lena", "le\0na", "l&na", "l\u00e9na", "\U0001f600"])
def test_an_ordinary_answer_is_read_quickly(username: str) -> None:
    """An odd character in a value leaves no answer to the general decoder, which takes several times as long."""
    videos = [video(number, username=username, voice_to_text='[[\n"a"') for number in range(9)]
    answer = {"data": {"videos": videos, "cursor": 9, "has_more": True}, "error": {"code": "ok", "message": ""}}

    for body in (compact(answer), json.dumps(answer, separators=(",", ":"))):
        assert (is_ordinary(body), is_read_alike(envelope(body=body))) == (True, True)


def _result(read: Callable[[bytes], Any], line: bytes) -> str:
    try:
        return repr(read(line))
    except (ValueError, RecursionError) as error:
        return f"{type(error)}: {error}"


@given(odd_pairs.map(lambda pair: written([("envelope", "1"), pair]).encode("utf-8", "surrogatepass")) | st.binary())
def test_a_line_is_read_as_json_reads_it(line: bytes) -> None:
    """Any line of a landed file is the same value, or the same error."""
    assert _result(_read_line, line) == _result(json.loads, line)


@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_an_odd_line_is_read_as_json_reads_it(value: str) -> None:
    """The values that servers should not send, in a line."""
    line = f'{{"envelope":1,"body":{value},"body":{value}}}\n'.encode("utf-8", "surrogatepass")
    assert _result(_read_line, line) == _result(json.loads, line)
