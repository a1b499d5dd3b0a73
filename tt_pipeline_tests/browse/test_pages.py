"""What the pages show of a published file."""

import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import quote

import duckdb
import httpx
import pytest

from tt_pipeline_tests.browse.published import (
    LONG_NAME,
    MARKUP,
    ODD,
    PLAIN,
    RIGHT_TO_LEFT,
    THIRD,
    pages_of,
)
from tt_pipeline_tests.warehouse.builders import snowflake

VIDEOS = "/table/marts.videos"
ALL = len(ODD) + 3 + PLAIN


def summary(text: str) -> str:
    """The sentence about the rows."""
    found = re.search(r'<p role="status">(.*?)</p>', text)
    assert found
    return unescape(found[1])


def ids(text: str) -> list[str]:
    """The ids of the rows, in their order."""
    return re.findall(r'<tr><th scope="row">.*?</th><td><div class="cell"><bdi>(\d+)</bdi>', text)


def test_the_list_has_each_table_with_grain_and_rows(pages: httpx.Client) -> None:
    """Stored tables have their number of rows; the first schema is the one for analysis."""
    text = pages.get("/").text
    assert text.index("<h2>marts</h2>") < text.index("<h2>core</h2>") < text.index("<h2>ops</h2>")
    assert re.search(rf'href="/table/marts.videos">videos</a></th><td>a video<.*?<td class="number">{ALL}</td>', text)
    assert "Read-only." in text
    assert "personal data" in text


def test_pages_have_each_row_once(pages: httpx.Client) -> None:
    """Three pages, sorted by a column with equal values, have all rows and none twice."""
    texts = [pages.get(VIDEOS, params={"sort": "like_count", "page": page}).text for page in (1, 2, 3)]
    assert [summary(text) for text in texts] == [
        f"Rows 1 to 50 of {ALL}, sorted by like_count upwards.",
        f"Rows 51 to 100 of {ALL}, sorted by like_count upwards.",
        f"Rows 101 to {ALL} of {ALL}, sorted by like_count upwards.",
    ]
    found = [each for text in texts for each in ids(text)]
    assert (len(found), len({*found})) == (ALL, ALL)
    assert ['rel="next"' in text for text in texts] == [True, True, False]


def test_a_page_behind_the_last_says_so(pages: httpx.Client) -> None:
    """It is no error."""
    assert summary(pages.get(VIDEOS, params={"page": 99}).text) == "No rows on page 99."


def test_sorting_puts_null_last(pages: httpx.Client) -> None:
    """Downwards the largest number is first, and the video without a number is last."""
    first = pages.get(VIDEOS, params={"sort": "view_count", "order": "down"}).text
    last = pages.get(VIDEOS, params={"sort": "view_count", "order": "down", "page": 3}).text
    assert 'aria-sort="descending"' in first
    assert ids(first)[0] == str(snowflake(99 + PLAIN, THIRD))
    assert ids(last)[-1] == str(snowflake(52))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("100 % _", 1),  # no wildcards
        ("%", 1),
        ("ALERT(1)", len(ODD)),  # the hashtag of all odd videos
        ("\u05e9\u05dc\u05d5\u05dd", 1),
        (str(snowflake(1)), 1),
        ("' or true --", 0),
        ("\0", 0),
    ],
)
def test_a_search_finds_the_text_in_any_column(search: str, found: int, pages: httpx.Client) -> None:
    """Case does not matter, and no character has a meaning of its own."""
    text = summary(pages.get(VIDEOS, params={"search": search}).text)
    assert text == (f"Rows 1 to {found} of {found}." if found else "No rows that fit.")


@pytest.mark.parametrize(
    ("column", "condition", "value", "found"),
    [
        ("view_count", "at-least", "200", 20),
        ("view_count", "at-most", "100", len(ODD) + 2 + 1),
        ("view_count", "missing", "", 1),
        ("view_count", "present", "", ALL - 1),
        ("view_count", "is", "150", 1),
        ("view_count", "is-not", "150", ALL - 1),
        ("created_date", "is", "2026-10-03", PLAIN),
        ("description", "contains", "SURE", 1),
        ("description", "is", MARKUP, 1),
        ("is_stem_verified", "is", "true", 0),
    ],
)
def test_a_filter_compares_a_column(column: str, condition: str, value: str, found: int, pages: httpx.Client) -> None:
    """Numbers and days are compared as such."""
    text = pages.get(VIDEOS, params={"column": column, "condition": condition, "value": value}).text
    assert summary(text) == (f"Rows 1 to {min(found, 50)} of {found}." if found else "No rows that fit.")


