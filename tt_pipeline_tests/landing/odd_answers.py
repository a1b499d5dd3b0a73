"""Bodies of answers that no server should send, written as text because `json.dumps` would repair them."""

import json
from collections.abc import Callable, Iterable
from functools import partial

from hypothesis import strategies as st

from tt_pipeline_tests.builders import video

compact: Callable[[object], str] = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))

ODD_VALUES = (
    *("0", "-1", "7", "007", "1.0", "1e3", "1e400", "-0", "true", "false", "null", "NaN", "-Infinity", "nul", ""),
    *(f"{2**63 - 1}", f"{2**63}", f"-{2**63}", f"{2**64}", "9" * 300, "9" * 5000),
    *('"7"', '"-7"', '"007"', '"7\\u0000"', '"7 "', '"7.0"', f'"{2**63 - 1}"', f'"{2**63}"', f'"{"9" * 41}"'),
    *('""', '"lena"', '"l\u00e9na"', '"le\\u0000na"', '"\\u0000@lena"', '"@@lena"', '"a\\nb"', '"a\tb"', '"a\u2028b"'),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\ud83d\\u0000\\ude00"', '"\ud800"', '"\ufffd"'),
    *('"\\q"', '"\\u00"', '"\\\\u0000"', '"&\\u003c\\/"', '"' + "[" * 99 + '"', '"' + "x" * 200 + '"'),
    *("[]", "{}", "[[]]", "[1 , 2]", "[,]", '["lena"]', '["@lena","le\\u0000na",null,7,["x"],{"y":1},"@lena"]'),
    *('{"0":"lena"}', '{"id":1,"id":2}', '{"0":{"id":9},"1":{"id":8}}', '{"id"}'),
    *("[" * 60 + "]" * 60, "[" * 61 + "]" * 61, '{"a":' * 60 + "1" + "}" * 60, '{"a":' * 61 + "1" + "}" * 61),
    *("[[]," * 60 + "1" + "]" * 60, "[[]," * 61 + "1" + "]" * 61, "[" * 3000 + "]" * 3000),
)
"""JSON, and text that is nearly JSON."""

_LISTS = ("videos", "videos", "comments", "user_followers", "cursor")
_KEYS = ("video_id", "comment_count", "playlist_id", "video_mention_list", "voice_to_text", "hashtag_names")
ODD_KEYS = (
    *("id", "create_time", "username"),
    *("i\\u0064", "id\\u0000", "\\ud83d", "\\ud83d\\ude00", "gr\u00f6\u00dfe", "a\\/b", "", "x" * 70),
)


def written(pairs: Iterable[tuple[str, str]], *, comma: str = ",") -> str:
    """An object in JSON, from its keys and values in JSON; a key may come twice."""
    return "{" + comma.join(f'"{key}":{value}' for key, value in pairs) + "}"


def listed(values: Iterable[str]) -> str:
    """A list in JSON."""
    return f"[{','.join(values)}]"


def usual_pairs(number: int = 1) -> list[tuple[str, str]]:
    """The keys and values of a usual video."""
    return [(key, compact(value)) for key, value in video(number).items()]


_any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
).map(compact)


def _mostly(usual: st.SearchStrategy[str], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.integers(min_value=0, max_value=19).flatmap(lambda number: usual if number else odd)


odd_values = st.sampled_from(ODD_VALUES) | _any_json
odd_pairs = st.tuples(_mostly(st.sampled_from(_KEYS), st.sampled_from(ODD_KEYS)), odd_values)
_records = st.builds(
    lambda number, odd, comma: written([*usual_pairs(number), *odd], comma=comma),
    st.integers(min_value=1, max_value=9),
    st.lists(odd_pairs, max_size=4, unique_by=lambda pair: pair[0]) | st.lists(odd_pairs, max_size=2),
    _mostly(st.just(","), st.just(", ")),
)
_lists = _mostly(st.lists(_records, max_size=3).map(listed), _records | odd_values)
_parts = _mostly(st.lists(st.tuples(st.sampled_from(_LISTS), _lists), max_size=2).map(written), odd_values)
odd_bodies = st.builds(
    lambda first, others, before, after: before + written([("data", first), *others]) + after,
    _parts,
    st.lists(st.tuples(_mostly(st.just("error"), st.sampled_from(["data", "d\\u0061ta"])), _parts), max_size=1),
    _mostly(st.just(""), st.sampled_from(["\ufeff", " "])),
    _mostly(st.just(""), st.sampled_from(["\n", "}", "\0"])),
)
"""Usual videos with odd values and keys, in odd places, also twice or with odd characters around them."""
