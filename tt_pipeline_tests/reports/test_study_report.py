"""The report, the passport and the methods text have right numbers, name nobody and need nothing else."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.reports import methods_text, write_passport, write_report
from tt_pipeline.reports.charts.network import layout
from tt_pipeline.reports.study_report.facts import read_facts, shown
from tt_pipeline.reports.study_report.rows import PublishedStudy, open_study
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    Landed,
    land,
    lists_of_accounts,
    load,
    make_writer_file,
    page,
    video,
)

HOSTILE = "<script>alert(1)</script>"
FIGURE = re.compile(r"<figure>.*?</figure>\n<details>", re.DOTALL)


@pytest.fixture
def current(published: Path, tmp_path: Path) -> Path:
    """The published file as if the study had its queries now; one video is of an earlier query, one does not fit."""
    file = tmp_path / "current.duckdb"
    shutil.copyfile(published, file)
    with duckdb.connect(file) as connection:
        connection.execute("update core.found_videos set is_current = true")
        videos = "select distinct video_id from core.found_videos order by video_id limit 1"
        connection.execute(f"update core.found_videos set is_current = false where video_id in ({videos})")
        connection.execute(f"update core.found_videos set matches = false where video_id in ({videos} offset 1)")
    return file


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[PublishedStudy]:
    """A study whose tables a test writes by hand."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema ops; create schema core")
        yield PublishedStudy(
            file=tmp_path / "warehouse.duckdb",
            connection=connection,
            title=None,
            zone="UTC",
            published_at=datetime(2026, 11, 6, tzinfo=UTC),
            is_simulated=False,
        )


def test_the_report_is_one_page_that_names_nobody(current: Path, tmp_path: Path) -> None:
    """It has no script, address of a file or handle; every figure has an alternative text and its data."""
    written = write_report(current, tmp_path / "report.html")
    html = written.file.read_text(encoding="utf-8")

    assert written.bytes < 5_000_000
    assert not re.search(r"<script|<link|<img|@import|src=|creator_\d", html)
    assert not re.search(r"\b\d{17,19}\b", re.sub(r"base64,[\w+/=]+", "", html))
    assert len(FIGURE.findall(html)) == written.figures == html.count("Download these")
    assert html.count('role="img" aria-label=') == 2 * written.figures


def test_no_digit_of_a_figure_depends_on_the_order_of_rows(current: Path, tmp_path: Path) -> None:
    """Sums of fractions differ in the last of sixteen digits; coordinates have thousandths of a pixel."""
    html = write_report(current, tmp_path / "report.html").file.read_text(encoding="utf-8")
    tags = re.findall(r"<(?:path|line|g|rect|text) [^>]*>", html)
    assert len(tags) > 200
    assert [tag for tag in tags if re.search(r"\d\.\d{4,}|\de-\d", tag)] == []


def test_names_are_shown_if_they_are_wanted(current: Path, tmp_path: Path) -> None:
    """With names the report has handles, and says at its top that they are personal data."""
    html = write_report(current, tmp_path / "report.html", with_names=True).file.read_text(encoding="utf-8")

    assert "creator_1" in html
    assert "Personal data." in html


def test_a_hostile_hashtag_is_text(tmp_path: Path) -> None:
    """Markup, a direction of writing and 200 characters in hashtags stay texts, and no spreadsheet runs them."""
    tags = [HOSTILE, "=cmd()", "\u202e\u05e9\u05dc", "x" * 200]
    videos = [video(number, hashtag_names=tags) for number in range(1, 6)]
    load(tmp_path / "writer.duckdb", [land(tmp_path / "landing", [page(*videos)])])
    published = tmp_path / "data" / "warehouse.duckdb"
    publish_file(tmp_path / "writer.duckdb", published, CLOCK)

    html = write_report(published, tmp_path / "report.html").file.read_text(encoding="utf-8")

    assert "<script" not in html
    assert "script" in unescape(html)


def test_an_empty_warehouse_has_a_report(tmp_path: Path) -> None:
    """Every part that is left out is named."""
    make_writer_file(tmp_path / "writer.duckdb")
    published = tmp_path / "data" / "warehouse.duckdb"
    publish_file(tmp_path / "writer.duckdb", published, CLOCK)

    written = write_report(published, tmp_path / "report.html")

    assert written.figures == 0
    assert "Which days are complete" in written.left_out
    assert "nothing had been collected" in methods_text(published)