def test_filters_add_up(pages: httpx.Client) -> None:
    """Rows fulfil all of them and the search."""
    params: list[tuple[str, str | int | float | bool | None]] = [
        *(("search", "creator_1"), ("column", "view_count"), ("condition", "at-least"), ("value", "100")),
        *(("column", "view_count"), ("condition", "at-most"), ("value", "109")),
    ]
    assert summary(pages.get(VIDEOS, params=params).text) == "Rows 1 to 11 of 11."


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (f"{VIDEOS}?sort=nope", "marts.videos has no column 'nope'."),
        (f"{VIDEOS}?column=nope&condition=is&value=1", "marts.videos has no column 'nope'."),
        (
            f"{VIDEOS}?column=view_count&condition=is&value=many",
            "'many' cannot be compared with view_count, whose values are whole numbers.",
        ),
        (
            "/table/marts.vidoes",
            "No table is called 'marts.vidoes'; `tt describe` lists them. Did you mean marts.videos?",
        ),
        (
            "/row/marts.videos?video_id=7",
            "marts.videos has no such row, or no longer: a newer file may have been published.",
        ),
        ("/days/marts.videos?by=view_count", "view_count has no days."),
        ("/table/" + quote('x"; drop table core.videos; --', safe=""), "No table is called"),
    ],
)
def test_a_wrong_address_is_one_sentence(address: str, message: str, pages: httpx.Client) -> None:
    """It says what is wrong, with status 400."""
    answer = pages.get(address)
    assert answer.status_code == 400
    assert message in unescape(answer.text)


def test_a_row_has_values_meanings_and_links(pages: httpx.Client) -> None:
    """Links open in a new tab without a referrer; each id and handle can be traced."""
    text = pages.get("/row/marts.videos", params={"video_id": str(snowflake(1))}).text
    link = (
        rf'<a href="https://www.tiktok.com/@/video/{snowflake(1)}" target="_blank" rel="noopener noreferrer external">'
    )
    assert link in text
    assert '<a href="https://www.tiktok.com/@creator_1" target="_blank" rel="noopener noreferrer external">' in text
    assert "Privacy: linkable." in text
    assert f'name="what" value="{snowflake(1)}"' in text
    assert 'name="what" value="@creator_1"' in text


def opens(pages: httpx.Client, table: str) -> None:
    """Open the first rows of a table."""
    for address in re.findall(r'href="(/row/[^"]+)"', pages.get(f"/table/{table}").text)[:2]:
        assert (pages.get(unescape(address)).status_code, address) == (200, address)


@pytest.mark.parametrize("table", ["core.video_versions", "core.users", "ops.check_results", "marts.looks"])
def test_the_address_of_a_row_leads_to_it(table: str, pages: httpx.Client) -> None:
    """Also if its keys are long, odd or NULL, or instants."""
    opens(pages, table)


@pytest.mark.slow
def test_every_row_of_every_table_opens(pages: httpx.Client) -> None:
    """The addresses of the first rows of each table lead to them."""
    for table in re.findall(r'href="/table/([\w.]+)">', pages.get("/").text):
        opens(pages, table)


def test_a_trace_is_that_of_the_command(pages: httpx.Client) -> None:
    """It names request, landed page and tables."""
    text = unescape(pages.post("/trace", data={"what": str(snowflake(1))}).text)
    for words in ("video_query", "log_id", ".ndjson", "data.videos[].id", "core.videos", '"start_date": "20261001"'):
        assert words in text
    assert "is too short for the id" in pages.post("/trace", data={"what": "123"}).text


def test_rows_per_day_are_bars_and_numbers(pages: httpx.Client) -> None:
    """The chart has a title for those who do not see it, and a table."""
    text = pages.get("/days/marts.videos?by=created_date").text
    assert "<title>2026-10-02: 8</title>" in text
    assert f'<tr><th scope="row">2026-10-03</th><td class="number">{PLAIN}</td></tr>' in text
    chosen = pages.get("/days/marts.videos?by=created_date&column=view_count&condition=at-least&value=200").text
    assert '<tr><th scope="row">2026-10-03</th><td class="number">20</td></tr>' in chosen
    assert "<title>2026-10-02: 8</title>" in pages.get("/days/marts.videos?by=created_at").text


