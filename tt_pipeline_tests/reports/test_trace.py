"""A trace finds everything stored of a video, a comment or an account, and the requests that returned it."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import QueryStopped, UsageError
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.reports.exports.network_export import export_networks
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_tables
from tt_pipeline.reports.provenance.export_registry import remember_export
from tt_pipeline.reports.provenance.identifier import Identifier, read_identifier
from tt_pipeline.reports.provenance.support_mail import Failure, failed_requests, write_support_mail
from tt_pipeline.reports.provenance.trace import LandedPage, StoredRows, Trace, trace
from tt_pipeline.safe_files import lease
from tt_pipeline.vocabulary import Bucket, Dataset, ExportFormat
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import (
    CLIMATE,
    CLOCK,
    NEXT_LOOK,
    body,
    comment,
    comment_page,
    land,
    later,
    list_page,
    load,
    packed,
    page,
    profile,
    snowflake,
    user_page,
    video,
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Two looks at a video, its comment, its creator and her follower; loaded, published and exported."""
    data = DataDir(tmp_path_factory.mktemp("trace") / "data")
    landed = [
        packed(land(data.landing, [page(video(2)), page(video(1, username="lena"), fetched_at=later(seconds=9))])),
        land(
            data.landing,
            [page(video(1, username="lena"), look=2, fetched_at=later(days=9), log_id="L2")],
            load_id=NEXT_LOOK,
        ),
        land(data.landing, [comment_page(comment(1, text="so wahr, @lena!"))], load_id="comments/2026-10-02/run-1"),
        land(data.landing, [user_page("lena")], load_id="users/2026-10-02/run-1"),
        land(data.landing, [list_page(Dataset.FOLLOWERS, "jo", "lena", "lena.b")], load_id="followers/2026-11-05/r"),
    ]
    load(data.writer, landed)
    publish_file(data.writer, data.published, CLOCK)
    for format_, for_excel in ((ExportFormat.PARQUET, False), (ExportFormat.CSV, True)):
        shape = Shape(format=format_, created=CLOCK.now(), for_excel=for_excel)
        export_tables(data.published, ["marts.videos"], data.exports / format_.value, shape)
    return data


@pytest.fixture
def files(collected: DataDir, tmp_path: Path) -> DataDir:
    """A copy of the collected data dir."""
    shutil.copytree(collected.root, tmp_path / "data")
    return DataDir(tmp_path / "data")


def test_each_page_with_a_video_is_traced(files: DataDir) -> None:
    """A page has search, query version, look, request, log_id, time, file and line, also in compressed files."""
    found = trace(files, read_identifier(str(snowflake(1)))).pages
    assert found[1] == LandedPage(
        file=f"internal/landing/{CLIMATE}.ndjson.zst",
        line=2,
        dataset="videos",
        search="climate",
        fingerprint="f" * 64,
        look=1,
        window_from=date(2026, 10, 1),
        window_to=date(2026, 10, 3),
        endpoint="video_query",
        request={"start_date": "20261001", "end_date": "20261003"},
        fetched_at=later(seconds=9),
        status=200,
        log_id="L1",
        places=("data.videos[].id",),
    )
    assert [(page.file.split("/landing/")[1], page.line, page.places) for page in found] == [
        (
            *("comments/2026-10-02/run-1.ndjson", 1),
            ("request", "data.comments[].parent_comment_id", "data.comments[].video_id"),
        ),
        (f"{CLIMATE}.ndjson.zst", 2, ("data.videos[].id",)),
        (f"{NEXT_LOOK}.ndjson", 1, ("data.videos[].id",)),
    ]


