"""Landed records become typed values, however odd they are; an unreadable page is rejected without the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.warehouse.checks import run_checks
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLIMATE,
    CLOCK,
    MORNING,
    NEXT_LOOK,
    body,
    comment,
    comment_page,
    land,
    later,
    load,
    packed,
    page,
    profile,
    rows,
    snowflake,
    user_page,
    video,
)

pytestmark = pytest.mark.newest

LARGEST = 2**63 - 1
COMMENTS = "comments/2026-10-02/run-1"
DEEP = body(videos=[video(4, like_count="X")]).replace('"X"', '{"a":' * 10_000 + '"\\ud83d"' + "}" * 10_000)
"""Deeper than Python reads, with half a pair, which DuckDB does not."""


def _loaded(landing: Path, writer_file: Path, *videos: dict[str, Any], select: str) -> list[dict[str, Any]]:
    load(writer_file, [land(landing, [page(*videos)])])
    return rows(
        writer_file, f"select {select} from core.videos join core.video_snapshots using (video_id) order by video_id"
    )


def test_a_torn_last_line_is_left_out(landing: Path, writer_file: Path) -> None:
    """Bytes behind the last newline, which a crash left, are neither loaded nor counted."""
    torn = page(video(2)).line()[:-40]
    load(writer_file, [land(landing, [page(video(1))], torn=torn)])
    assert rows(writer_file, "select lines, rows_loaded from ops.loads") == [{"lines": 1, "rows_loaded": 1}]


def test_a_packed_file_reads_like_a_plain_one(landing: Path) -> None:
    """A compressed file gives the same rows."""
    file = land(landing, [page(video(1)), page(video(2))])
    plain = read_pages([file], landing)
    assert read_pages([packed(file)], landing).equals(plain)


def test_a_folder_may_be_named_like_a_pattern(tmp_path: Path) -> None:
    """Brackets, stars, quotes and spaces in a path are a path, plain or packed."""
    folder = tmp_path / "it's [a] *study*"
    plain, other = land(folder, [page(video(1))]), packed(land(folder, [page(video(2))], load_id=NEXT_LOOK))
    assert read_pages([plain, other], tmp_path)["load_id"].sort().to_list() == [CLIMATE, NEXT_LOOK]


def test_reading_leaves_the_landed_file_as_it_is(landing: Path) -> None:
    """Reading does not cut a torn line; only the landing room does."""
    file = land(landing, [page(video(1))], torn=b'{"envelope":1')
    before = file.path.read_bytes()
    read_pages([file], landing)
    assert file.path.read_bytes() == before


def test_ids_are_exact_at_the_edge(landing: Path, writer_file: Path) -> None:
    """The largest 64-bit id survives, as a number and as text."""
    found = _loaded(landing, writer_file, video(id=LARGEST), video(id=str(LARGEST - 1)), select="video_id")
    assert found == [{"video_id": LARGEST - 1}, {"video_id": LARGEST}]


def test_video_id_is_an_id_too(landing: Path, writer_file: Path) -> None:
    """Some servers write `video_id` where others write `id`."""
    old = video(7)
    old["video_id"] = old.pop("id")
    assert _loaded(landing, writer_file, old, select="video_id") == [{"video_id": snowflake(7)}]


def test_missing_is_null_and_zero_is_zero(landing: Path, writer_file: Path) -> None:
    """A missing count is NULL, a count of 0 is 0, and an empty text stays empty."""
    bare = {"id": snowflake(2), "view_count": 0, "video_description": ""}
    columns = (
        "view_count, like_count, description, voice_to_text, is_stem_verified, created_at, created_date::varchar as day"
    )
    assert _loaded(landing, writer_file, bare, select=columns) == [
        {
            "view_count": 0,
            "like_count": None,
            "description": "",
            "voice_to_text": None,
            "is_stem_verified": None,
            "created_at": None,
            "day": "2026-10-02",
        }
    ]


def test_values_that_are_not_counts_are_null_and_counted(landing: Path, writer_file: Path) -> None:
    """A negative or unreadable count is NULL, and the load reports how many there were."""
    odd = video(1, view_count=-1, like_count="1.2K", share_count="7", comment_count=None)
    columns = "view_count, like_count, share_count, comment_count"
    assert _loaded(landing, writer_file, odd, select=columns) == [
        {"view_count": None, "like_count": None, "share_count": 7, "comment_count": None}
    ]
    assert rows(writer_file, "select odd_values from ops.loads") == [{"odd_values": 2}]


TEXTS = {
    "a\x00b": "ab",
    "שלום #דבורים": "שלום #דבורים",
    "\u202eabc": "\u202eabc",
    "🐝👩\u200d🌾": "🐝👩\u200d🌾",
    "'; drop table core.videos; --": "'; drop table core.videos; --",
    "line\nbreak\ttab": "line\nbreak\ttab",
    "half \ud83d pair": "half \ufffd pair",
}


def test_text_survives(landing: Path, writer_file: Path) -> None:
    """Any script and any control character is kept; NUL is taken out, half a surrogate pair becomes U+FFFD."""
    videos = [video(number, video_description=sent) for number, sent in enumerate(TEXTS)]
    found = _loaded(landing, writer_file, *videos, select="description")
    assert [row["description"] for row in found] == list(TEXTS.values())


def test_half_a_pair_among_the_bytes_themselves_survives(landing: Path, writer_file: Path) -> None:
    """A body that is not UTF-8 lands with surrogates in the envelope, and its records are loaded."""
    broken = body(videos=[video(1, video_description="X")]).replace("X", "\udcff")
    load(writer_file, [packed(land(landing, [page(records=1, body=broken), page(video(2))]))])
    assert rows(writer_file, "select description from core.videos order by video_id") == [
        {"description": "\ufffd"},
        {"description": "Nisthilfe #wildbees"},
    ]


def test_a_bad_page_fails_alone(landing: Path, writer_file: Path) -> None:
    """The other pages of the file are loaded, and ops.rejections says which pages are missing and why."""
    reasons = {
        "<html>504</html>": "it is not JSON (Expecting value: line 1 column 1 (char 0))",
        body(videos=[])[:-9]: "it is not JSON (Unterminated string starting at: line 1 column 65 (char 64))",
        '{"data": {"videos": {"id": 1}}}': "its envelope counts 5 records and its body holds 1",
        '{"data": null}': "it holds no list of records",
        body(videos=[video(4)]): "its envelope counts 5 records and its body holds 1",
        DEEP: "it is not JSON (too deeply nested)",
    }
    bad = [page(records=5, body=text, fetched_at=later(seconds=n)) for n, text in enumerate(reasons, start=1)]
    report = load(writer_file, [land(landing, [page(video(1)), *bad, page(video(3), fetched_at=later(seconds=9))])])
    assert (report.rejected, report.rows["core.videos"]) == (30, 2)
    assert rows(writer_file, "select * exclude (sha256) from ops.rejections order by fetched_at") == [
        {
            "load_id": CLIMATE,
            "fetched_at": later(seconds=second),
            "log_id": "L1",
            "records": 5,
            "reason": f"the page could not be read: {reason}",
        }
        for second, reason in enumerate(reasons.values(), start=1)
    ]


def test_bodies_that_are_alike_are_counted_each(landing: Path, writer_file: Path) -> None:
    """The same unreadable body under two videos at one instant is two rejections with different keys."""
    alike = {"body": "<html>", "fetched_at": MORNING}
    pages = [comment_page(under=1, records=3, **alike), comment_page(under=2, records=3, **alike)]
    report = load(writer_file, [land(landing, [*pages, comment_page(under=3, **alike)], load_id=COMMENTS)])
    assert (report.rejected, report.failures) == (6, {})
    assert rows(writer_file, "select records from ops.rejections") == [{"records": 6}]
    assert rows(writer_file, "select lines, records_in from ops.loads") == [{"lines": 3, "records_in": 6}]
    with Writer(writer_file, CLOCK) as writer:
        assert [check.name for check in run_checks(writer) if not check.passed] == []


def test_a_record_without_usable_id_is_rejected_alone(landing: Path, writer_file: Path) -> None:
    """An id that does not fit its column rejects its record, not its page, and is reported."""
    bad = [video(2, id=identity) for identity in (2**63, None, 0, -5, "abc")]
    report = load(writer_file, [land(landing, [page(video(1), *bad)])])
    assert (report.rejected, report.rows["core.videos"]) == (5, 1)
    assert rows(writer_file, "select records, reason from ops.rejections") == [
        {"records": 5, "reason": "these records have no id, or one that is no positive 64-bit number"}
    ]


def test_values_that_are_not_records_are_rejected_alone(landing: Path, writer_file: Path) -> None:
    """A null or a text among the records is rejected without any other record."""
    odd = page(records=3, body=body(videos=[None, "video", video(1)]))
    report = load(writer_file, [land(landing, [odd])])
    assert (report.rejected, report.rows["core.videos"]) == (2, 1)


def test_a_page_without_records_may_contain_anything(landing: Path, writer_file: Path) -> None:
    """If the envelope counts no record, an empty page, a null list or an error page loses none."""
    answers = [body(videos=[]), body(videos=None), body(), "<html>", ""]
    pages = [page(records=0, body=answer, fetched_at=later(seconds=n)) for n, answer in enumerate(answers)]
    report = load(writer_file, [land(landing, pages)])
    assert (report.loaded, report.rejected) == ((CLIMATE,), 0)


@pytest.mark.parametrize("line", [b"{}", b'{"envelope":1,"dataset":"videos"}', b"[1]"])
def test_a_line_that_is_not_an_envelope_is_reported(landing: Path, line: bytes) -> None:
    """The error names the file, so that a person can look at it; nothing is guessed."""
    file = land(landing, [page(video(1))])
    file.path.write_bytes(file.path.read_bytes() + line + b"\n")
    with pytest.raises(CorruptLanding, match=str(file.path)):
        read_pages([file], landing)


def test_a_dataset_of_a_later_version_is_reported(landing: Path) -> None:
    """A line that this version cannot shape is refused, not skipped."""
    file = land(landing, [page(video(1))])
    file.path.write_bytes(file.path.read_bytes().replace(b'"dataset": "videos"', b'"dataset": "spells"'))
    with pytest.raises(CorruptLanding, match="its dataset is not known"):
        read_pages([file], landing)


def test_lists_of_a_video_are_rows(landing: Path, writer_file: Path) -> None:
    """Hashtags, effects, mentions and stickers are a row each, names with ids if the API returns both."""
    carrying = video(
        1,
        hashtag_names=["Wildbees", "diy", "alone\x00"],
        hashtag_info_list=[
            {"hashtag_id": "1650231", "hashtag_name": "Wildbees", "hashtag_description": ""},
            {"hashtag_id": 5147, "hashtag_name": "diy"},
        ],
        effect_ids=["63960564", "0"],
        effect_info_list=[{"effect_id": "63960564", "effect_name": "Green Screen"}],
        video_mention_list=["@imker_jo", "lena"],
        sticker_info_list=[{"sticker_id": "0", "sticker_name": "Teil 2"}, {"sticker_id": "0", "sticker_name": "Ende"}],
        video_tag={"type": "AIGC Type", "number": 2},
        playlist_id=7615533644417438599,
    )
    load(writer_file, [land(landing, [page(carrying)])])
    carried = {
        "core.video_hashtags": "hashtag_name, hashtag_id",
        "core.hashtags": "hashtag_id, hashtag_name, description",
        "core.video_effects": "effect_id, effect_name",
        "core.video_mentions": "username",
        "core.video_stickers": "sticker_id, sticker_name",
        "core.videos": "video_tag, playlist_id",
    }
    found = {
        table: [tuple(row.values()) for row in rows(writer_file, f"select {columns} from {table} order by all")]
        for table, columns in carried.items()
    }
    assert found == {
        "core.video_hashtags": [("Wildbees", 1650231), ("alone", None), ("diy", 5147)],
        "core.hashtags": [(5147, "diy", None), (1650231, "Wildbees", "")],
        "core.video_effects": [(0, None), (63960564, "Green Screen")],
        "core.video_mentions": [("imker_jo",), ("lena",)],
        "core.video_stickers": [(0, "Ende"), (0, "Teil 2")],
        "core.videos": [('{"type":"AIGC Type","number":2}', 7615533644417438599)],
    }


def test_a_comment_has_the_id_that_it_answers(landing: Path, writer_file: Path) -> None:
    """A reply has a comment as parent, a top-level comment its video; a missing video is the requested one."""
    top, reply, bare = comment(1), comment(2, parent_comment_id=comment(1)["id"], reply_count=0), comment(3)
    del bare["video_id"], bare["parent_comment_id"]
    load(writer_file, [land(landing, [comment_page(top, reply, bare)], load_id=COMMENTS)])
    sql = "select video_id, parent_comment_id, is_reply, text from core.comments order by comment_id"
    assert rows(writer_file, sql) == [
        {"video_id": snowflake(1), "parent_comment_id": snowflake(1), "is_reply": False, "text": "schön!"},
        {"video_id": snowflake(1), "parent_comment_id": top["id"], "is_reply": True, "text": "schön!"},
        {"video_id": snowflake(1), "parent_comment_id": None, "is_reply": None, "text": "schön!"},
    ]


@pytest.mark.parametrize("nothing", [0, -1, "0", None])
def test_an_id_of_zero_is_missing(landing: Path, writer_file: Path, nothing: object) -> None:
    """An id of 0 is NULL: otherwise all such comments would answer one comment, and all such videos share a sound."""
    bare = comment(1, parent_comment_id=nothing, video_id=nothing)
    load(writer_file, [land(landing, [comment_page(bare)], load_id="comments/2026-10-02/run-1")])
    sql = "select video_id, parent_comment_id, is_reply from core.comments"
    assert rows(writer_file, sql) == [{"video_id": snowflake(1), "parent_comment_id": None, "is_reply": None}]
    columns = "music_id, playlist_id"
    found = _loaded(landing, writer_file, video(1, music_id=nothing, playlist_id=nothing), select=columns)
    assert found == [{"music_id": None, "playlist_id": None}]


def test_replies_requested_by_their_comment_are_the_same_comments(landing: Path, writer_file: Path) -> None:
    """A reply from the listing and from its comment's replies is one row; missing ids are the requested ones."""
    top, reply = comment(1), comment(2, parent_comment_id=comment(1)["id"])
    bare = {"id": reply["id"], "text": "ja", "like_count": 9}
    orphan = comment(3, parent_comment_id=comment(7)["id"], video_id=snowflake(4))
    request: dict[str, Any] = {"request": {"comment_id": top["id"], "max_count": 100}, "fetched_at": later(days=1)}
    files = [
        land(landing, [comment_page(bare, orphan, **request)], load_id="comments/2026-10-02/run-2"),
        land(landing, [comment_page(top, reply)], load_id=COMMENTS),
    ]
    for file in files:
        load(writer_file, [file])
    sql = "select comment_id, video_id, parent_comment_id, is_orphan, like_count, text from marts.comments order by 1"
    first, under = str(snowflake(1)), str(top["id"])
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [
        (under, first, first, False, 3, "schön!"),
        (str(reply["id"]), first, under, False, 9, "schön!"),
        (str(orphan["id"]), str(snowflake(4)), str(comment(7)["id"]), True, 3, "schön!"),
    ]


