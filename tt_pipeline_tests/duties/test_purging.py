"""After a purge no copy has what was deleted, and everything else is as it was."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from typing import Any

import polars as pl
import pytest

from tt_pipeline.audit_log import audit_entries
from tt_pipeline.duties import PurgeRequest, carry_out, is_under_way, resume, verify_reports
from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.errors import CollectionRuns, DeletionUnfinished, LandingIncomplete, StorageFailed, UsageError
from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.reports import read_identifier, trace
from tt_pipeline.safe_files import shared_lease
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.duties.builders import COMMENTS, CREATOR, OTHER_COMMENT, VIDEO, Stored, deletion_of, places_of
from tt_pipeline_tests.duties.conftest import OCTOBER_3
from tt_pipeline_tests.failing_disks import files_no_larger_than
from tt_pipeline_tests.warehouse.builders import (
    NEXT_LOOK,
    comment,
    contents,
    land,
    later,
    page,
    rows,
    snowflake,
    video,
)

pytestmark = pytest.mark.journey

REQUESTS: dict[str, tuple[dict[str, Any], list[int | str]]] = {
    "video": ({"ids": (VIDEO,)}, [VIDEO, *COMMENTS]),
    "comment": ({"ids": (OTHER_COMMENT,)}, [OTHER_COMMENT, snowflake(9803)]),
    "user": (
        {"usernames": (f"@{CREATOR.upper()}",)},
        [VIDEO, snowflake(5, OCTOBER_3), *COMMENTS, CREATOR],
    ),
    "search": ({"search": "green"}, [snowflake(4), comment(7)["id"]]),
    "days": ({"days": (date(2026, 10, 3), date(2026, 10, 3))}, [snowflake(5, OCTOBER_3)]),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_what_was_purged_is_nowhere(stored: Stored, kind: str) -> None:
    """No byte, no column and no unpacked line has it: data dir, exports, backup, logs, storage; the trace says so."""
    request, words = REQUESTS[kind]
    assert places_of(stored.root, words)

    report = stored.purge(**request)

    assert places_of(stored.root, words) == []
    for word in words:
        found = trace(stored.files, read_identifier(str(word)))
        assert (found.pages, found.held) == ((), ())
    assert not is_under_way(stored.files)
    assert report.copies.backups == (stored.root / "backup",)


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_warehouse_is_the_one_that_a_rebuild_makes(stored: Stored, kind: str) -> None:
    """What is published after a purge follows from the landed files, and nothing is left to load or remove."""
    stored.purge(**REQUESTS[kind][0])
    purged = contents(stored.files.writer)
    with stored.opened() as workspace:
        rebuild_warehouse(workspace)
        publish_warehouse(workspace)
    assert _differing(purged, contents(stored.files.writer)) == set()


def _differing(first: dict[str, pl.DataFrame], second: dict[str, pl.DataFrame]) -> set[str]:
    return {
        name
        for name in first
        if not first[name].drop("loaded_at", strict=False).equals(second[name].drop("loaded_at", strict=False))
    } - {"ops.publish_info", "ops.check_results", "ops.schema_versions", "ops.compliance", "ops.audit"}


def test_everything_else_is_as_it_was(stored: Stored) -> None:
    """Rows of others keep every value but the mention and the id that were masked."""
    before = contents(stored.files.writer)
    stored.purge(usernames=(CREATOR,))
    after = contents(stored.files.writer)

    videos = [VIDEO, snowflake(5, OCTOBER_3)]
    for name in ("core.video_snapshots", "core.search_hits", "core.comment_snapshots", "core.video_hashtags"):
        key = "comment_id" if name == "core.comment_snapshots" else "video_id"
        gone = COMMENTS if key == "comment_id" else videos
        assert after[name].equals(before[name].filter(~pl.col(key).is_in(gone))), name
    (described,) = rows(stored.files.writer, f"select description from core.videos where video_id = {snowflake(2)}")
    assert described == {"description": "seht @[deleted], 视频[deleted] #bees"}
    texts = rows(stored.files.writer, f"select text from core.comments where comment_id = {snowflake(9803)}")
    assert texts == [{"text": "@[deleted] ja"}]


def test_days_stay_complete(stored: Stored) -> None:
    """A search is as complete as it was before its videos were deleted."""
    columns = "select search, day_date, status, looks, slots, requests from ops.search_coverage order by all"
    before = rows(stored.files.writer, columns)
    stored.purge(search="climate")
    assert rows(stored.files.writer, columns) == before


def test_a_selection_takes_what_is_below(stored: Stored) -> None:
    """A video takes its comments, a comment its replies, and a creator without videos the profile."""
    video, comment_, user = (
        stored.select(**request).subjects
        for request in ({"ids": (VIDEO,)}, {"ids": (OTHER_COMMENT,)}, {"usernames": (CREATOR,)})
    )
    assert video == NamedSubjects(videos=frozenset({VIDEO}), comments=frozenset(COMMENTS))
    assert comment_ == NamedSubjects(comments=frozenset({OTHER_COMMENT, snowflake(9803)}))
    assert user == NamedSubjects(
        videos=frozenset({VIDEO, snowflake(5, OCTOBER_3)}), comments=frozenset(COMMENTS), users=frozenset({CREATOR})
    )


def test_a_search_loses_only_what_no_other_search_has_found(stored: Stored) -> None:
    """A video of two searches stays; a creator of whom no video is left loses the profile, an observed account not."""
    assert stored.select(search="green").subjects.videos == {snowflake(4)}
    climate = stored.select(search="climate").subjects
    assert climate.videos == {VIDEO, snowflake(3), snowflake(5, OCTOBER_3)}
    assert climate.creators == {"creator_3"}


def test_an_unknown_search_is_an_error(stored: Stored) -> None:
    """The message names the searches."""
    with pytest.raises(UsageError, match="the searches are climate, green"):
        stored.select(search="grene")


def test_an_account_that_is_only_mentioned_is_known(stored: Stored) -> None:
    """Texts are read too; ids and usernames that are nowhere are reported."""
    text = stored.files.landing / "comments/2026-10-02/run-1.ndjson.zst"
    assert text.exists()
    found = stored.select(ids=(VIDEO, VIDEO + 10**9), usernames=("kim", "nobody"))
    assert found.unknown == (str(VIDEO + 10**9), "@nobody")
    assert VIDEO + 10**9 in found.subjects.videos & found.subjects.comments


def test_other_usernames_of_an_account_are_said(stored: Stored) -> None:
    """A video was seen under two: the second one is not deleted unless it is named, and nothing is silent."""
    page_of_new_name = page(video(3, username="new_name"), look=3, fetched_at=later(days=10))
    land(stored.files.landing, [page_of_new_name], load_id=NEXT_LOOK.replace("look-2", "look-3"))
    assert stored.select(usernames=("new_name",)).also_named == ("creator_3",)
    assert stored.select(usernames=("new_name", "creator_3")).also_named == ()
    assert stored.select(usernames=("kim",)).also_named == ()


def test_the_report_is_signed(stored: Stored) -> None:
    """It has kinds, reason and numbers and nothing of anybody, and a change is noticed."""
    report = stored.purge(ids=(VIDEO,))
    stones = Tombstones.of(stored.files.internal)
    assert list(verify_reports(stored.files.deletions, stones)) == []
    values = json.loads(report.file.read_text())
    assert (values["why"], values["counts"]["videos"], values["counts"]["comments"]) == ("takedown", 1, 2)
    assert values["counts"]["landed_records"] == 4

    report.file.write_text(report.file.read_text().replace('"videos": 1', '"videos": 2'))
    (problem,) = verify_reports(stored.files.deletions, stones)
    assert "was changed after it was signed" in problem


def test_the_audit_log_has_the_deletion_once(stored: Stored) -> None:
    """Who, when and how many; the published file has it too, and the tombstones."""
    stored.purge(ids=(VIDEO,))
    (entry,) = (each for each in audit_entries(stored.files.audit) if each["what"] == "purge")
    assert json.loads(entry["counts"])["videos"] == 1
    assert rows(stored.files.published, "select what from ops.audit where what = 'purge'") == [{"what": "purge"}]
    assert rows(
        stored.files.published, "select subject, reason, count(*) as n from ops.deletions group by all order by 1"
    ) == [
        {"subject": "comment", "reason": "below", "n": 2},
        {"subject": "video", "reason": "takedown", "n": 1},
    ]


def test_storage_of_dagster_keeps_everything_else(stored: Stored) -> None:
    """Only the id and the name are written over, in every kind of table; logs keep their length."""
    dagster = stored.files.internal / "dagster"
    log = dagster / "storage" / "run" / "compute.err"
    before = log.read_text()
    stored.purge(usernames=(CREATOR,))
    stars, name = "*" * 19, "*" * (len(CREATOR) + 1)
    assert log.read_text() == before.replace(f"{VIDEO}", stars).replace(f"@{CREATOR}", name)
    with closing(sqlite3.connect(dagster / "runs.db")) as connection:
        assert connection.execute("select event from event_logs").fetchall() == [
            ('{"x": "[deleted] @[deleted]", "y": 5}',),
            ("other",),
        ]
        assert connection.execute("select * from keyed order by 1").fetchall() == [
            ("other", "[deleted]"),
            ("run of [deleted]", "x"),
        ]


def test_a_damaged_storage_is_named(stored: Stored) -> None:
    """The deletion ends, and the report says which file a person has to delete."""
    damaged = stored.files.internal / "dagster" / "odd.db"
    damaged.write_bytes(b"SQLite format 3\x00" + f" {VIDEO} ".encode() * 30)
    assert f"{damaged}" in {each.partition(":")[0] for each in stored.purge(ids=(VIDEO,)).by_hand}


def test_files_of_people_are_named_and_kept(stored: Stored) -> None:
    """The study's own lists, notes and databases are not edited; the report says where they are."""
    (stored.files.root / "note.txt").write_text(f"see {VIDEO}")
    (stored.files.root / "mine.duckdb").write_bytes(b"01234567DUCK")
    report = stored.purge(ids=(VIDEO,))
    assert {each.partition(":")[0] for each in report.by_hand} >= {
        f"{stored.files.root / name}" for name in ("note.txt", "mine.duckdb")
    }
    assert (stored.files.root / "note.txt").read_text() == f"see {VIDEO}"


