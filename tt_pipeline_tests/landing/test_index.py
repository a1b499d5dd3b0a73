"""The index is built from landed files, whatever was in its file before, and reads only the rows that it needs."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.landing import INDEX_VERSION, Index, LandingZone, window_load_id
from tt_pipeline.landing import index_sql as sql
from tt_pipeline.landing.reading import stamp_of
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video

LOAD = window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), 1)
PAGES = (
    envelope(video(1), video(2, video_mention_list=["@lena"]), has_more=True, ends=None),
    envelope(video(3, playlist_id=7), video(4, day=date(2026, 9, 1)), request={"cursor": 2}),
)
VERSION_4 = """
create table files (
  load_id text primary key, path text not null, bytes integer not null, changed_ns integer not null,
  lines integer not null, dataset text not null, search text, fingerprint text, look integer not null,
  window_from text not null, window_to text not null
);
create table pages (
  load_id text not null, line integer not null, dataset text not null, subject text, look integer not null,
  fetched_at text not null, asked text not null, cursor integer, slots integer not null, records integer not null,
  by_day text not null, refusal text, ends text, primary key (load_id, line)
) without rowid;
create table found (
  load_id text not null, line integer not null, video_id integer not null, day text not null, username text,
  comment_count integer, playlist_id integer, mentions text
);
create index found_of_a_load on found (load_id);
insert into files values ('videos/x', 'x', 1, 1, 1, 'videos', 'x', 'x', 1, '2026-10-01', '2026-10-01');
pragma user_version = 4;
"""


def land(root: Path) -> Path:
    """Land the pages in a folder, and return its index."""
    with LandingZone(root) as zone, zone.writing(LOAD) as writer:
        for page in PAGES:
            writer.append(page)
    return root / "index.sqlite"


def contents(index: Index) -> tuple[object, ...]:
    """What the index knows."""
    found = index.found_videos([FINGERPRINT], date.min, date.max)
    return index.files(), index.windows(), found, index.known_playlists([FINGERPRINT]), index.fields()


def rows_of_found(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("select count(*) from found").fetchone()[0])


def test_an_index_of_version_4_is_filled_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It had other columns under the same names; a line names the file and both versions, and no row of it stays."""
    file = land(tmp_path)
    with LandingZone(tmp_path) as zone:
        expected = contents(zone.index)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(VERSION_4)

    with LandingZone(tmp_path) as zone:
        assert contents(zone.index) == expected
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"version 4) is brought to version {INDEX_VERSION} now; it is filled again" in said


def test_each_page_added_or_read_from_its_file_has_the_same_rows(tmp_path: Path) -> None:
    """The index of a collection is the one that is filled from its files later."""
    file = land(tmp_path)
    with LandingZone(tmp_path) as zone:
        collected = contents(zone.index)
    file.unlink()

    with LandingZone(tmp_path) as zone:
        assert contents(zone.index) == collected


def test_a_page_that_another_process_has_added_is_there_once(tmp_path: Path) -> None:
    """A process that opens the folder may read a page from its file before the writer adds it to the index."""
    file = land(tmp_path)
    with LandingZone(tmp_path) as zone:
        before = contents(zone.index), rows_of_found(file)
        zone.index.add_page(LOAD, 2, stamp_of(tmp_path / f"{LOAD}.ndjson"), PAGES[1])

        assert (contents(zone.index), rows_of_found(file)) == before


def test_nothing_of_a_forgotten_file_stays(tmp_path: Path) -> None:
    """The videos of a file go with it."""
    file = land(tmp_path)
    with LandingZone(tmp_path) as zone:
        zone.index.forget(LOAD)

        assert (rows_of_found(file), zone.index.files(), zone.index.windows()) == (0, [], [])


@pytest.mark.parametrize("query", [sql.FOUND, sql.FOUND_BY, sql.PLAYLISTS, sql.FORGET[0]], ids=range(4))
def test_no_query_reads_every_video(tmp_path: Path, query: str) -> None:
    """Videos are found by their page; in another order SQLite would compare every video with every page."""
    with closing(sqlite3.connect(land(tmp_path))) as connection:
        text = query.format(fingerprints="'x'", which=sql.OF_STUDIES)
        values = dict.fromkeys(("first_day", "last_day"), 0) if ":" in text else ["x"] * text.count("?")
        plan = [row[3] for row in connection.execute(f"explain query plan {text}", values)]

    assert [step for step in plan if "found" in step and "SEARCH found USING INTEGER PRIMARY KEY" not in step] == []