def test_a_reply_without_a_parent_answers_the_requested_comment(landing: Path, writer_file: Path) -> None:
    """Its video is the one whose comments are collected."""
    bare = {"id": comment(2)["id"], "text": "ja"}
    request = {"comment_id": comment(1)["id"]}
    load(writer_file, [land(landing, [comment_page(bare, request=request)], load_id=COMMENTS)])
    assert rows(writer_file, "select video_id, parent_comment_id, is_reply from core.comments") == [
        {"video_id": snowflake(1), "parent_comment_id": comment(1)["id"], "is_reply": True}
    ]


def test_closed_comments_are_not_a_failure(landing: Path, writer_file: Path) -> None:
    """A page without the list `comments` is an answer if its envelope counts no record."""
    empty = comment_page(body=json.dumps({"data": {"has_more": False}, "error": {"code": "ok"}}), records=0)
    report = load(writer_file, [land(landing, [empty], load_id=COMMENTS)])
    assert (report.rejected, report.rows) == (0, {"core.comments": 0, "core.comment_snapshots": 0})


def test_a_profile_belongs_to_the_requested_account(landing: Path, writer_file: Path) -> None:
    """The requested name is stored even if the answer has another one, because it joins with the videos."""
    pages = [user_page("lena"), user_page("jo", profile(username="Jo.official"))]
    load(writer_file, [land(landing, pages, load_id="users/2026-10-02/run-1")])
    sql = "select username, likes_count, bio_url, observed_at from core.users order by 1"
    assert rows(writer_file, sql) == [
        {"username": name, "likes_count": 3304551002, "bio_url": None, "observed_at": MORNING}
        for name in ("jo", "lena")
    ]


def test_a_file_that_is_packed_meanwhile_is_read_packed(tmp_path: Path) -> None:
    """A file that is compressed between listing and reading is loaded completely."""
    file = land(tmp_path, [page(video(1))])
    packed(file)

    assert read_pages([file], tmp_path).height == 1
