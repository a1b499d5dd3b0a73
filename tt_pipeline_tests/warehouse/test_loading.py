"""Laws of loading: the same files in any order, any number of times, in any grouping give the same tables."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.errors import AuditFailed
from tt_pipeline.vocabulary import Refusal
from tt_pipeline.warehouse import audit as auditing
from tt_pipeline.warehouse import load as loading
from tt_pipeline.warehouse.load import LoadReport, load_files
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.warehouse.builders import (
    CLIMATE,
    CLOCK,
    MORNING,
    NEXT_LOOK,
    OCTOBER,
    Landed,
    comment,
    comment_page,
    contents,
    land,
    later,
    load,
    packed,
    page,
    profile,
    refused_page,
    rows,
    snowflake,
    user_page,
    video,
)
from tt_pipeline_tests.warehouse.comparing import assert_same

pytestmark = pytest.mark.newest

COMMENTS, USERS, USERS_LATER = "comments/2026-10-02/run-1", "users/2026-10-02/run-1", "users/2026-11-02/run-2"


def _a_study(landing: Path) -> list[Landed]:
    """Two looks, another search, comments and profiles; video 2 is edited between the looks, lena disappears."""
    tagged: dict[str, Any] = {
        "hashtag_names": ["wildbees"],
        "hashtag_info_list": [{"hashtag_id": "7", "hashtag_name": "wildbees"}],
    }
    edited: dict[str, Any] = {"video_description": "Neu #wildbees", "like_count": 99, "voice_to_text": "hallo"}
    look_1 = [page(video(1, **tagged), video(2)), page(video(3), fetched_at=later(seconds=2), cursor=5)]
    look_2 = [page(video(1, view_count=500), video(2, **edited, **tagged), fetched_at=later(days=9), look=2)]
    other = [page(video(2, **edited), search="bees", fingerprint="e" * 64, fetched_at=later(days=1))]
    profiles = [user_page("lena", fetched_at=MORNING), user_page("jo", profile(is_verified=True))]
    users_later = [refused_page("lena", fetched_at=later(days=30)), user_page("jo", fetched_at=later(days=30))]
    return [
        land(landing, look_1),
        land(landing, look_2, load_id=NEXT_LOOK),
        land(landing, other, load_id="videos/bees/eeeeeeee/2026-10-01_2026-10-03.look-1"),
        land(landing, [comment_page(comment(1), comment(2))], load_id=COMMENTS),
        land(landing, profiles, load_id=USERS),
        land(landing, users_later, load_id=USERS_LATER),
    ]


def test_loading_again_is_a_no_op(landing: Path, writer_file: Path) -> None:
    """A second load of the same files reads none of them and changes no table."""
    files = _a_study(landing)
    load(writer_file, files)
    before = contents(writer_file)
    again = load(writer_file, files)
    assert again == LoadReport(loaded=(), rows={}, rejected=0, duplicates=0, strays=0, failures={})
    assert_same(before, contents(writer_file))


ORDERS = {
    "backwards at once": ((5, 4, 3, 2, 1, 0), True),
    "backwards one by one": ((5, 4, 3, 2, 1, 0), False),
    "mixed one by one": ((2, 1, 5, 0, 4, 3), False),
}


@pytest.mark.parametrize(("order", "at_once"), cases(ORDERS, "mixed one by one"))
def test_files_in_any_order_and_grouping_give_the_same_tables(
    landing: Path, tmp_path: Path, *, order: tuple[int, ...], at_once: bool
) -> None:
    """Neither the order of files nor the number of files in a transaction changes any table."""
    files = _a_study(landing)
    load(tmp_path / "expected.duckdb", files)
    actual = tmp_path / "actual.duckdb"
    for batch in [[files[n] for n in order]] if at_once else [[files[n]] for n in order]:
        load(actual, batch)
    assert_same(contents(tmp_path / "expected.duckdb"), contents(actual))


def test_loading_a_known_file_again_changes_nothing(landing: Path, writer_file: Path) -> None:
    """`load_files` replaces a load's rows by the same rows, in every table."""
    files = _a_study(landing)
    load(writer_file, files)
    before = contents(writer_file)
    with Writer(writer_file, CLOCK) as writer:
        for file in files:
            load_files(writer, [file])
    assert_same(before, contents(writer_file))


def test_pages_in_any_order_give_the_same_tables(landing: Path, tmp_path: Path) -> None:
    """The order of lines changes nothing; a line that landed twice changes only the count of duplicates."""
    pages = [page(video(1), video(2)), page(video(2, view_count=7), fetched_at=later(seconds=1), cursor=3)]
    load(tmp_path / "expected.duckdb", [land(landing, pages)])
    load(tmp_path / "actual.duckdb", [land(tmp_path / "other", [*pages[::-1], pages[0]])])
    expected, actual = contents(tmp_path / "expected.duckdb"), contents(tmp_path / "actual.duckdb")
    assert (expected.pop("ops.loads")["duplicates"][0], actual.pop("ops.loads")["duplicates"][0]) == (1, 3)
    assert_same(expected, actual)


