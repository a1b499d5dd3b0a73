"""Each check finds the breach it is for and reports the number of rows and the remedy."""

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.checks import CHECKS, Breach, CheckResult, Severity, keys, run_checks
from tt_pipeline.warehouse.kept_marts import keep_marts
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLIMATE,
    CLOCK,
    OCTOBER,
    comment,
    comment_page,
    coverage,
    land,
    load,
    page,
    rows,
    snowflake,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import searches

pytestmark = pytest.mark.newest


def _results(writer_file: Path, *statements: str) -> dict[str, CheckResult]:
    with Writer(writer_file, CLOCK) as writer:
        for sql in statements:
            writer.connection.execute(sql)
        return {result.name: result for result in run_checks(writer)}


def _broken(results: dict[str, CheckResult]) -> dict[str, str]:
    return {name: result.message for name, result in results.items() if not result.passed}


def test_a_sound_warehouse_passes(landing: Path, writer_file: Path) -> None:
    """No check reports anything about a correct warehouse or an empty one."""
    assert _broken(_results(writer_file)) == {}
    load(writer_file, [land(landing, [page(video(1), video(1))])])
    results = _results(writer_file)
    assert _broken(results) == {}
    assert {(result.message, result.remedy) for result in results.values()} == {("Holds.", "")}


@pytest.mark.parametrize(
    ("table", "also"),
    [("core.videos", ""), ("core.search_hits", ""), ("core.video_snapshots", "rows_are_conserved")],
)
def test_repeated_keys_are_found(landing: Path, writer_file: Path, table: str, also: str) -> None:
    """A row that occurs twice blocks publication, in any table."""
    load(writer_file, [land(landing, [page(video(1))])])
    results = _results(writer_file, f"insert into {table} select * from {table}")
    assert set(_broken(results)) == {"keys_are_unique", also} - {""}
    found = results["keys_are_unique"]
    assert (found.rows.to_dicts(), found.is_blocking) == ([{"table_name": table, "repeated_keys": 1}], True)