def test_every_table_and_export_with_a_video_is_traced(files: DataDir) -> None:
    """The trace lists the writer's and the published warehouse, tables that only readers have, and both exports."""
    found = trace(files, read_identifier(f"https://www.tiktok.com/@lena/video/{snowflake(1)}?lang=de")).held
    stored = [
        ("core.comments", "parent_comment_id", 1),
        ("core.comments", "video_id", 1),
        ("core.search_hits", "video_id", 1),
        ("core.video_snapshots", "video_id", 2),
        ("core.videos", "video_id", 1),
    ]
    for_readers = [
        ("core.found_videos", "video_id", 1),
        ("core.latest_video_snapshots", "video_id", 1),
        ("marts.video_growth", "video_id", 2),
        ("marts.videos", "url", 1),
        ("marts.videos", "video_id", 1),
    ]
    exported = [("url", 1), ("video_id", 1)]
    assert sorted(found, key=str) == sorted(
        [
            *(
                StoredRows(file=file, table=table, column=column, rows=rows)
                for file, tables in (
                    ("warehouse.duckdb", stored + for_readers),
                    ("internal/writer.duckdb", stored + for_readers),
                )
                for table, column, rows in tables
            ),
            *(
                StoredRows(file=f"exports/{kind}", table=f"marts.videos.{kind}", column=column, rows=rows)
                for kind in ("csv", "parquet")
                for column, rows in exported
            ),
        ],
        key=str,
    )


def test_a_comment_is_traced_to_its_page(files: DataDir) -> None:
    """The trace of a comment's id finds the page of the comment."""
    found = trace(files, read_identifier(str(snowflake(1001))))
    assert [(page.dataset, page.places) for page in found.pages] == [("comments", ("data.comments[].id",))]
    assert {(place.table, place.column) for place in found.held} == {
        ("core.comments", "comment_id"),
        ("core.comment_snapshots", "comment_id"),
    }


@pytest.mark.parametrize("handle", ["lena", "@lena", "https://www.tiktok.com/@lena", "@LENA"])
def test_an_account_is_found_as_creator_profile_follower_and_mention(files: DataDir, handle: str) -> None:
    """Another handle that begins with the same letters is not found."""
    found = trace(files, read_identifier(handle))
    assert {(page.dataset, place) for page in found.pages for place in page.places} == {
        ("videos", "data.videos[].username"),
        ("comments", "data.comments[].text"),
        ("users", "request"),
        ("followers", "data.user_followers[].username"),
    }
    stored = {
        ("core.videos", "username", 1),
        ("core.comments", "text", 1),
        ("core.users", "username", 1),
        ("core.user_snapshots", "username", 1),
        ("core.follow_snapshots", "follower", 1),
    }
    assert _tables_in(found, "internal/writer.duckdb") == stored | {
        ("marts.videos", "username", 1),
        ("marts.videos", "creator_id", 1),
    }
    assert _tables_in(found, "warehouse.duckdb") == stored | {
        ("marts.videos", "username", 1),
        ("marts.videos", "creator_id", 1),
    }


def _tables_in(found: Trace, file: str) -> set[tuple[str, str, int]]:
    return {(place.table, place.column, place.rows) for place in found.held if place.file == file}


def test_a_handle_is_not_found_in_a_sentence() -> None:
    """A word that is also a handle is not found; a mention, a link and a list entry are."""
    climate = read_identifier("climate")
    texts = [
        "climate",
        "@climate.",
        "hi @climate",
        "tiktok.com/@climate/video/1",
        "a; climate; b",
        "climate change",
        "the climate",
    ]
    assert [text for text in texts if climate.is_in(text)] == texts[:5]


def test_a_handle_is_found_whatever_its_case() -> None:
    """TikTok takes no notice of case, and neither does a deletion."""
    lena = read_identifier("Lena")
    texts = ["LENA", "hi @lena", "\uff20LENA!", "@lena\u4f60", "jo; lena", "'lena", "lena b", "@lena_b", "@lena.b"]
    assert [text for text in texts if lena.is_in(text)] == texts[:6]


def test_a_word_that_equals_a_handle_is_not_found(tmp_path: Path) -> None:
    """A hashtag and the name of a person stay after a deletion, so a trace does not report them."""
    files = DataDir(tmp_path / "data")
    load(
        files.writer,
        [
            land(files.landing, [page(video(1, hashtag_names=["lena"], video_description="lena"))]),
            land(
                files.landing,
                [user_page("jo", body=body(**profile(display_name="Lena")))],
                load_id="users/2026-10-02/r",
            ),
        ],
    )
    publish_file(files.writer, files.published, CLOCK)
    found = trace(files, read_identifier("lena"))
    assert (found.pages, found.held) == ((), ())


