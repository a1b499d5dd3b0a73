"""The table: what the server answers, and the required result."""

import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tt_pipeline_tests.hostile.server import PAGED, PAGES, PLACES, SECRET, TOKEN, Answered, Data, enveloped

Answer = Callable[[Data, int], Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to answer.

    Attributes:
        place: The requests that get this answer.
        does: What the server does, in words.
        is_complete: Whether the answers really say that everything was returned.
        rows: The number of good records to load.
        requests: The maximum number of requests.
        ends_run: Whether the run must end at once, because the answer is not the API's.
    """

    place: str
    does: str
    answer: Answer
    is_complete: bool
    rows: int
    requests: int
    ends_run: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.does}"


_ABSENT = object()
_RECORDS: Final = {name: len(place.records) for name, place in PLACES.items()}


def with_keys(**keys: Any) -> Answer:
    """Replace keys of `data` on every page; `_ABSENT` removes one."""

    def answer(data: Data, _: int) -> Data:
        changed = data | keys
        return {key: value for key, value in changed.items() if value is not _ABSENT}

    return answer


def on_page(number: int, answer: Answer) -> Answer:
    """Apply the change to one page only."""
    return lambda data, page: answer(data, page) if page == number else data


def with_record(change: Callable[[Data], Any]) -> Answer:
    """Change the first record of every page."""

    def answer(data: Data, _: int) -> Data:
        for key, value in data.items():
            if isinstance(value, list) and value:
                return data | {key: [change(value[0]) if isinstance(value[0], dict) else value[0], *value[1:]]}
        return change(data) if "display_name" in data else data

    return answer


def raw(body: bytes, status: int = 200, *, headers: dict[str, str] | None = None) -> Answer:
    """Always the same bytes."""
    return lambda _data, _page: httpx.Response(status, stream=httpx.ByteStream(body), headers=headers or {})


def refusal(status: int, code: str, message: str = "") -> Answer:
    """An error of the API."""
    return raw(json.dumps({"data": {}, "error": {"code": code, "message": message, "log_id": "L9"}}).encode(), status)


def _with_log_id(value: Any) -> Answer:
    return lambda data, _: enveloped(data, log_id=value)


def _with_key(name: str) -> Callable[[Data], Data]:
    return lambda record: record | {name: 1}


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in text)


def bytes_of(change: Callable[[bytes], bytes]) -> Answer:
    """The good body with changed bytes."""
    return lambda data, _: change(enveloped(data))


_BEGUN: Final = f'{{"data": "{TOKEN} {SECRET} '.encode()
_BOMB: Final = gzip.compress(_BEGUN + b"x" * 20_000_000, compresslevel=1)
HAS_MORE: Final[dict[str, Any]] = {
    "absent": _ABSENT,
    "null": None,
    "1": 1,
    "0": 0,
    "1.0": 1.0,
    "text 1": "1",
    "yes": "yes",
    "True": "True",
    "empty text": "",
    "[true]": [True],
    "{}": {},
}
LIST: Final[dict[str, Any]] = {"absent": _ABSENT, "null": None, "text": "none", "a number": 7, "true": True}
CURSOR: Final[dict[str, Any]] = {
    "absent": _ABSENT,
    "null": None,
    "2**63+5": 2**63 + 5,
    "-1": -1,
    "true": True,
    "[1]": [1],
    "a word": "next",
    "half": 0.5,
    "far beyond": 500_000_000,
    "5,000 digits": "9" * 5_000,
}
LOG_ID: Final[dict[str, Any]] = {
    "half a pair": "L\ud800",
    "a newline": "a\nERROR forged",
    "a list": ["L"],
    "an object": {"a": 1},
    "long": "L" * 100_000,
    "NUL": "L\0",
    "2**70": 2**70,
}
SEARCH_ID: Final[dict[str, Any]] = {
    "half a pair": "77\udc00",
    "long": "7" * 100_000,
    "a list": [7],
    "true": True,
    "a newline": "7\n7",
}
ITEMS: Final[dict[str, Any]] = {
    "null": None,
    "5": 5.5,
    "text": "x",
    "a list": [1],
    "an empty object": {},
    "an object without id": {"a": 1},
}
BODIES: Final[dict[str, bytes]] = {
    "nothing": b"",
    "half a body": b'{"data": {"videos": [{"id": 1',
    "words": b"hello",
    "UTF-16": '{"data": {}}'.encode("utf-16"),
    "100,000 brackets": b"[" * 100_000,
    "a NUL": b"\0",
    "a number of 5,000 digits and a letter": b"7" * 5_000 + b"x",
}
JSON_BODIES: Final[dict[str, bytes]] = {
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "a text": b'"videos"',
    "an empty object": b"{}",
    "data null": b'{"data": null, "error": {"code": "ok"}}',
    "data a list": b'{"data": [1], "error": {"code": "ok"}}',
    "no data": b'{"error": {"code": "ok", "log_id": "L"}}',
    "error a list": b'{"error": ["ok"]}',
    "error a number": b'{"error": 7, "data": 7}',
}
UNKNOWN_REFUSALS: Final = {
    "400 of unknown words": refusal(400, "invalid_params", "The moon is full"),
    "400 of an unknown code": refusal(400, "moon_phase", "?"),
    "404 of an unknown code": refusal(404, "gone_fishing"),
    "410": refusal(410, "gone"),
    "403 of an unknown code": refusal(403, "no"),
}
KNOWN_REFUSALS: Final = {
    "403 permission_denied": refusal(403, "permission_denied", "may not be disclosed"),
    "403": refusal(403, "invalid_params", "?"),
    "404": refusal(404, "invalid_params", "?"),
    "400 in words": refusal(400, "invalid_params", "It cannot be found"),
    "400 private": refusal(400, "invalid_params", "The account is private"),
    "404 by code": refusal(404, "not_found"),
}


def modes() -> Iterator[Mode]:
    """Every mode."""
    yield from _ends()
    yield from _lists()
    yield from _values()
    yield from _bodies()
    yield from _refusals()


def _circle(place: str) -> Answer:
    """Page 1, 2, 3, 1, 2, 3 and so on, each with a cursor that goes on."""
    kind, asked = PLACES[place], itertools.count()

    def answer(data: Data, _: int) -> Data:
        number = next(asked)
        first = 2 * (number % PAGES)
        cursor = kind.cursors[0] - 100 * number if kind.cursors[0] > kind.cursors[1] else 100 * number + 100
        return data | {kind.list_key: kind.records[first : first + 2], "cursor": cursor, "has_more": True}

    return answer


def _ends() -> Iterator[Mode]:
    for place in PAGED:
        for name, value in HAS_MORE.items():
            yield Mode(
                place=place,
                does=f"has_more {name} on every page",
                answer=with_keys(has_more=value),
                is_complete=False,
                rows=6,
                requests=PAGES + 1,
            )
        yield Mode(
            place=place,
            does="has_more absent on the last page",
            answer=on_page(PAGES, with_keys(has_more=_ABSENT)),
            is_complete=True,
            rows=6,
            requests=PAGES + 1,
        )
        yield Mode(
            place=place,
            does="has_more true for ever",
            answer=with_keys(has_more=True),
            is_complete=False,
            rows=6,
            requests=PAGES + 3,
        )
        yield Mode(
            place=place,
            does="the same pages in a circle",
            answer=_circle(place),
            is_complete=False,
            rows=6,
            requests=PAGES + 3,
        )
        for name, value in CURSOR.items():
            if name == "far beyond" and place in {"followers", "following", "liked", "reposted"}:
                continue  # no position, so any number may be right
            yield Mode(
                place=place,
                does=f"cursor {name} and has_more",
                answer=with_keys(cursor=value, has_more=True),
                is_complete=False,
                rows=2,
                requests=3,
            )
            yield Mode(
                place=place,
                does=f"cursor {name}, has_more unknown",
                answer=with_keys(cursor=value, has_more=_ABSENT),
                is_complete=False,
                rows=2,
                requests=3,
            )
        yield Mode(
            place=place,
            does="cursor as a float",
            answer=lambda data, _: data | {"cursor": float(data["cursor"])},
            is_complete=True,
            rows=6,
            requests=PAGES,
        )
        yield Mode(
            place=place,
            does="cursor as text",
            answer=lambda data, _: data | {"cursor": str(data["cursor"])},
            is_complete=True,
            rows=6,
            requests=PAGES,
        )


def _lists() -> Iterator[Mode]:
    for place in PAGED:
        key = PLACES[place].list_key
        for name, value in LIST.items():
            yield Mode(
                place=place,
                does=f"list {name} on every page",
                answer=with_keys(**{key: value}),
                is_complete=False,
                rows=0,
                requests=3,
            )
            yield Mode(
                place=place,
                does=f"list {name} on page 2",
                answer=on_page(2, with_keys(**{key: value})),
                is_complete=False,
                rows=2,
                requests=3,
            )

        def renamed(data: Data, _: int, key: str = key) -> Data:
            return {f"{name}_v2" if name == key else name: value for name, value in data.items()}

        yield Mode(place=place, does="list renamed", answer=renamed, is_complete=False, rows=0, requests=3)
        if place == "playlists":
            continue
        for name, item in ITEMS.items():

            def with_item(data: Data, _: int, key: str = key, item: Any = item) -> Data:
                return data | {key: [item, *data[key]]}

            yield Mode(
                place=place, does=f"an item that is {name}", answer=with_item, is_complete=False, rows=6, requests=PAGES
            )

        def as_object(data: Data, _: int, key: str = key) -> Data:
            return data | {key: {str(number): record for number, record in enumerate(data[key])}}

        yield Mode(place=place, does="list as an object", answer=as_object, is_complete=True, rows=6, requests=PAGES)


def _with_status(status: int, **keys: Any) -> Answer:
    """An answer that calls itself good under a status of an error; `keys` replace keys of `data`."""
    return lambda data, _: httpx.Response(status, stream=httpx.ByteStream(enveloped(data | keys)))


def _values() -> Iterator[Mode]:
    for place in PLACES:
        rows, requests = _RECORDS[place], PAGES if place in PAGED else 1
        good: dict[str, Any] = {"place": place, "is_complete": True, "rows": rows, "requests": requests}
        for status in (400, 401, 403, 429, 500, 503):
            yield Mode(does=f"code ok and records under {status}", answer=_with_status(status), **good)
        for name, value in LOG_ID.items():
            yield Mode(does=f"log_id {name}", answer=_with_log_id(value), **good)
        if place != "playlists":
            for name in ("k\ud800", "k\0", "k" * 10_000, "", "k\nk"):
                yield Mode(does=f"a key {name[:9]!a}", answer=with_record(_with_key(name)), **good)
        yield Mode(does="a byte order mark", answer=bytes_of(lambda body: b"\xef\xbb\xbf" + body), **good)
        yield Mode(does="blanks around", answer=bytes_of(lambda body: b" \r\n" + body + b"\n\n"), **good)
        yield Mode(
            does="gzip",
            answer=lambda data, _: httpx.Response(
                200, stream=httpx.ByteStream(gzip.compress(enveloped(data))), headers={"Content-Encoding": "gzip"}
            ),
            **good,
        )
        yield Mode(
            does="half an emoji",
            answer=bytes_of(lambda body: body.replace(b'"data"', b'"x": "\xf0\x9f\x90", "data"', 1)),
            **good,
        )
        yield Mode(
            does="token and secret in the log_id",
            answer=lambda data, _: enveloped(data, log_id=f"{TOKEN} {SECRET}"),
            **good,
        )
        yield Mode(
            does="token and secret in escapes in the log_id",
            answer=bytes_of(lambda body: body.replace(b'"L1"', f'"{_escaped(TOKEN)} {_escaped(SECRET)}"'.encode())),
            **good,
        )
        yield Mode(
            does="an unknown key of 200,000 characters", answer=lambda data, _: data | {"note": "x" * 200_000}, **good
        )
        yield Mode(
            does="NaN and Infinity",
            answer=bytes_of(lambda body: body.replace(b'{"data"', b'{"x": [NaN, -Infinity, 1e999], "data"', 1)),
            **good,
        )
        yield Mode(
            does="an integer of 5,000 digits",
            answer=bytes_of(lambda body: body.replace(b'{"data"', b'{"x": ' + b"7" * 5_000 + b', "data"', 1)),
            **good,
        )
    for name, value in SEARCH_ID.items():
        yield Mode(
            place="videos",
            does=f"search_id {name}",
            answer=with_keys(search_id=value),
            is_complete=False,
            rows=2,
            requests=4,
        )


def _bodies() -> Iterator[Mode]:
    for place in PLACES:
        bad: dict[str, Any] = {"place": place, "is_complete": False, "rows": 0, "requests": 3}
        if key := PLACES[place].list_key:
            for status in (400, 403, 429, 503):
                empty = _with_status(status, **{key: [], "has_more": False})
                yield Mode(does=f"code ok and an empty list under {status}", answer=empty, **bad)
        for name, body in BODIES.items():
            yield Mode(does=f"a body of {name}", answer=raw(body), **bad)
        for name, body in JSON_BODIES.items():
            yield Mode(does=f"JSON that is {name}", answer=raw(body), **bad)
        yield Mode(
            does="65 lists inside one another",
            answer=lambda data, _: enveloped(data | {"x": json.loads("[" * 65 + "]" * 65)}),
            **bad,
        )
        echoed = f"{TOKEN} {SECRET} {_escaped(TOKEN)}".encode()
        yield Mode(does="token and secret in a body beyond the limit", answer=raw(echoed + b"x" * 2_000_000), **bad)
        yield Mode(
            does="token and secret in escapes under 200",
            answer=raw(f'{{"error": {{"code": "{_escaped(TOKEN)}", "message": "{_escaped(SECRET)}"}}}}'.encode()),
            **bad,
        )
        yield Mode(
            does="a redirect to an address with token and secret",
            answer=raw(b"", 307, headers={"Location": f"https://login.example/?{TOKEN}&{SECRET}"}),
            ends_run=True,
            **bad | {"requests": 1},
        )
        yield Mode(
            does="a page titled with token and secret",
            answer=raw(f"<html><title>{TOKEN} {SECRET}</title></html>".encode()),
            ends_run=True,
            **bad | {"requests": 1},
        )
        yield Mode(does="a body beyond the limit", answer=raw(_BEGUN + b"x" * 2_000_000), **bad)
        yield Mode(
            does="gzip that unpacks beyond the limit",
            answer=raw(_BOMB, headers={"Content-Encoding": "gzip"}),
            **bad,
        )
        yield Mode(
            does="half a gzip",
            answer=raw(gzip.compress(b'{"data": {}}' * 50)[:-9], headers={"Content-Encoding": "gzip"}),
            **bad,
        )
        yield Mode(does="no gzip at all", answer=raw(b'{"data": {}}', headers={"Content-Encoding": "gzip"}), **bad)
        yield Mode(does="brotli", answer=raw(b"\x0b\x02", headers={"Content-Encoding": "br"}), **bad)
        yield Mode(does="zstd", answer=raw(b"\x28\xb5\x2f\xfd", headers={"Content-Encoding": "zstd"}), **bad)
        yield Mode(
            does="gzip in gzip",
            answer=raw(gzip.compress(gzip.compress(b"{}")), headers={"Content-Encoding": "gzip, gzip"}),
            **bad,
        )
        yield Mode(does="a broken connection", answer=lambda *_: httpx.ReadError("reset"), **bad)
        yield Mode(does="500 for ever", answer=refusal(500, "internal_error"), **bad)
        yield Mode(does="an error of the server under 200", answer=refusal(200, "internal_error"), **bad)
        yield Mode(does="an unknown error under 200", answer=refusal(200, "full_moon"), **bad)
        yield Mode(does="204", answer=raw(b"", 204), **bad)
        yield Mode(does="a status that no standard has", answer=refusal(520, "internal_error"), **bad)
        yield Mode(does="418", answer=raw(b"{}", 418), **bad)
        portal = b"<!DOCTYPE html><html><head><title>Log in\nto the guest network</title></head></html>"
        yield Mode(does="a captive portal", answer=raw(portal), ends_run=True, **bad | {"requests": 1})
        yield Mode(
            does="a captive portal with a byte order mark",
            answer=raw(b"\xef\xbb\xbf  " + portal),
            ends_run=True,
            **bad | {"requests": 1},
        )
        yield Mode(
            does="a redirect",
            answer=raw(b"", 302, headers={"Location": "https://login.example/"}),
            ends_run=True,
            **bad | {"requests": 1},
        )
        yield Mode(
            does="a page that forbids",
            answer=raw(b"<html>Forbidden</html>", 403),
            ends_run=True,
            **bad | {"requests": 1},
        )


def _refusals() -> Iterator[Mode]:
    for place in PLACES:
        if place == "videos":
            continue
        yield Mode(
            place=place,
            does="invalid_params under a status that no standard has",
            answer=refusal(499, "invalid_params", "?"),
            is_complete=False,
            rows=0,
            requests=1,
        )
        for name, answer in {**KNOWN_REFUSALS, **UNKNOWN_REFUSALS}.items():
            is_end = place == "replies" and name in KNOWN_REFUSALS  # a comment that is gone has no replies to return
            yield Mode(place=place, does=f"refused by {name}", answer=answer, is_complete=is_end, rows=0, requests=1)