def _published(folder: Path, *files: Landed) -> Path:
    load(folder / "writer.duckdb", files)
    published = folder / "data" / "warehouse.duckdb"
    publish_file(folder / "writer.duckdb", published, CLOCK)
    return published


def test_a_study_of_one_video_has_all_three(tmp_path: Path) -> None:
    """No number is divided by 0, and figures have their single bar."""
    published = _published(tmp_path, land(tmp_path / "landing", [page(video(1, hashtag_names=["bees"]))]))
    with duckdb.connect(published) as connection:
        connection.execute("update core.found_videos set is_current = true")

    written = write_report(published, tmp_path / "report.html")
    write_passport(published, tmp_path / "passport.html")

    assert written.numbers["videos"] == written.numbers["fitting_videos"] == 1
    assert {"hours", "regions"} <= set(re.findall(r'<section class="part" id="(\w+)"', written.file.read_text()))
    assert "1 different video;" in methods_text(published)


def test_a_study_of_lists_alone_has_all_three(tmp_path: Path) -> None:
    """Without a search there are no days of posting; the lists are a part."""
    published = _published(tmp_path, *lists_of_accounts(tmp_path / "landing"))

    written = write_report(published, tmp_path / "report.html")
    write_passport(published, tmp_path / "passport.html")

    assert 'id="lists"' in written.file.read_text(encoding="utf-8")
    assert "Which days are complete" in written.left_out
    assert "lists of 4 accounts had been observed" in methods_text(published).lower()


def test_an_older_file_has_a_report_of_what_it_has(published: Path, tmp_path: Path) -> None:
    """A part whose table is missing is left out with the reason; without the tables of every report there is none."""
    older = tmp_path / "warehouse.duckdb"
    shutil.copyfile(published, older)
    with duckdb.connect(older) as connection:
        connection.execute("drop view marts.quota_days")
    html = write_report(older, tmp_path / "report.html").file.read_text(encoding="utf-8")
    with duckdb.connect(older) as connection:
        connection.execute("alter table ops.publish_info drop column api_base_url")

    assert "Requests by day and use: an older version of tt_pipeline published the file without its tables" in html
    with pytest.raises(UsageError, match="published by an older version of tt_pipeline, and the report needs newer"):
        write_report(older, tmp_path / "report.html")


def test_odd_names_of_searches_are_isolated_texts(tmp_path: Path) -> None:
    """Markup, right-to-left and 200 characters in the name of a search change nothing around it."""
    names = [HOSTILE, "\u202e\u05e9\u05dc\u05d5\u05dd", "n" * 200]
    files = [
        land(
            tmp_path / "landing",
            [page(video(number), search=name, fingerprint=f"{number}" * 64)],
            load_id=f"videos/s{number}/{number}/w.look-1",
        )
        for number, name in enumerate(names, start=1)
    ]
    published = _published(tmp_path, *files)
    with duckdb.connect(published) as connection:
        connection.execute("update core.found_videos set is_current = true")

    html = _both_pages(published, tmp_path, with_names=False)

    assert "<script" not in html
    assert "n" * 60 not in re.sub(r"<td><bdi>n+</bdi></td>", "", html.partition("<details>")[0])
    assert len(re.findall("\u202e(?![^\u2069<]*(?:\u2069|</bdi>|</td>))", re.sub("<svg.*?</svg>", "", html))) == 0


def test_nothing_published_is_one_sentence(tmp_path: Path) -> None:
    """Without a published file the message says how to get one."""
    with pytest.raises(UsageError, match="does not exist yet"):
        write_report(tmp_path / "warehouse.duckdb", tmp_path / "report.html")


def test_an_unknown_zone_is_refused(published: Path, tmp_path: Path) -> None:
    """The message names the zone."""
    with pytest.raises(UsageError, match="'Mars' is not a time zone"):
        write_report(published, tmp_path / "report.html", zone="Mars")