def test_odd_places_of_a_page_are_traced(tmp_path: Path) -> None:
    """Escaped letters and digits, keys, beginnings of rejected answers, requests, bodies that are no JSON."""
    files, wanted = DataDir(tmp_path / "data"), str(snowflake(1))
    escaped = page(body=page(video(2, video_description="AT", note="ID")).body.replace("AT", r"\u0040\u006cEna"))
    escaped = replace(escaped, body=escaped.body.replace("ID", rf"\u003{wanted[0]}{wanted[1:]}"))
    pages = [
        escaped,
        page(video(2, by_id={wanted: 1}, of={"@Lena": 2}), fetched_at=later(seconds=1)),
        page(video(2), rejected=({"head": f"<{wanted} @lena>"},), fetched_at=later(seconds=2)),
        page(video(2), request={"username": "LENA", "ids": [wanted]}, fetched_at=later(seconds=3)),
        page(body=f"<p>{wanted} @LENA", fetched_at=later(seconds=4)),
    ]
    land(files.landing, pages)

    def places(sought: str) -> list[tuple[str, ...]]:
        return [page.places for page in trace(files, read_identifier(sought)).pages]

    assert places(wanted) == [
        ("data.videos[].note",),
        (f"data.videos[].by_id.{wanted}",),
        ("rejected",),
        ("request.ids[]",),
        ("body",),
    ]
    assert places("lena") == [
        ("data.videos[].video_description",),
        ("data.videos[].of.@Lena",),
        ("rejected",),
        ("request.username",),
        ("body",),
    ]


def test_other_files_are_traced(files: DataDir) -> None:
    """Logs and Dagster's storage are read byte by byte: an id after a Chinese letter, a handle in any case."""
    log = files.internal / "dagster" / "run.log"
    log.parent.mkdir()
    log.write_text(f"x{snowflake(1)} \\u9891{snowflake(1)} 1{snowflake(1)} @LENA @lena_b @lena.\n")
    for sought, times in ((f"{snowflake(1)}", 2), ("lena", 2)):
        held = trace(files, read_identifier(sought)).held
        assert [each for each in held if each.file == "internal/dagster/run.log"] == [
            StoredRows(file="internal/dagster/run.log", table="", column="", rows=times)
        ]


def test_files_that_lie_in_the_folder_of_exports_are_traced(files: DataDir) -> None:
    """A one-off command may write there, and an export may have lost its description."""
    (files.exports / "parquet" / "datapackage.json").unlink()
    (files.exports / "rows.csv").write_text(f"id\n{snowflake(1)}\n")
    found = trace(files, read_identifier(str(snowflake(1))))
    assert found.exports == ("exports/csv", "exports/parquet", "exports/rows.csv")
    assert {place.file for place in found.held} >= {"exports/parquet", "exports/rows.csv"}


def test_an_id_is_not_found_in_a_longer_one() -> None:
    """Only whole numbers match, as number or text."""
    video_id = Identifier("123")
    assert [
        value for value in (123, "123", "'123", "/video/123?a", 1234, "1234", 0.123, True) if video_id.is_in(value)
    ] == [
        *(123, "123", "'123", "/video/123?a"),
    ]


def test_an_id_that_is_stored_nowhere_is_reported_as_such(files: DataDir) -> None:
    """The trace has no page and no row, and states that every file was read."""
    found = trace(files, read_identifier("9" * 60))
    assert (found.pages, found.held, found.files_read, found.not_read) == ((), (), 5, ())


def test_unreadable_files_are_named(files: DataDir) -> None:
    """A damaged page, a file set aside, a busy writer and a broken published file are named; the rest is traced."""
    (files.landing / f"{NEXT_LOOK}.ndjson").write_bytes(b"{}\n")
    (files.landing / "users" / "x.ndjson.damaged-1").write_bytes(b"lena")
    files.published.write_bytes(b"no database" * 1000)
    with lease(files.internal / "writer.lease"):
        found = trace(files, read_identifier(str(snowflake(1))))
    assert len(found.pages) == 2
    assert [problem.split(": ")[0] for problem in found.not_read] == [
        f"internal/landing/{NEXT_LOOK}.ndjson:1",
        "warehouse.duckdb",
        "internal/writer.duckdb",
        "internal/landing/users/x.ndjson.damaged-1",
    ]


def test_an_empty_data_dir_contains_nothing(tmp_path: Path) -> None:
    """Tracing does not create any file in it."""
    assert trace(DataDir(tmp_path / "none"), read_identifier("lena")).files_read == 0
    assert not (tmp_path / "none").exists()