def test_bars_of_many_days_are_months(odd: Path, tmp_path: Path) -> None:
    """A chart of years has a bar a month; a day without rows has a place; an infinite day counts as none."""
    published = Path(shutil.copy(odd, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(published) as connection:
        connection.execute(
            "create table core.many as select date '2020-01-31' + range::int as day_date from range(900)"
        )
        connection.execute("insert into core.many values ('infinity'), (null)")
        connection.execute("create table core.few as select unnest([date '2020-01-31', '2020-02-02']) as day_date")
        connection.execute("create table core.old as select unnest([date '0044-03-15 (BC)', '9999-12-31']) as day_date")
    with pages_of(published) as pages:
        many, few, old = (pages.get(f"/days/core.{name}?by=day_date").text for name in ("many", "few", "old"))
    assert "Rows per month" in many
    assert "<title>2020-02: 29</title>" in many
    assert "Without day_date: 2 rows." in many
    assert "Rows per day" in few
    assert "<title>2020-02-01: 0</title>" in few
    assert "<title>9999" in old


def test_odd_texts_are_shown_as_text(pages: httpx.Client) -> None:
    """No markup of a value becomes markup of the page; its writing direction ends with it; NUL is visible."""
    rows = [pages.get("/row/marts.videos", params={"video_id": str(snowflake(number))}).text for number in (1, 2, 3)]
    rows += [pages.get("/row/marts.videos", params={"video_id": str(snowflake(number))}).text for number in (50, 51)]
    rows += [pages.get(VIDEOS).text, pages.get(VIDEOS, params={"search": MARKUP}).text]
    for text in rows:
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'onmouseover="' not in text
        assert "\0" not in text
        assert "\x1b" not in text
    assert f"<bdi>{RIGHT_TO_LEFT}</bdi>" in rows[1]
    assert "␛[2J</bdi>" in rows[2]
    assert "<bdi>a␀b␛</bdi>" in pages.post("/sql", data={"query": "select 'a' || chr(0) || 'b' || chr(27) as x"}).text
    assert f"https://www.tiktok.com/@{LONG_NAME}" in rows[3]
    assert "https://www.tiktok.com/@%22%20onmouseover%3D%22alert%283%29" in rows[4]
    assert unescape(rows[6]).count(MARKUP) >= len(ODD)


def test_a_replaced_file_is_shown_at_the_next_page(odd: Path, tmp_path: Path) -> None:
    """No page keeps the old file open."""
    published = Path(shutil.copy(odd, tmp_path / "warehouse.duckdb"))
    newer = Path(shutil.copy(odd, tmp_path / "newer.duckdb"))
    with duckdb.connect(newer) as connection:
        connection.execute("delete from marts.videos")
    with pages_of(published) as pages:
        assert summary(pages.get(VIDEOS).text) == f"Rows 1 to 50 of {ALL}."
        newer.replace(published)
        assert summary(pages.get(VIDEOS).text) == "No rows."
        published.unlink()
        answer = pages.get(VIDEOS)
        assert (answer.status_code, "does not exist yet: run `tt collect`" in answer.text) == (503, True)
        published.write_bytes(b"no database" * 1000)
        answer = pages.get("/")
        assert (answer.status_code, "cannot be read" in answer.text) == (400, True)


def test_a_file_of_another_version_is_shown_with_a_sentence(odd: Path, tmp_path: Path) -> None:
    """Columns and tables that are missing are no error; a file of another program is one sentence."""
    published = Path(shutil.copy(odd, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(published) as connection:
        connection.execute("alter table ops.publish_info drop column api_base_url")
        connection.execute("update ops.publish_info set schema_version = 1")
        connection.execute("drop table ops.check_results")
        connection.execute("drop table core.hashtags")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("create table t as select 1 as a")
    with pages_of(published) as pages, pages_of(other) as pages_of_other:
        assert all("Another version of tt_pipeline" in pages.get(each).text for each in ("/", VIDEOS))
        assert "but none that tt_pipeline published." in pages_of_other.get("/").text


def test_an_empty_table_is_a_sentence(pages: httpx.Client) -> None:
    """It has no table of rows, and the page is complete."""
    assert summary(pages.get("/table/core.playlist_snapshots").text) == "No rows."
    assert "No rows." in pages.get("/days/core.playlist_snapshots?by=observed_at").text
