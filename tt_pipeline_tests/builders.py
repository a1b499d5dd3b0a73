"""Values for tests: valid by default, override what matters."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from random import randrange
from typing import Any

import pytest
import zstandard

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset, StopReason

FINGERPRINT = "f" * 64
MORNING = datetime(2026, 11, 5, 6, tzinfo=UTC)


def second_of(day: date, *, hour: int = 12) -> int:
    """Unix seconds of an hour of a UTC day."""
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp())


def video(number: int = 1, *, day: date = date(2026, 10, 2), **further: Any) -> dict[str, Any]:
    """A video as the API sends it; `number` distinguishes the videos of a day."""
    uploaded = second_of(day) + number
    return {"id": (uploaded << 32) + number, "create_time": uploaded + 20, "username": f"creator_{number}"} | further


def video_body(*videos: dict[str, Any], **data: Any) -> str:
    """The answer of a video query."""
    return json.dumps(
        {"data": {"videos": list(videos), **data}, "error": {"code": "ok", "message": "", "log_id": "L1"}}
    )


def envelope(*videos: dict[str, Any], **override: Any) -> Envelope:
    """A landed page of a video query, by default the only one of its window."""
    fields: dict[str, Any] = {
        "dataset": Dataset.VIDEOS,
        "search": "climate",
        "fingerprint": FINGERPRINT,
        "look": 1,
        "window_from": date(2026, 10, 1),
        "window_to": date(2026, 10, 3),
        "subject": None,
        "endpoint": "video_query",
        "request": {"start_date": "20261001", "end_date": "20261003", "max_count": 100},
        "fetched_at": MORNING,
        "status": 200,
        "log_id": "L1",
        "cursor": len(videos),
        "has_more": False,
        "search_id": "7704563166105409433",
        "slots": len(videos),
        "records": len(videos),
        "refusal": None,
        "ends": StopReason.COMPLETE,
        "body": video_body(*videos),
    }
    return Envelope(**fields | override)


def cases(by_name: Mapping[str, Any], *quick: str) -> list[Any]:
    """Parameters of a test, named: `make unit` runs the quick ones, `make slow` the others."""
    unknown = set(quick) - by_name.keys()
    if unknown:
        raise KeyError(*unknown)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            id=name,
            marks=() if name in quick else (pytest.mark.slow,),
        )
        for name, case in by_name.items()
    ]


def content_of(file: Path) -> bytes:
    """The bytes of a file and, if it is compressed, what is in it: compression would hide a secret."""
    content = file.read_bytes()
    if file.suffix != ".zst":
        return content
    return content + zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()


def free_port() -> int:
    """A port that is free, below those that the system gives to other programs while this one starts."""
    while True:
        port = randrange(20_000, 32_000)  # noqa: S311 — no secret
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