def test_tracing_changes_nothing(files: DataDir) -> None:
    """Landed files, warehouses and exports stay the same."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files.root.rglob("*") if path.is_file()}
    trace(files, read_identifier("lena"))
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files.root.rglob("*") if path.is_file()}
    assert after == before


def test_an_archive_without_a_lease_is_read(files: DataDir) -> None:
    """An archive without a lease has no writer; tracing does not create a lease."""
    (files.internal / "writer.lease").unlink(missing_ok=True)
    assert _tables_in(trace(files, read_identifier("lena")), "internal/writer.duckdb")
    assert not (files.internal / "writer.lease").exists()


def test_exports_elsewhere_are_read(files: DataDir, tmp_path: Path) -> None:
    """Each folder is read once, by its whole path; a missing one is named; those in the data dir need no note."""
    elsewhere, gone = tmp_path / "paper", tmp_path / "gone"
    shape = Shape(format=ExportFormat.CSV, created=CLOCK.now())
    export_tables(files.published, ["marts.videos"], elsewhere, shape)
    for folder in (elsewhere, gone, elsewhere, files.exports / "csv"):
        remember_export(files, folder)
    assert files.exported.read_text() == f"{elsewhere}\n{gone}\n"

    found = trace(files, read_identifier("lena"))

    assert found.exports == ("exports/csv", "exports/parquet", str(elsewhere))
    assert _tables_in(found, str(elsewhere)) == {
        ("marts.videos.csv", "username", 1),
        ("marts.videos.csv", "creator_id", 1),
    }
    (problem,) = found.not_read
    assert problem.startswith(f"{gone}: an export was written there, and it is there no more")
    assert problem.endswith("take its line out of internal/exported.txt")


def test_an_export_that_was_not_finished_is_named(files: DataDir, tmp_path: Path) -> None:
    """A killed process leaves a hidden folder with part of the data; each is named, in the data dir and elsewhere."""
    elsewhere = tmp_path / "paper"
    remember_export(files, elsewhere)
    left = [files.exports / ".2026.unfinished", tmp_path / ".paper.unfinished"]
    for folder in left:
        folder.mkdir(parents=True)

    found = trace(files, read_identifier("lena"))

    assert [problem.partition(": ")[::2] for problem in found.not_read] == [
        ("exports/.2026.unfinished", "an export that was not finished; delete it"),
        (f"{left[1]}", "an export that was not finished; delete it"),
    ]


@pytest.mark.parametrize("text", ["", "@", "two words"])
def test_a_text_that_is_not_an_id_is_refused(text: str) -> None:
    """The message shows what a valid id looks like."""
    with pytest.raises(UsageError, match="is not an id of a video or comment"):
        read_identifier(text)


@pytest.mark.parametrize("text", ["123", "20261101", "https://www.tiktok.com/@lena/video/123"])
def test_a_number_too_short_for_an_id_is_refused(text: str) -> None:
    """It would match counts and days; the message says how to write a username of digits."""
    with pytest.raises(UsageError, match=r"is too short for the id .* `tt trace @\d+`"):
        read_identifier(text)
    assert read_identifier("@123") == Identifier("@123")


@pytest.mark.parametrize(
    "link", ["https://vm.tiktok.com/ZMabc/", "vt.tiktok.com/ZSabc", "https://www.tiktok.com/t/ZTabc"]
)
def test_a_short_link_is_refused(link: str) -> None:
    """No file contains short links; the message requests the long link."""
    with pytest.raises(UsageError, match=r"is a short link, .*open it in a browser"):
        read_identifier(link)


def test_the_letter_has_what_support_requests(tmp_path: Path) -> None:
    """It has times, endpoints, codes and log_ids of this key's failures; it omits key, quota and missing accounts."""
    clock = FrozenClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
    answers: list[tuple[int | None, str, str | None]] = [
        (200, "ok", "GOOD"),
        (500, "internal_error", "20261120A"),
        (None, "no_answer", None),
        (500, "internal_error", "20261120B"),
        (400, "invalid_params", "20261120C"),
        (429, "daily_quota_limit_exceeded", "LIMIT"),
    ]
    with Ledger(tmp_path / "ledger.sqlite", client_key="k-secret", clock=clock) as ledger:
        for status, code, log_id in answers:
            gate = ledger.gate(Purpose(study="s", dataset="videos"))
            gate.reserve(Bucket.MAIN, "user_info" if status == 400 else "video_query").settle(
                status=status, code=code, log_id=log_id, records=0, slots=0, seconds=1
            )
        assert ledger.count_again("s", "zone", {Bucket.MAIN: {"videos": 9}}) == 3
        found = failed_requests(ledger, clock.now() - timedelta(days=1))
        assert failed_requests(ledger, clock.now() + timedelta(seconds=1)) == []
    text = write_support_mail(found, "https://open.tiktokapis.com")
    assert text.splitlines()[0] == "Subject: Research API: 3 failed requests, 2026-11-20 to 2026-11-20"
    assert "      2 x video_query: HTTP 500 internal_error" in text
    assert [line for line in text.splitlines() if line.startswith("  2026")] == [
        "  2026-11-20 12:00:00  video_query  HTTP 500 internal_error  20261120A",
        "  2026-11-20 12:00:00  video_query  no answer  no log_id",
        "  2026-11-20 12:00:00  video_query  HTTP 500 internal_error  20261120B",
    ]
    assert not any(word in text for word in ("k-secret", "GOOD", "LIMIT", "20261120C"))