def test_keys_of_touched_rows_are_checked_and_with_whole_checks_all(
    landing: Path, writer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a publication only rows that a load touched, and a sample, can break a rule without a whole check."""
    monkeypatch.setattr(keys, "_SAMPLE", 0)
    load(writer_file, [land(landing, [page(video(1), video(2))])])
    keep_marts(writer_file)
    with Writer(writer_file, CLOCK) as writer:

        def broken(*, is_whole: bool) -> set[str]:
            found = {result.name for result in run_checks(writer, is_whole=is_whole) if not result.passed}
            return found & {"keys_are_unique", "no_row_is_orphaned"}

        mention = "select 77 as video_id, 'jo' as username, now() as first_observed_at, 'x' as load_id"
        writer.connection.execute(f"insert into core.video_mentions by name ({mention} union all {mention})")
        assert (broken(is_whole=False), broken(is_whole=True)) == (set(), {"keys_are_unique", "no_row_is_orphaned"})
        writer.connection.execute("insert into kept.touched values (77)")
        assert broken(is_whole=False) == {"keys_are_unique", "no_row_is_orphaned"}


def test_lost_rows_are_found(landing: Path, writer_file: Path) -> None:
    """A load with missing rows blocks publication."""
    load(writer_file, [land(landing, [page(video(1), video(2))])])
    results = _results(writer_file, f"delete from core.video_snapshots where video_id = {snowflake(1)}")
    found = results["rows_are_conserved"]
    assert _broken(results) == {"rows_are_conserved": "Loads whose rows are not those of their pages: 1."}
    assert (found.is_blocking, found.rows["load_id"].to_list()) == (True, [CLIMATE])


def test_ids_that_disagree_with_their_time_are_found(landing: Path, writer_file: Path) -> None:
    """More than a day apart is odd; the usual half minute is not."""
    odd = video(2, create_time=int((OCTOBER + timedelta(days=1, seconds=1)).timestamp()))
    load(writer_file, [land(landing, [page(video(1), odd)])])
    results = _results(writer_file)
    assert list(_broken(results)) == ["id_time_agrees"]
    assert results["id_time_agrees"].rows["video_id"].to_list() == [snowflake(2)]


def test_open_quarantine_entries_are_reported(writer_file: Path) -> None:
    """An error names file and line until the pages are requested again; if the study excludes them, a warning."""
    row = {
        "file": f"{CLIMATE}.ndjson.zst",
        "dataset": "videos",
        "window_from_date": date(2026, 10, 1),
        "window_to_date": date(2026, 10, 3),
        "reason": "it is no JSON",
    }
    rows = [
        row | {"line": 2, "is_open": True, "is_given_up": False},
        row | {"line": 3, "is_open": False, "is_given_up": False},
        row | {"line": 4, "is_open": True, "is_given_up": True},
    ]
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.quarantine", pl.DataFrame(rows, schema=TABLES["ops.quarantine"].frame_schema))
    results = _results(writer_file)
    found = [results[name] for name in _broken(results)]
    assert [(check.name, check.severity, check.is_blocking) for check in found] == [
        ("nothing_is_in_quarantine", Severity.ERROR, False),
        ("unread_is_still_asked", Severity.WARNING, False),
    ]
    assert [check.rows.select("file", "line", "reason").rows() for check in found] == [
        [(f"{CLIMATE}.ndjson.zst", line, "it is no JSON")] for line in (2, 4)
    ]


def test_orphans_are_reported(landing: Path, writer_file: Path) -> None:
    """Replies whose parent is not stored are a warning if they are more than one in twenty; a few are usual."""
    replies = [comment(number, parent_comment_id=comment(1)["id"]) for number in range(2, 21)]
    orphan = comment(21, parent_comment_id=7)
    few = [comment_page(comment(1), *replies, orphan)]
    load(writer_file, [land(landing, few, load_id="comments/2026-10-02/run-1")])
    assert _broken(_results(writer_file)) == {}
    more = [comment_page(comment(22, under=2, parent_comment_id=7), under=2)]
    load(writer_file, [land(landing, more, load_id="comments/2026-10-02/run-2")])
    says = "Replies answer a comment that is not there, which is more than one in twenty: 2 of 21."
    assert _broken(_results(writer_file)) == {"parents_are_known": says}


def test_what_is_stored_elsewhere_names_nobody(landing: Path, writer_file: Path) -> None:
    """Dagster's events get the numbers of a broken rule, and no id or username of the rows that break it."""
    orphan = snowflake(777)
    load(
        writer_file,
        [land(landing, [comment_page(comment(22, parent_comment_id=orphan))], load_id="comments/2026-10-02/run-1")],
    )
    load(writer_file, [land(landing, [page(video(1))])])
    results = _results(writer_file, "delete from core.videos")

    broken = results["parents_are_known"]
    assert f"parent_comment_id={orphan}" in broken.summary
    assert broken.impersonal_summary == f"{broken.message} {broken.remedy}"
    assert "first_id=" in results["no_row_is_orphaned"].summary
    ids = re.compile(r"\d{15}")
    assert [name for name, result in results.items() if ids.search(result.impersonal_summary)] == []


def test_incomplete_days_are_reported(writer_file: Path) -> None:
    """A day that is due and not complete is a warning; a day that is not due is not."""
    statuses = (
        "complete",
        "early",
        "not_due",
        "outside",
        "partial",
        "paused",
        "unavailable",
        "never_asked",
        "outdated",
    )
    days = [(date(2026, 10, number), status) for number, status in enumerate(statuses, start=1)]
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.search_coverage", coverage(*days))
    found = _results(writer_file)["coverage_is_complete"]
    assert found.rows["status"].to_list() == ["partial", "paused", "unavailable", "never_asked", "outdated"]


@pytest.mark.parametrize(("status", "found"), [("complete", [date(2026, 10, 3)]), ("partial", [])])
def test_sudden_silence_is_reported(writer_file: Path, status: str, found: list[date]) -> None:
    """A complete day without videos among days of 20 is an error that names search and day; a known hole is not."""
    records = {date(2026, 10, day): 20 if day != 3 else 0 for day in range(1, 6)}
    days = [(day, "complete" if many else status) for day, many in records.items()]
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.search_coverage", coverage(*days, records=records))
    result = _results(writer_file)["no_sudden_silence"]
    assert (result.rows["day_date"].to_list(), result.severity) == (found, Severity.ERROR)


@pytest.mark.parametrize(("misfits", "rate"), [(1, None), (2, 0.1)])
def test_hits_that_do_not_fit_are_reported_by_their_rate(
    landing: Path, writer_file: Path, misfits: int, rate: float | None
) -> None:
    """More than one in twenty is a warning that names the search; hits that cannot be judged do not count."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "EQ", "field_values": ["DE"]}]}}
    videos = [video(number, region_code="FR" if number < misfits else "DE") for number in range(20)]
    silent = [video(number, region_code=None) for number in range(20, 60)]
    load(writer_file, [land(landing, [page(*videos, *silent, request=german)])])
    result = _results(writer_file)["hits_fit_their_query"]
    message = f"10 % of climate does not fit its query: {misfits} of 20 videos."
    found = Breach(search="climate", counted=misfits, out_of=20, message=message)
    assert (result.breaches, result.message) == (((found,), message) if rate else ((), "Holds."))
    assert (result.severity, result.is_blocking) == (Severity.WARNING, False)


def test_a_video_of_several_draws_counts_once(landing: Path, writer_file: Path) -> None:
    """A sample has a row for each draw that found a video."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "EQ", "field_values": ["DE"]}]}}
    videos = [video(number, region_code="FR" if number < 2 else "DE") for number in range(20)]
    load(writer_file, [land(landing, [page(*videos, request=german)])])
    drawn_again = "insert into core.search_hits select * replace (2 as draw) from core.search_hits where not matches"
    results = _results(writer_file, "update core.search_hits set draw = 1", drawn_again)
    assert results["hits_fit_their_query"].message == "10 % of climate does not fit its query: 2 of 20 videos."


def test_hits_of_earlier_versions_and_one_off_searches_are_not_judged(landing: Path, writer_file: Path) -> None:
    """A query that was edited because of its misfits would warn for ever."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "EQ", "field_values": ["DE"]}]}}
    load(writer_file, [land(landing, [page(video(1, region_code="FR"), request=german)])])
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches({"search": "climate", "is_current": False}))
    assert _results(writer_file)["hits_fit_their_query"].rows.is_empty()


def test_comments_of_another_video_are_reported(landing: Path, writer_file: Path) -> None:
    """They are kept under the video that they name; the list that returned them is named."""
    found = comment_page(comment(1), comment(2, under=2))
    load(writer_file, [land(landing, [page(video(1), video(2))]), land(landing, [found], load_id="comments/x/run-1")])
    result = _results(writer_file)["comments_are_of_their_video"]
    assert result.rows.to_dicts() == [{"load_id": "comments/x/run-1", "rows_loaded": 2, "strays": 1}]
    kept = rows(writer_file, "select video_id from core.comments order by comment_id")
    assert [row["video_id"] for row in kept] == [snowflake(1), snowflake(2)]


def test_every_check_says_what_to_do() -> None:
    """Names of checks are unique, and every breach has a remedy."""
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.says and check.remedy for check in CHECKS)