def test_a_file_that_has_grown_replaces_its_own_rows(landing: Path, tmp_path: Path) -> None:
    """Loading a window half-way and again when it is complete gives the rows of loading it once."""
    pages = [page(video(1)), page(video(2), fetched_at=later(seconds=1), cursor=2)]
    load(tmp_path / "actual.duckdb", [land(landing, pages[:1])])
    whole = packed(land(landing, pages))
    report = load(tmp_path / "actual.duckdb", [whole])
    assert report.loaded == (CLIMATE,)
    load(tmp_path / "expected.duckdb", [whole])
    assert_same(contents(tmp_path / "expected.duckdb"), contents(tmp_path / "actual.duckdb"))


def test_packing_a_file_loads_nothing(landing: Path, writer_file: Path) -> None:
    """A file that was compressed after its load is recognised by its load_id and number of lines."""
    file = land(landing, [page(video(1))])
    load(writer_file, [file])
    assert load(writer_file, [packed(file)]).loaded == ()


def test_counts_are_kept_for_each_look(landing: Path, writer_file: Path) -> None:
    """Every observation of counts is kept, also a count that fell."""
    looks = [
        land(landing, [page(video(1, view_count=100))]),
        land(landing, [page(video(1, view_count=90), fetched_at=later(days=9))], load_id=NEXT_LOOK),
    ]
    load(writer_file, looks)
    assert rows(writer_file, "select load_id, observed_at, view_count from core.video_snapshots order by 2") == [
        {"load_id": CLIMATE, "observed_at": MORNING, "view_count": 100},
        {"load_id": NEXT_LOOK, "observed_at": later(days=9), "view_count": 90},
    ]


def test_an_edited_video_has_a_version(landing: Path, writer_file: Path) -> None:
    """core.videos has the first text; core.video_versions has each other text at its earliest observation."""
    looks = [
        land(
            landing,
            [page(video(1, video_description=words), fetched_at=later(days=day))],
            load_id=f"videos/climate/ffffffff/2026-10-01_2026-10-03.look-{day}",
        )
        for day, words in ((3, "later"), (2, "first"), (5, "later"), (7, "first"), (9, "last"))
    ]
    for look in looks:
        load(writer_file, [look])
    query = "select description, first_observed_at from {} order by 2"
    assert rows(writer_file, query.format("core.videos")) == [
        {"description": "first", "first_observed_at": later(days=2)}
    ]
    assert rows(writer_file, query.format("core.video_versions")) == [
        {"description": "later", "first_observed_at": later(days=3)},
        {"description": "last", "first_observed_at": later(days=9)},
    ]


def test_a_gone_account_keeps_its_last_profile(landing: Path, writer_file: Path) -> None:
    """core.users has the latest profile and the refusal that came after it."""
    shown = [user_page("lena", profile(follower_count=n), fetched_at=later(days=n)) for n in (1, 2)]
    load(writer_file, [land(landing, [refused_page("lena", fetched_at=later(days=3)), *shown], load_id=USERS)])
    sql = "select username, follower_count, refusal, observed_at, last_asked_at from core.users"
    assert rows(writer_file, sql) == [
        {
            "username": "lena",
            "follower_count": 2,
            "refusal": "not_found",
            "observed_at": later(days=2),
            "last_asked_at": later(days=3),
        }
    ]


def test_an_account_without_any_profile_is_not_a_user(landing: Path, writer_file: Path) -> None:
    """A refusal alone is kept as an answer and does not count as a record."""
    report = load(writer_file, [land(landing, [refused_page("anna", Refusal.PRIVATE)], load_id=USERS)])
    assert (report.loaded, report.rows) == ((USERS,), {"core.user_snapshots": 1})
    assert rows(writer_file, "select username from core.users") == []
    assert rows(writer_file, "select username, refusal from core.user_snapshots") == [
        {"username": "anna", "refusal": "private"}
    ]


def test_a_video_of_two_searches_is_one_video_and_two_hits(landing: Path, writer_file: Path) -> None:
    """core.search_hits keeps which search found which video, also when both are loaded together."""
    other = page(video(1), search="bees", fingerprint="e" * 64, fetched_at=later(days=1))
    load(writer_file, [land(landing, [page(video(1))]), land(landing, [other], load_id="videos/bees/e/w.look-1")])
    assert rows(writer_file, "select count(*) as videos from core.videos") == [{"videos": 1}]
    assert rows(writer_file, "select search, video_id, first_observed_at from core.search_hits order by 1") == [
        {"search": "bees", "video_id": snowflake(1), "first_observed_at": later(days=1)},
        {"search": "climate", "video_id": snowflake(1), "first_observed_at": MORNING},
    ]


