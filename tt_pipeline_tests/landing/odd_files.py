"""Files that people, programs and broken disks leave in a landing folder."""

import json
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import zstandard

from tt_pipeline.landing import window_load_id
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video, video_body

Put = Callable[[Path], object]
"""Puts something into a landing folder."""


def load_named(number: int) -> str:
    """A window of a search that no test collects."""
    return window_load_id(f"odd{number}", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)


def file(name: str | bytes, content: bytes = b"hello\n") -> Put:
    """A file with any name, also one that is not UTF-8."""

    def put(landing: Path) -> None:
        path = os.path.join(os.fsencode(landing), os.fsencode(name))  # noqa: PTH118 — bytes
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as target:  # noqa: PTH123
            target.write(content)

    return put


def folder(name: str) -> Put:
    """A folder with the name of a landed file."""
    return lambda landing: (landing / name).mkdir(parents=True)


def link(name: str, to: str) -> Put:
    """A link, also one whose target is missing."""

    def put(landing: Path) -> None:
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).symlink_to(to)

    return put


def pipe(name: str) -> Put:
    """A named pipe; opening it waits for ever."""

    def put(landing: Path) -> None:
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(landing / name)

    return put


def listener(name: str) -> Put:
    """A socket, made by a short path because the path of a socket may have 108 bytes."""

    def put(landing: Path) -> None:
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as server, tempfile.TemporaryDirectory() as short:
            server.bind(f"{short}/s")
            Path(short, "s").rename(landing / name)

    return put


def page(number: int = 0, **changed: Any) -> bytes:
    """A landed line with changed fields and the sha256 of its body."""
    whole = envelope(video(number + 1), search=f"odd{number}")
    if "body" in changed:
        whole = replace(whole, body=changed.pop("body"))
    return json.dumps(json.loads(whole.line()) | changed).encode() + b"\n"


def without(key: str) -> bytes:
    """A landed line without one field."""
    fields = json.loads(page())
    del fields[key]
    return json.dumps(fields).encode() + b"\n"


LEFT_OUT: dict[str, Put] = {
    "a file of no load": file("videos/alien.ndjson"),
    "a folder of no dataset": file("foo/a.ndjson"),
    "at the top": file("a.ndjson.zst"),
    "not UTF-8": file(b"videos/climate/ffffffff/\xff\xfe.ndjson"),
    "not UTF-8, a day": file(b"comments/2026-10-02/run-\xe4.ndjson"),
    "a newline": file("comments/2026-10-02/run\n1.ndjson"),
    "an escape": file("comments/2026-10-02/run\x1b[31m.ndjson"),
    "very long": file(f"comments/2026-10-02/{'r' * 240}.ndjson"),
    "very long, kept": file(f"comments/2026-10-02/{'r' * 200}.ndjson"),
    "a copy": file("comments/2026-10-02/run copy.ndjson"),
    "another copy": file("comments/2026-10-02/run.ndjson.bak"),
    "two endings": file("comments/2026-10-02/run.ndjson.zst.ndjson"),
    "no such day": file("comments/2026-02-30/run.ndjson"),
    "no such month": file(f"{load_named(80).replace('2026-10-01', '2026-13-01')}.ndjson"),
    "days backwards": file(f"{load_named(81).replace('2026-10-01', '2026-11-01')}.ndjson"),
    "a look without number": file(f"{load_named(82)[:-1]}x.ndjson"),
    "a set-aside alien": file("videos/alien.ndjson.damaged-20261001T000000000000Z"),
    "a repair that is not ours": file(f"{load_named(84)}.mended-x.ndjson"),
    "a mended alien": file("videos/alien.mended-20261001T000000000000Z.ndjson", page()),
    "a folder named like a file": folder(f"{load_named(83)}.ndjson"),
    "in a folder too deep": file("comments/2026-10-02/more/run.ndjson"),
    "a link to itself": link(f"{load_named(85)}.ndjson", Path(load_named(85)).name + ".ndjson"),
    "a link to nothing": link(f"{load_named(86)}.ndjson", "/nowhere"),
    "a link to endless zeros": link(f"{load_named(87)}.ndjson", "/dev/zero"),
    "a link to the folder above": link("videos/up", ".."),
    "a pipe": pipe(f"{load_named(88)}.ndjson"),
    "a packed pipe": pipe(f"{load_named(89)}.ndjson.zst"),
    "a socket": listener(f"{load_named(90)}.ndjson"),
}
"""What is never read."""

