"""A value of another type than its field's is NULL and counted, or its record is rejected; it never changes."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline.warehouse.type_mismatches import MAY_MISMATCH
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.warehouse.builders import (
    body,
    comment,
    comment_page,
    land,
    later,
    list_page,
    load,
    page,
    playlist_page,
    profile,
    rows,
    snowflake,
    user_page,
    video,
)

LARGEST = 2**63 - 1
FLOAT = float(7571234567890475001)
"""Read as a number without point this would be the id 7571234567890475008."""
NO_NUMBERS: list[Any] = [
    2**63,
    10**25,
    -1,
    1.5,
    12.0,
    FLOAT,
    "abc",
    "12 s",
    "1.0",
    f"{LARGEST}x",
    str(2**63),
    True,
    [7],
    {"a": 7},
]
NUMBERS: list[tuple[Any, int | None]] = [
    (0, 0),
    (31, 31),
    ("31", 31),
    (LARGEST, LARGEST),
    (str(LARGEST), LARGEST),
    (None, None),
    ("", None),
]
OF_VIDEOS = {
    "like_count": "core.video_snapshots.like_count",
    "view_count": "core.video_snapshots.view_count",
    "video_duration": "core.videos.duration_s",
    "music_id": "core.videos.music_id",
    "playlist_id": "core.videos.playlist_id",
}


def odd_values(writer_file: Path) -> int:
    """The number of odd values in ops.loads, over all loads."""
    return int(rows(writer_file, "select sum(odd_values)::bigint as odd from ops.loads")[0]["odd"])


def stored(writer_file: Path, column: str) -> list[object]:
    """The values of schema.table.column."""
    table, _, name = column.rpartition(".")
    return [row[name] for row in rows(writer_file, f"select {name} from {table} order by all")]


@pytest.mark.parametrize("field", cases({name: name for name in OF_VIDEOS}, "music_id"))
def test_a_value_that_is_not_a_number_is_null_and_counted(landing: Path, writer_file: Path, field: str) -> None:
    """Too large, negative, with a point, a text, a list: none of them becomes a number."""
    pages = [page(video(n, **{field: odd}), fetched_at=later(seconds=n)) for n, odd in enumerate(NO_NUMBERS, start=1)]
    report = load(writer_file, [land(landing, pages)])
    assert (report.rejected, stored(writer_file, OF_VIDEOS[field])) == (0, [None] * len(NO_NUMBERS))
    assert odd_values(writer_file) == len(NO_NUMBERS)


@pytest.mark.parametrize(("sent", "read"), cases({repr(case[0]): case for case in NUMBERS}, repr(LARGEST), "None"))
def test_a_number_is_read_exactly(landing: Path, writer_file: Path, sent: object, read: int | None) -> None:
    """Zero and the largest number are exact, as number and as text; a missing number is not odd."""
    load(writer_file, [land(landing, [page(video(1, like_count=sent, video_duration=sent))])])
    assert [stored(writer_file, OF_VIDEOS[name]) for name in ("like_count", "video_duration")] == [[read], [read]]
    assert odd_values(writer_file) == 0


@pytest.mark.parametrize("odd", cases({repr(odd): odd for odd in NO_NUMBERS}, repr(2**63), repr(FLOAT)))
def test_a_record_with_an_odd_id_is_rejected_alone(landing: Path, writer_file: Path, odd: Any) -> None:
    """An odd id never becomes another id, and the other records are loaded."""
    pages = [page(video(1), video(2, id=odd)), page(video(3, id=odd), video(4), fetched_at=later(seconds=1))]
    report = load(writer_file, [land(landing, pages)])
    assert (report.rejected, stored(writer_file, "core.videos.video_id")) == (2, [snowflake(1), snowflake(4)])


@pytest.mark.parametrize(
    ("field", "odd", "column"),
    [
        ("create_time", "soon", "core.videos.created_at"),
        ("create_time", 1_780_790_386_000, "core.videos.created_at"),
        ("is_stem_verified", "maybe", "core.videos.is_stem_verified"),
        ("is_stem_verified", 7, "core.videos.is_stem_verified"),
    ],
)
def test_odd_instants_and_booleans_are_counted(
    landing: Path, writer_file: Path, field: str, odd: Any, column: str
) -> None:
    """Milliseconds are not read as seconds."""
    load(writer_file, [land(landing, [page(video(1, **{field: odd}))])])
    assert (stored(writer_file, column), odd_values(writer_file)) == ([None], 1)


NO_LISTS: list[tuple[str, Any, str, list[object]]] = [
    ("effect_ids", ["x", "7", 8], "core.video_effects.effect_id", [7, 8]),
    ("effect_ids", [1.5], "core.video_effects.effect_id", []),
    ("effect_ids", [7, 2**63], "core.video_effects.effect_id", [7]),
    ("effect_ids", "7", "core.video_effects.effect_id", []),
    ("hashtag_names", "bees", "core.video_hashtags.hashtag_name", []),
    ("hashtag_names", {"a": "bees"}, "core.video_hashtags.hashtag_name", []),
    ("hashtag_info_list", [{"hashtag_id": "x", "hashtag_name": "bees"}], "core.hashtags.hashtag_id", []),
    ("hashtag_info_list", ["bees"], "core.hashtags.hashtag_id", []),
    ("sticker_info_list", {"sticker_id": 7}, "core.video_stickers.sticker_id", []),
    ("video_mention_list", 7, "core.video_mentions.username", []),
]


@pytest.mark.parametrize(
    ("field", "odd", "column", "kept"),
    cases({f"{case[0]} {case[1]!r}": case for case in NO_LISTS}, "effect_ids ['x', '7', 8]", "hashtag_names 'bees'"),
)
def test_odd_lists_and_odd_entries_are_counted(
    *, landing: Path, writer_file: Path, field: str, odd: Any, column: str, kept: list[object]
) -> None:
    """The other entries of the list are loaded."""
    load(writer_file, [land(landing, [page(video(1, **{field: odd}))])])
    assert (stored(writer_file, column), odd_values(writer_file)) == (kept, 1)


def test_other_datasets_count_odd_values(landing: Path, writer_file: Path) -> None:
    """So do comments, profiles and playlists; a comment's odd video is replaced by the requested one."""
    odd = comment(1, video_id=FLOAT, parent_comment_id="x", reply_count=0.5)
    shown = profile(likes_count="1.2M", is_verified="maybe")
    fields = {"playlist_id": 9, "playlist_item_total": "many", "playlist_last_updated": 1_793_628_201_000}
    playlist = playlist_page(9, body=body(**fields, playlist_video_ids=[]))
    load(
        writer_file,
        [
            land(landing, [comment_page(odd)], load_id="comments/2026-10-02/run-1"),
            land(landing, [user_page("lena", shown)], load_id="users/2026-10-02/run-1"),
            land(landing, [playlist], load_id="playlists/2026-10-02/run-1"),
        ],
    )
    sql = "select dataset, odd_values from ops.loads order by 1"
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [("comments", 3), ("playlists", 2), ("users", 2)]
    assert stored(writer_file, "core.comments.video_id") == [snowflake(1)]
    assert stored(writer_file, "core.playlists.item_total") == [None]