def test_a_bad_file_is_reported_and_the_others_are_loaded(landing: Path, writer_file: Path) -> None:
    """A file that is not a landed file does not stop the other files, and the next load tries it again."""
    spoilt = land(landing, [page(video(2))], load_id=NEXT_LOOK)
    spoilt.path.write_bytes(b"no json\n")
    report = load(writer_file, [land(landing, [page(video(1))]), spoilt])
    assert report.loaded == (CLIMATE,)
    assert list(report.failures) == [NEXT_LOOK]
    assert f"{spoilt.path}:1: the line is no JSON" in report.failures[NEXT_LOOK]
    assert load(writer_file, [spoilt]).failures == report.failures


def test_a_load_that_does_not_add_up_is_rolled_back(landing: Path, writer_file: Path) -> None:
    """If a purge removed other records than the page states, nothing is committed."""
    file = land(landing, [page(video(1), records=2, redacted=3)])
    with Writer(writer_file, CLOCK) as writer:
        with pytest.raises(AuditFailed, match="count 2 records and its bodies hold 1"):
            load_files(writer, [file])
        assert writer.query("select count(*) as n from core.videos")["n"].to_list() == [0]


def test_a_page_from_which_a_purge_cut_records_adds_up(landing: Path, writer_file: Path) -> None:
    """`redacted` explains the missing records, whether the envelope still counts them or not."""
    for number, counted in enumerate((2, 1)):
        file = land(landing, [page(video(1), records=counted, redacted=1)], load_id=f"videos/climate/f/w.look-{number}")
        assert load(writer_file, [file]).loaded == (file.load_id,)


def test_a_crash_between_load_and_commit_leaves_nothing(
    landing: Path, writer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load that dies before its commit changes nothing, and the next load is complete."""

    class _PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise _PowerCut

    file = land(landing, [page(video(1))])
    with monkeypatch.context() as patch:
        patch.setattr(auditing, "audit", cut)
        with pytest.raises(_PowerCut):
            load(writer_file, [file])
    assert all(frame.is_empty() for name, frame in contents(writer_file).items() if name.startswith("core."))
    assert load(writer_file, [file]).rows["core.videos"] == 1


def test_strays_are_videos_and_not_hits(landing: Path, writer_file: Path) -> None:
    """A video posted outside the requested days is kept, counted, and is not a hit of the search's day."""
    stray = video(2, at=OCTOBER + timedelta(days=2))
    report = load(writer_file, [land(landing, [page(video(1), stray)])])
    assert report.strays == 1
    assert rows(writer_file, "select video_id from core.videos order by 1") == [
        {"video_id": snowflake(1)},
        {"video_id": stray["id"]},
    ]
    assert rows(writer_file, "select video_id from core.search_hits") == [{"video_id": snowflake(1)}]


def test_many_small_files_share_transactions(landing: Path, writer_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch ends before it has too many lines; a larger file is a batch of its own."""
    monkeypatch.setattr(loading, "_LINES_TOGETHER", 2)
    files = [
        land(
            landing,
            [page(video(n), fetched_at=later(seconds=n)) for n in range(1, lines + 1)],
            load_id=f"videos/climate/f/w.look-{number}",
        )
        for number, lines in enumerate((1, 1, 3, 1))
    ]
    assert load(writer_file, files).loaded == tuple(file.load_id for file in files)


def test_a_redacted_file_takes_its_records_out(landing: Path, writer_file: Path) -> None:
    """Loading a file again after a purge deletes the records that only this file had."""
    tagged = {"hashtag_names": ["bees"], "hashtag_info_list": [{"hashtag_id": 7, "hashtag_name": "bees"}]}
    once, users = [page(video(1), video(2) | tagged)], [user_page("lena", fetched_at=later(days=1))]
    files = [
        land(landing, [page(video(3) | tagged, fetched_at=later(days=1))], load_id=NEXT_LOOK),
        land(landing, [user_page("lena")], load_id=USERS),
    ]
    load(writer_file, [land(landing, once), land(landing, users, load_id=USERS_LATER), *files])
    cut = [
        land(landing, [page(video(1), redacted=1)]),
        land(landing, [user_page(records=0, redacted=1, body="{}", subject=None)], load_id=USERS_LATER),
    ]
    with Writer(writer_file, CLOCK) as writer:
        load_files(writer, cut)
    assert rows(writer_file, "select video_id from core.videos order by 1") == [
        {"video_id": snowflake(1)},
        {"video_id": snowflake(3)},
    ]
    assert rows(writer_file, "select hashtag_name from core.hashtags") == [{"hashtag_name": "bees"}]
    assert rows(writer_file, "select username, observed_at from core.users") == [
        {"username": "lena", "observed_at": MORNING}
    ]
