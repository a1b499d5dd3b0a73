"""Landed pages and files for the warehouse's tests: valid by default, override what matters."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import zstandard

from tt_pipeline.landing import Envelope, LandedFile
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.load import LoadReport, load_new
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.frozen_clock import FrozenClock

Record = Mapping[str, Any]

CLIMATE = "videos/climate/ffffffff/2026-10-01_2026-10-03.look-1"
NEXT_LOOK = "videos/climate/ffffffff/2026-10-01_2026-10-03.look-2"
MORNING = datetime(2026, 11, 5, 6, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 2, 12, tzinfo=UTC)
CLOCK = FrozenClock(datetime(2026, 11, 6, tzinfo=UTC))


def later(**spans: float) -> datetime:
    """An instant after MORNING."""
    return MORNING + timedelta(**spans)


def snowflake(number: int, at: datetime = OCTOBER) -> int:
    """An id that TikTok would assign at this instant."""
    return (int(at.timestamp()) << 32) + number


def video(number: int = 1, *, at: datetime = OCTOBER, **further: Any) -> dict[str, Any]:
    """A video as the API sends it, with the fields that nearly all have."""
    return {
        "id": snowflake(number, at),
        "create_time": int(at.timestamp()) + 20,
        "username": f"creator_{number}",
        "region_code": "DE",
        "video_description": "Nisthilfe #wildbees",
        "music_id": 7522051104789615144,
        "like_count": 10,
        "comment_count": 2,
        "share_count": 1,
        "view_count": 100,
        "video_duration": 31,
        "is_stem_verified": False,
    } | further


def comment(number: int = 1, *, under: int = 1, at: datetime = OCTOBER, **further: Any) -> dict[str, Any]:
    """A top-level comment under video `under`."""
    return {
        "id": snowflake(number + 1000, at),
        "video_id": snowflake(under),
        "parent_comment_id": snowflake(under),
        "create_time": int(at.timestamp()) + 60,
        "text": "schön!",
        "like_count": 3,
        "reply_count": 0,
    } | further


def profile(**further: Any) -> dict[str, Any]:
    """A profile, without username as the API sends it."""
    return {
        "display_name": "Lena",
        "bio_description": "Garten",
        "avatar_url": "https://example.org/lena.jpeg",
        "is_verified": False,
        "follower_count": 48211,
        "following_count": 302,
        "likes_count": 3304551002,
        "video_count": 611,
    } | further


def body(**data: Any) -> str:
    """An answer of the API."""
    return json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}})


def page(*videos: Record, **override: Any) -> Envelope:
    """A landed page of a video query."""
    fields: dict[str, Any] = {
        "dataset": Dataset.VIDEOS,
        "search": "climate",
        "fingerprint": "f" * 64,
        "look": 1,
        "window_from": date(2026, 10, 1),
        "window_to": date(2026, 10, 3),
        "subject": None,
        "endpoint": "video_query",
        "request": {"start_date": "20261001", "end_date": "20261003"},
        "fetched_at": MORNING,
        "status": 200,
        "log_id": "L1",
        "cursor": len(videos),
        "has_more": False,
        "search_id": "7704563166105409433",
        "slots": len(videos),
        "records": len(videos),
        "refusal": None,
        "ends": None,
        "body": body(videos=list(videos)),
    }
    return Envelope(**fields | override)


_OF_NO_SEARCH = {"search": None, "fingerprint": None, "search_id": None}


def comment_page(*comments: Record, under: int = 1, **override: Any) -> Envelope:
    """A landed page of a video's comments."""
    fields: dict[str, Any] = {
        "dataset": Dataset.COMMENTS,
        "subject": str(snowflake(under)),
        "endpoint": "comment_list",
        "records": len(comments),
        "body": body(comments=list(comments), cursor=len(comments), has_more=False),
    }
    return page(**_OF_NO_SEARCH | fields | override)


def user_page(username: str = "lena", shown: Record | None = None, **override: Any) -> Envelope:
    """A landed profile."""
    fields: dict[str, Any] = {
        "dataset": Dataset.USERS,
        "subject": username,
        "endpoint": "user_info",
        "records": 1,
        "body": body(**(shown or profile())),
    }
    return page(**_OF_NO_SEARCH | fields | override)


def refused_page(username: str = "lena", refusal: Refusal = Refusal.NOT_FOUND, **override: Any) -> Envelope:
    """A landed answer that refuses an account."""
    answer = json.dumps({"data": {}, "error": {"code": "invalid_params", "message": "cannot find the user"}})
    fields: dict[str, Any] = {"refusal": refusal, "records": 0, "status": 400, "body": answer}
    return user_page(username, **fields | override)


_LIST_KEYS = {
    Dataset.FOLLOWERS: "user_followers",
    Dataset.FOLLOWING: "user_following",
    Dataset.LIKED: "user_liked_videos",
    Dataset.PINNED: "pinned_videos_list",
    Dataset.REPOSTED: "reposted_videos",
}


def list_page(dataset: Dataset, username: str, *entries: Record | str, **override: Any) -> Envelope:
    """The last landed page of a list of an account; handles may be passed for accounts."""
    shown = [{"username": entry, "display_name": "J"} if isinstance(entry, str) else entry for entry in entries]
    fields: dict[str, Any] = {
        "dataset": dataset,
        "subject": username,
        "endpoint": dataset.value,
        "request": {"username": username, "max_count": 100},
        "records": len(shown),
        "ends": StopReason.COMPLETE,
        "body": body(**{_LIST_KEYS[dataset]: shown}),
    }
    return page(**_OF_NO_SEARCH | fields | override)