@pytest.mark.parametrize("odd", cases({repr(odd): odd for odd in (FLOAT, "x", -7, [1])}, repr(FLOAT)))
def test_an_odd_id_in_a_list_of_an_account_is_rejected(landing: Path, writer_file: Path, odd: Any) -> None:
    """An odd id of a playlist or of liked videos rejects its record."""
    liked = list_page(Dataset.LIKED, "lena", video(1), video(2, id=odd))
    files = [
        land(landing, [playlist_page(9, snowflake(1), odd, snowflake(2))], load_id="playlists/2026-11-05/run-1"),
        land(landing, [liked], load_id="liked/2026-11-05/run-1"),
    ]
    assert load(writer_file, files).rejected == 2
    listed = "select list(video_id order by position) as ids from core.playlist_video_snapshots"
    assert rows(writer_file, listed) == [{"ids": [snowflake(1), snowflake(2)]}]
    assert stored(writer_file, "core.listed_video_snapshots.video_id") == [snowflake(1)]


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("a\x00b\x00\x00", 3),
        ("\x00", 1),
        (r"\u0000 and \x00, written out", 0),
        ("half \ud83d pair", 1),
        ("🐝", 0),
        ("for 2.5, or 3.5} each", 0),
    ],
)
def test_characters_that_are_taken_out_are_counted(landing: Path, writer_file: Path, text: str, odd: int) -> None:
    """NUL and half of a surrogate pair are counted, also if a page is read twice."""
    pages = [page(video(1, video_description=text)), page(video(2, video_description=text, view_count=-1))]
    load(writer_file, [land(landing, pages)])
    assert odd_values(writer_file) == odd + odd + 1


