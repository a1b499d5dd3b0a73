"""A published file with texts that attack whoever shows them, and its pages on a port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from tt_pipeline.browse import browse_app
from tt_pipeline.loopback_server import running_app
from tt_pipeline.warehouse import publish_file
from tt_pipeline_tests.warehouse.builders import CLOCK, comment, comment_page, land, load, page, user_page, video

MARKUP: Final = "<script>alert(1)</script><img src=https://evil.test/x onerror=alert(2)> \"'&amp;"
RIGHT_TO_LEFT: Final = "\u202eevil \u05e9\u05dc\u05d5\u05dd"
LONG_NAME: Final = "n" * 200
WITH_NUL: Final = "a\0b\x1b[2J"
THIRD: Final = datetime(2026, 10, 3, 1, tzinfo=UTC)
PLAIN: Final = 120
"""Videos without odd texts: three pages of them."""
ODD: Final = (MARKUP, RIGHT_TO_LEFT, WITH_NUL, "", "100 % _ sure")


def publish_odd(root: Path) -> Path:
    """Videos with odd texts, plain ones of another day, a comment and a profile; returns the published file."""
    landing, writer_file = root / "internal" / "landing", root / "internal" / "writer.duckdb"
    tags: dict[str, Any] = {"hashtag_names": ["wildbees", MARKUP]}
    odd = [video(number, video_description=text, **tags) for number, text in enumerate(ODD, start=1)]
    named = [video(50, username=LONG_NAME), video(51, username='" onmouseover="alert(3)'), video(52, view_count=None)]
    plain = [video(number, at=THIRD, view_count=number) for number in range(100, 100 + PLAIN)]
    files = [
        land(landing, [page(*odd, *named, *plain[:80]), page(*plain[80:])]),
        land(landing, [comment_page(comment(1, text=MARKUP))], load_id="comments/2026-10-02/run-1"),
        land(landing, [user_page("creator_1")], load_id="users/2026-10-02/run-1"),
    ]
    load(writer_file, files)
    published = root / "warehouse.duckdb"
    publish_file(writer_file, published, CLOCK)
    return published


@contextmanager
def pages_of(published: Path, *, limit_s: float = 30) -> Iterator[httpx.Client]:
    """A client of the pages; its base URL is theirs."""
    with (
        running_app(browse_app(published, limit_s=limit_s), name="browse") as base_url,
        httpx.Client(base_url=base_url, timeout=60, trust_env=False) as client,
    ):
        yield client