def test_copies_that_cannot_be_reached_are_named(stored: Stored) -> None:
    """An export that was moved, a backup whose disk is away, an export that is damaged: each is a sentence."""
    shutil.rmtree(stored.root / "backup")
    shutil.rmtree(stored.root / "elsewhere")
    damaged = stored.files.exports / "csv" / "odd.parquet"
    damaged.write_bytes(b"no parquet")
    report = stored.purge(ids=(VIDEO,))
    named = "\n".join(report.by_hand)
    assert all(f"{place}: " in named for place in (stored.root / "backup", stored.root / "elsewhere", damaged))
    assert not (stored.root / "backup").exists()


def test_nothing_is_deleted_while_another_process_collects(stored: Stored) -> None:
    """Nothing is begun either, so the next publication is not hindered; also in a folder that is new."""
    before = places_of(stored.root, [VIDEO])
    with shared_lease(stored.files.landing / ".all.lease"), pytest.raises(CollectionRuns):
        stored.purge(ids=(VIDEO,))
    assert (is_under_way(stored.files), places_of(stored.root, [VIDEO])) == (False, before)


def test_nothing_is_deleted_while_landed_files_are_missing(stored: Stored) -> None:
    """A disk that is not mounted would keep the data; the message says so."""
    with stored.opened() as workspace:
        publish_warehouse(workspace)
        (stored.files.landing / "liked" / "2026-11-05" / "run-1.ndjson").unlink()
        workspace.zone.catch_up()
        deletion = deletion_of(workspace, PurgeRequest(ids=(snowflake(2),)))
        with pytest.raises(LandingIncomplete):
            carry_out(workspace, stored.settings.study_file, deletion)
    assert not is_under_way(stored.files)