def test_no_value_is_counted_on_a_rejected_page(landing: Path, writer_file: Path) -> None:
    """The records of the page are counted as rejected, and its values are not counted as odd."""
    load(writer_file, [land(landing, [page(records=5, body=body(videos=[video(1, like_count="x")]))])])
    assert rows(writer_file, "select rejected, odd_values from ops.loads") == [{"rejected": 5, "odd_values": 0}]


LOG_ID = "20261105060140ABFE228F219E9CB0EB5310"
ERRORS = [{"log_id": LOG_ID, "code": "ok"}, {"code": "ok", "log_id": LOG_ID}, {"code": "ok", "log_id": "L"}]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("spaces", [(",", ":"), (", ", ": ")])
def test_an_ordinary_page_is_read_once(error: dict[str, str], spaces: tuple[str, str]) -> None:
    """Python reads a page five times as slowly: neither a log_id nor users' texts send a page there."""
    people = 'for 2.5, or 3.5} "music_id":"abc", \\"like_count\\": 1.5'
    tagged: dict[str, Any] = {"hashtag_names": ["a"], "hashtag_info_list": [{"hashtag_id": "7", "hashtag_name": "a"}]}
    described = video(
        1, video_description=people, effect_ids=["7", "8"], playlist_id=None, video_label={"a": 0.5}, **tagged
    )
    data = {
        "videos": [described, video(2, hashtag_info_list=[], sticker_info_list=None)],
        "search_id": "7704563166105409433",
    }
    last, first = {"error": error, "data": data}, {"data": data, "error": error}
    bodies = [json.dumps(answer, separators=spaces) for answer in (last, first)]
    with duckdb.connect() as connection:
        found = connection.sql(
            f"select {MAY_MISMATCH} from unnest($bodies) as _(body)", params={"bodies": bodies}
        ).fetchall()
    assert found == [(False,), (False,)]


NUMBERLIKE = st.one_of(
    st.integers(-(2**66), 2**66),
    st.integers(0, 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text('0123456789.eE+-_ nx"\\,}]', max_size=25),
    st.none() | st.booleans(),
)
ANYTHING = st.recursive(
    NUMBERLIKE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abn"), inner), max_leaves=4
)


def _answers(field: str, values: list[object], spaces: tuple[str, str]) -> list[Envelope]:
    """A page for each value, as the last field of the first of two videos."""
    records = [json.dumps({"data": {"videos": [{"id": 7, field: v}, {"id": 8}]}}, separators=spaces) for v in values]
    return [page(records=2, body=text, cursor=place) for place, text in enumerate(records)]


@given(
    st.sampled_from(["music_id", "like_count", "video_duration", "create_time"]),
    st.lists(ANYTHING, min_size=1, max_size=30),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\n")]),
)
def test_every_value_is_read_exactly_or_counted(field: str, values: list[object], spaces: tuple[str, str]) -> None:
    """Any value in place of a number is read exactly or counted, with any spacing of the JSON."""
    with TemporaryDirectory() as folder:
        pages = read_pages([land(Path(folder), _answers(field, values, spaces))], Path(folder)).sort("cursor")
    read = [video[field] for video, _ in pages["body"].struct.field("videos").to_list()]
    most = 253_402_300_799 if field == "create_time" else LARGEST
    expected = [_number(value, most) for value in values]
    assert read == expected
    assert pages["odd_values"].to_list() == [
        int(number is None and value not in (None, "")) for value, number in zip(values, expected, strict=True)
    ]


def _number(value: object, most: int) -> int | None:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    return value if type(value) is int and 0 <= value <= most else None