def test_the_letter_is_sorted_by_time() -> None:
    """Requests and answers from two lists are sorted by their instants: the first, the last and the latest hundred."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    answers = [Failure(sent_at=now, endpoint="videos", status=200, code="it is no JSON", log_id="LAST")]
    requests = [
        Failure(
            sent_at=now - timedelta(days=1, minutes=n), endpoint="video_query", status=500, code="x", log_id=f"L{n}"
        )
        for n in range(100)
    ]
    lines = write_support_mail([*answers, *requests], "https://open.tiktokapis.com").splitlines()
    named = [line.split()[-1] for line in lines if line.startswith("  2026")]
    assert lines[0] == "Subject: Research API: 101 failed requests, 2026-11-19 to 2026-11-20"
    assert named == [*(f"L{n}" for n in reversed(range(99))), "LAST"]


_BOTH = [("url", 1), ("video_id", 1)]


@pytest.mark.parametrize("format_", [each for each in ExportFormat if not each.is_network], ids=str)
def test_a_video_is_found_in_every_format(files: DataDir, format_: ExportFormat) -> None:
    """In each column that has it, with the number of rows; what cannot be read is named."""
    folder = files.exports / "another"
    export_tables(files.published, ["marts.videos"], folder, Shape(format=format_, created=CLOCK.now()))
    found = trace(files, read_identifier(str(snowflake(1))))

    here = [(each.column, each.rows) for each in found.held if "exports/another" in each.file]
    assert sorted(here) == _BOTH
    (folder / f"broken.{format_}").write_bytes(b"broken")
    if format_ is not ExportFormat.CSV:
        assert [each for each in trace(files, read_identifier(str(snowflake(1)))).not_read if "broken" in each] != []


@pytest.mark.parametrize("format_", [ExportFormat.GEXF, ExportFormat.GRAPHML], ids=str)
def test_an_account_is_found_in_networks(files: DataDir, format_: ExportFormat) -> None:
    """As a node, and as an end of each edge."""
    shape = Shape(format=format_, created=CLOCK.now())
    export_networks(files.published, ["follows"], files.exports / "networks", shape)
    found = {
        (each.table, each.column, each.rows)
        for each in trace(files, read_identifier("@lena")).held
        if each.file == "exports/networks"
    }
    assert {(table, column) for table, column, _ in found} >= {
        (f"follows.{format_}, nodes", "account"),
        (f"follows.{format_}, edges", "account"),
    }


def test_a_trace_can_be_stopped_before_any_file(collected: DataDir) -> None:
    """Whoever no longer waits for it stops it at the next landed file."""
    begun = list[int]()

    def stop_at_the_second() -> None:
        begun.append(1)
        if len(begun) == 2:
            raise QueryStopped

    with pytest.raises(QueryStopped, match="nobody waits"):
        trace(collected, Identifier("@lena"), before_each_file=stop_at_the_second)
    assert len(begun) == 2