def test_an_interrupted_deletion_goes_on(stored: Stored) -> None:
    """Until then nothing is published but by the deletion itself, and what was published stays readable."""
    published = stored.files.published.read_bytes()
    with stored.opened() as workspace:
        deletion_of(workspace, PurgeRequest(ids=(VIDEO,))).write(stored.files)
        with pytest.raises(DeletionUnfinished, match="tt purge --continue"):
            publish_warehouse(workspace)
        assert stored.files.published.read_bytes() == published
        resume(workspace, stored.settings.study_file)
        publish_warehouse(workspace)
    assert places_of(stored.root, [VIDEO]) == []


def test_a_full_disk_leaves_a_deletion_that_goes_on(stored: Stored) -> None:
    """The message says what failed; the published file is whole, and the same command later deletes everything."""
    published = stored.files.published.read_bytes()
    with stored.opened() as workspace:
        deletion = deletion_of(workspace, PurgeRequest(ids=(VIDEO,)))
        with files_no_larger_than(400_000), pytest.raises(StorageFailed):
            carry_out(workspace, stored.settings.study_file, deletion)
        assert stored.files.published.read_bytes() == published
        resume(workspace, stored.settings.study_file)
    assert places_of(stored.root, [VIDEO]) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"videos": ["x"]}'])
def test_a_damaged_record_of_a_deletion_is_named(stored: Stored, content: str) -> None:
    """The message says what to do, and nothing is published before."""
    stored.files.deletion.write_text(content)
    with stored.opened() as workspace, pytest.raises(StorageFailed, match="run the purge again"):
        resume(workspace, stored.settings.study_file)


def test_a_second_purge_finds_nothing(stored: Stored) -> None:
    """What was deleted is not stored, so there is nothing to select; a study file of a broken study does not hinder."""
    stored.purge(ids=(VIDEO,))
    again = stored.select(ids=(VIDEO,))
    assert (again.rows, again.unknown) == ({}, (str(VIDEO),))