_NESTED = b'{"a":' * 3_000 + b"1" + b"}" * 3_000
DAMAGED: dict[str, bytes] = {
    "text": b"hello\n",
    "zeros": bytes(5_000) + b"\n",
    "a list": b"[]\n",
    "nothing": b"{}\n",
    "null": b"null\n",
    "a bare number": b"9" * 5_000 + b"\n",
    "UTF-16": page().decode().encode("utf-16"),
    "nested": _NESTED + b"\n",
    "another dataset": page(dataset="letters"),
    "a list as dataset": page(dataset=["videos"]),
    "the look in words": page(look="one"),
    "an endless look": page(look=2**70),
    "a look below zero": page(look=-1),
    "slots of 65 bits": page(slots=2**64),
    "records as truth": page(records=True),
    "records as a list": page(records=[1]),
    "half a surrogate as search": page(search="\ud800"),
    "half a surrogate as subject": page(subject="\udfff"),
    "a subject of numbers": page(subject=7),
    "a request as text": page(request="all"),
    "no such day": page(window_from="2026-02-30"),
    "the year 1": page(window_from="0001-01-01"),
    "a window of all time": page(window_to="9999-12-31"),
    "days backwards": page(window_from="2026-10-03", window_to="2026-10-01"),
    "the end of time": page(fetched_at="9999-12-31T23:59:59-12:00"),
    "no instant": page(fetched_at=17),
    "an unknown end": page(ends="tired"),
    "an unknown refusal": page(refusal="shy"),
    "a field too many": page(more=1),
    "a cursor of 65 bits": page(cursor=2**63 + 5),
    "a cursor of another kind": page(cursor=[1]),
    "a request's cursor of another kind": page(request={"cursor": {"a": 1}}),
    "no body": without("body"),
    "no look": without("look"),
    "no version": page(envelope=None),
}
"""What is in no landed file that is whole; each is renamed, kept and named."""

ODD: dict[str, bytes] = {
    "half a surrogate as key": page(1, body=video_body({**video(1), "k\ud800": 1})),
    "odd keys": page(2, body=video_body({**video(1), "": 1, "a\x00b": 2, "x" * 10_000: 3})),
    "a cursor as text": page(3, cursor="12"),
    "a cursor below zero": page(4, cursor=-1),
    "a log_id with half a surrogate": page(5, log_id="\ud83d"),
    "a search_id with half a surrogate": page(6, search_id="\ud83d"),
    "records that are none": page(7, body=json.dumps({"data": {"videos": [None, 5, {}, []]}}), records=4),
    "an id of 80 bits": page(8, body=video_body(video(1, id=2**80))),
    "a negative id": page(9, body=video_body(video(1, id=-3))),
    "a time of 65 bits": page(10, body=video_body(video(1, create_time=2**64))),
    "no JSON": page(11, body="<html>"),
    "an empty body": page(12, body=""),
    "zeros as body": page(13, body="\x00\x00"),
    "videos as an object": page(14, body=json.dumps({"data": {"videos": {"a": 1}}})),
    "nested body": page(15, body=_NESTED.decode()),
    "a date of odd type": page(16, request={"end_date": ["\ud800"], "max_count": {"a": 1}}),
    "no request": page(17, request={}),
}
"""Whole pages with an odd content: each lands, and its readable records count."""


def fill(landing: Path) -> None:
    """Put every odd file into a landing folder, plain and packed."""
    for put in LEFT_OUT.values():
        put(landing)
    for number, content in enumerate(DAMAGED.values(), start=100):
        file(f"{load_named(number)}.ndjson", content)(landing)
        file(f"{load_named(number + 100)}.ndjson.zst", zstandard.compress(content))(landing)
        file(f"users/2026-10-02/damaged-{number}.ndjson", content)(landing)
    file(f"{load_named(300)}.ndjson.zst", b"no archive")(landing)
    file(f"{load_named(301)}.ndjson.zst", b"")(landing)
    file(f"{load_named(302)}.ndjson", b"")(landing)
    file(f"{load_named(303)}.ndjson", b"torn")(landing)
    for number, content in enumerate(ODD.values(), start=1):
        file(f"{load_named(number)}.ndjson", content)(landing)