def playlist_page(playlist_id: int, *videos: int, cursor: int = 0, **override: Any) -> Envelope:
    """A landed page of a playlist of lena."""
    playlist = {"playlist_id": playlist_id, "playlist_name": "Bienen", "playlist_item_total": 3}
    fields: dict[str, Any] = {
        "dataset": Dataset.PLAYLISTS,
        "subject": "lena",
        "endpoint": "playlist_info",
        "request": {"playlist_id": playlist_id, "max_count": 100, "cursor": cursor},
        "records": len(videos),
        "ends": StopReason.COMPLETE,
        "body": body(**playlist, playlist_last_updated=1793628201, playlist_video_ids=list(videos)),
    }
    return page(**_OF_NO_SEARCH | fields | override)


class Landed(LandedFile):
    """A landed file that a test may also damage."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / self.name


def land(folder: Path, pages: Iterable[Envelope], *, load_id: str = CLIMATE, torn: bytes = b"") -> Landed:
    """Write pages as a file to which further pages may be added.

    Args:
        folder: The landing folder.
        pages: One line each.
        load_id: Where the file lies in it.
        torn: What a crash left behind the last newline.
    """
    path = folder / f"{load_id}.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [page.line() for page in pages]
    path.write_bytes(b"".join(lines) + torn)
    return landed(folder, f"{load_id}.ndjson", len(lines))


def landed(folder: Path, name: str, lines: int) -> Landed:
    """A landed file whose load_id begins with its dataset."""
    return Landed(root=folder, name=name, dataset=Dataset(name.partition("/")[0]), lines=lines)


def lists_of_accounts(landing: Path) -> list[Landed]:
    """Two looks at lena's followers, her following, two lists of videos and a playlist of two pages."""
    first = list_page(Dataset.FOLLOWERS, "lena", "jo", "kim")
    second = list_page(Dataset.FOLLOWERS, "lena", "kim", "ada", look=2, fetched_at=later(days=7))
    liked = list_page(Dataset.LIKED, "jo", video(1), video(5, username="eva"))
    listed = [
        playlist_page(9, snowflake(1), snowflake(2), ends=None),
        playlist_page(9, snowflake(8), cursor=2, fetched_at=later(seconds=1)),
    ]
    return [
        land(landing, [first, list_page(Dataset.FOLLOWERS, "ada")], load_id="followers/2026-11-05/run-1"),
        land(landing, [second], load_id="followers/2026-11-12/run-2"),
        land(landing, [list_page(Dataset.FOLLOWING, "lena", "kim")], load_id="following/2026-11-05/run-1"),
        land(landing, [liked], load_id="liked/2026-11-05/run-1"),
        land(landing, [list_page(Dataset.PINNED, "eva", video(5, username="eva"))], load_id="pinned/2026-11-05/run-1"),
        land(landing, listed, load_id="playlists/2026-11-05/run-1"),
    ]


def packed(file: Landed) -> Landed:
    """The same file, complete and compressed."""
    target = file.path.with_name(f"{file.path.name}.zst")
    target.write_bytes(zstandard.compress(file.path.read_bytes()))
    file.path.unlink()
    return landed(file.root, f"{file.name}.zst", file.lines)


@cache
def _empty_writer_file() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "writer.duckdb"
        with Writer(file, CLOCK):
            pass
        return file.read_bytes()


def make_writer_file(writer_file: Path) -> Path:
    """Create the writer's file as a copy, because creating its tables takes longer than most tests."""
    writer_file.parent.mkdir(parents=True, exist_ok=True)
    writer_file.write_bytes(_empty_writer_file())
    return writer_file


def load(writer_file: Path, files: Sequence[Landed]) -> LoadReport:
    """Load files as a run would: open, load, close; the file is created when it is missing."""
    if not writer_file.exists():
        make_writer_file(writer_file)
    with Writer(writer_file, CLOCK) as writer:
        return load_new(writer, files)


def rows(writer_file: Path, sql: str) -> list[dict[str, Any]]:
    """The rows that a query returns."""
    with _reading(writer_file) as connection:
        return connection.sql(sql).pl().to_dicts()


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    """A database in memory that all tests of a process read files with: making one takes longer than most queries."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


@contextmanager
def _reading(writer_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads a writer's file, without the checks that a Writer begins with."""
    connection = _reader()
    connection.execute(f"attach '{writer_file}' as read_file (read_only); use read_file")
    try:
        yield connection
    finally:
        connection.execute("use memory; detach read_file")


def contents(writer_file: Path) -> dict[str, pl.DataFrame]:
    """The rows of every stored table, sorted by all columns."""
    stored = [name for name, table in TABLES.items() if table.is_stored]
    with _reading(writer_file) as connection:
        return {name: connection.sql(f"select * from {name} order by all").pl() for name in stored}


def coverage(
    *days: tuple[date, str], search: str = "climate", records: Mapping[date, int | None] | None = None
) -> pl.DataFrame:
    """Rows of ops.search_coverage; a day has three records unless `records` has another number."""
    row = {
        "search": search,
        "fingerprint": "f" * 64,
        "looks": 1,
        "looks_planned": 1,
        "kind": "list",
        "has_last_look": True,
        "pages": 1,
        "slots": 9,
        "strays": 0,
        "hidden": 4,
    }
    covered = [
        row | {"day_date": day, "status": status, "requests": 1, "records": records[day] if records else 3}
        for day, status in days
    ]
    return pl.DataFrame(covered, schema=TABLES["ops.search_coverage"].frame_schema)