def test_facts_equal_a_count_in_python(current: Path) -> None:
    """Videos, fitting videos, creators and comments are those that Python counts in the stored rows."""
    with open_study(current) as study:
        facts = read_facts(study)
        found = study.query("select video_id, kind, is_current, matches from core.found_videos").rows
        posted = {row["video_id"]: row["username"] for row in study.query("from core.videos").rows}
        comments = study.query("select video_id from core.comments").rows
    present = [row for row in found if row["is_current"] and row["kind"] != "once"]
    fitting = {row["video_id"] for row in present if row["matches"] is not False}
    of_study = {row["video_id"] for row in present}

    assert {name: facts[name].value for name in ("videos", "fitting_videos", "creators", "comments")} == {
        "videos": len(of_study),
        "fitting_videos": len(fitting),
        "creators": len({posted[each] for each in fitting}),
        "comments": sum(row["video_id"] in of_study for row in comments),
    }


def test_every_number_of_the_passport_is_recomputed_by_its_sql(current: Path, tmp_path: Path) -> None:
    """The SQL beside a number gives this number, and the checksum is that of the current file."""
    file = tmp_path / "passport.html"
    write_passport(current, file)
    html = file.read_text(encoding="utf-8")
    numbers = re.findall(
        r'<tr data-fact="(\w+)">.*?<code>(.*?)</code>.*?<td class="number">(.*?)</td>', html, re.DOTALL
    )

    with duckdb.connect(current, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        recomputed = {name: connection.execute(unescape(sql)).fetchall()[0][0] for name, sql, _ in numbers}

    assert len(numbers) > 20
    assert {name: value for name, _, value in numbers} == {name: shown(value) for name, value in recomputed.items()}
    assert hashlib.sha256(current.read_bytes()).hexdigest() in html


def test_survival_is_that_of_kaplan_and_meier(bare: PublishedStudy) -> None:
    """Of ten videos two vanish after 2 days, three are last seen then, and one of the other five vanishes after 5."""
    bare.connection.execute(
        "create table marts.video_survival as "
        "select 'climate' as search, true as is_current, true as matches, true as is_looked_for, of_.* "
        "from (values (2.0, true), (2.0, true), (2.0, false), (2.0, false), (2.0, false), (5.0, true), (9.0, false), "
        "(9.0, false), (9.0, false), (9.0, false)) as of_(exposure_days, is_gone)"
    )
    found = [(row["days"], row["videos_at_risk"], row["share_left"]) for row in bare.rows_of("survival").rows]

    assert found == [(2.0, 10, pytest.approx(0.8)), (5.0, 5, pytest.approx(0.64)), (9.0, 4, pytest.approx(0.64))]


def test_hidden_slots_of_two_parts_of_a_list_are_added(bare: PublishedStudy) -> None:
    """Two parts of a list of ids with the same days, slots and hidden slots are two requests, not one."""
    bare.connection.execute(
        "create table ops.look_coverage as select *, true as is_current, 'complete' as ends, null as draw, 'listed' as "
        "search, 1 as look, date '2026-11-01' as window_from_date, date '2026-11-02' as window_to_date, 10 as "
        "window_slots, 4 as window_hidden from (values ('part 1'), ('part 1'), ('part 2')) as of_(load_id)"
    )

    assert [tuple(row.values())[-3:] for row in bare.rows_of("hidden").rows] == [(20, 8, 0.4)]
    assert [tuple(row.values()) for row in bare.rows_of("hidden_searches").rows] == [("listed", 20, 8, 0.4)]


def test_a_hashtag_of_one_creator_is_in_no_pair(bare: PublishedStudy) -> None:
    """It can name this person, however often it is used."""
    bare.connection.execute(
        "create table marts.hashtag_pairs as select 'climate' as search, 'f' as fingerprint, true as is_current, "
        "'bees' as hashtag, other as other_hashtag, 9 as videos, 9 as hashtag_videos, 9 as other_videos, "
        "9 as search_videos, 0.5 as npmi, 20 as log_likelihood, false as is_requested "
        "from (values ('garden'), ('lena')) as of_(other)"
    )
    bare.connection.execute(
        "create table core.found_videos as select 'climate' as search, 'f' as fingerprint, range as video_id, 'list' "
        "as kind, true as is_current, true as matches from range(9)"
    )
    bare.connection.execute(
        "create table core.videos as select range as video_id, case when range < 6 then 'lena' else 'other_' || range "
        "end as username from range(9)"
    )
    bare.connection.execute("create table core.renamed_handles (username varchar, creator_id varchar)")
    bare.connection.execute(
        "create table core.video_hashtags as from (select range as video_id, unnest(case when range < 6 then "
        "['Bees', 'garden', 'lena'] else ['bees', 'garden'] end) as hashtag_name from range(9))"
    )

    assert [row["other_hashtag"] for row in bare.rows_of("network").rows] == ["garden"]


def test_estimates_are_weighted(bare: PublishedStudy) -> None:
    """Two strata, two drawn of four and of six: the total is 2 x 30 + 3 x 5, its variance that of both strata."""
    bare.connection.execute("create table core.comments (video_id bigint, is_reply boolean)")
    bare.connection.execute(
        "create table ops.comment_coverage as from (values (1, 'a', 2.0, 10), (2, 'a', 2.0, 20), (3, 'b', 3.0, 5), "
        "(4, 'b', 3.0, 0), (5, 'b', null, 0)) as of_(video_id, stratum, weight, comments_held)"
    )
    total, mean, *_ = bare.rows_of("estimates").rows

    assert (total["quantity"], total["videos"], total["estimate"]) == ("comments in total", 4, 75)
    # n w^2 (1 - 1/w) s^2: 2 x 4 x 1/2 x 50 and 2 x 9 x 2/3 x 12.5
    assert total["standard_error"] == pytest.approx((200 + 150) ** 0.5)
    assert mean["estimate"] == pytest.approx(7.5)


def test_the_methods_text_says_its_date_once_and_first(current: Path) -> None:
    """The date of all numbers stands before the first of them, and no sentence repeats it."""
    body = methods_text(current).partition("## References")[0]
    date = "All numbers are those of the data as published on 2026-11-06 (UTC)."

    assert body.count(date) == body.count("2026-11-06") == 1
    assert not re.search(r"\d", body.partition(date)[0])


def test_handles_and_ids_in_messages_are_not_shown(current: Path, tmp_path: Path) -> None:
    """What a failed check says, and what a query requests, names nobody unless names are wanted."""
    with duckdb.connect(current) as connection:
        connection.execute(
            "insert into ops.check_results (check_name, search, has_passed, severity, message, counted, checked_at) "
            "values ('a', 'climate', false, 'warning', 'Under 7704817983216284657 @lena.h wrote 3.', 1, now())"
        )
        query = (
            '{"and": [{"operation": "IN", "field_name": "keyword", "field_values": ["@lena.h", "bees"]}, '
            '{"operation": "IN", "field_name": "username", "field_values": ["jo"]}]}'
        )
        connection.execute(
            "insert into ops.searches by name select 'named' as search, 'f0' as fingerprint, 'f0' as part_of, 'study' "
            "as kind, ? as query, true as is_current",
            [query],
        )
    pages = {with_names: _both_pages(current, tmp_path, with_names=with_names) for with_names in (False, True)}

    assert not re.search(r"lena\.h|7704817983216284657|&quot;jo&quot;", pages[False])
    assert "Under … … wrote 3." in pages[False]
    assert "bees" in pages[False]
    assert re.search(r"lena\.h wrote 3", pages[True])
    assert "&quot;jo&quot;" in pages[True]


def _both_pages(published: Path, folder: Path, *, with_names: bool) -> str:
    write_passport(published, folder / "passport.html", with_names=with_names)
    report = write_report(published, folder / "report.html", with_names=with_names).file
    return report.read_text(encoding="utf-8") + (folder / "passport.html").read_text(encoding="utf-8")


def test_latex_is_escaped(published: Path) -> None:
    """A sign with a meaning in LaTeX is written as text."""
    assert r"tt\_pipeline" in methods_text(published, is_latex=True)


def test_a_network_is_laid_out_the_same_way_each_time() -> None:
    """The same hashtags have the same places, from 0 to 1."""
    names, edges = ["a", "b", "c"], [("a", "b")]

    assert layout(names, edges) == layout(names, edges)
    assert all(0 <= part <= 1 for place in layout(names, edges).values() for part in place)
