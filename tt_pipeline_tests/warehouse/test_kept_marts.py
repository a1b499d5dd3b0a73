"""Marts that are kept from one publication to the next are those that a full computation makes."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline.warehouse import kept_marts
from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.hiding import HidingRule
from tt_pipeline.warehouse.kept_marts import KEPT, keep_marts, kept_name, wrong_marts
from tt_pipeline.warehouse.kept_notes import Changes
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    OCTOBER,
    Landed,
    comment,
    comment_page,
    land,
    later,
    list_page,
    load,
    make_writer_file,
    page,
    snowflake,
    video,
)
from tt_pipeline_tests.warehouse.comparing import assert_same
from tt_pipeline_tests.warehouse.ops_builders import comment_coverage, look_coverage, search_coverage, searches

_MOST = 5
_MENDED = ".mended-20261106T000000000000Z"
FINGERPRINTS = {"climate": "f" * 64, "bees": "e" * 64}
STORED = [name for name, table in TABLES.items() if table.loading is Loading.PUBLISHED]


class World:
    """A writer's file that changes, and what is published from it."""

    def __init__(self, folder: Path) -> None:
        """An empty warehouse."""
        self.folder = folder
        self.writer_file = make_writer_file(folder / "internal" / "writer.duckdb")
        self.files: dict[str, list[Any]] = {}
        self.number = 0

    def land(self, load_id: str, pages: list[Any]) -> None:
        """Land a file, or another form of it, and load it."""
        self.files[load_id] = pages
        load(self.writer_file, [self._file(load_id)])

    def _file(self, load_id: str) -> Landed:
        return land(self.folder / "landing", self.files[load_id], load_id=load_id)

    def replace(self, table: str, frame: pl.DataFrame) -> None:
        """Replace an ops table, as each delivery does."""
        with Writer(self.writer_file, CLOCK) as writer:
            writer.replace(table, frame)

    def published(self, *, hides: HidingRule | None = None) -> dict[str, pl.DataFrame]:
        """Publish, and return every mart that is a table."""
        file = self.folder / "warehouse.duckdb"
        publish_file(self.writer_file, file, CLOCK, hides=hides)
        return _tables(file)

    def computed(self, *, hides: HidingRule | None = None) -> dict[str, pl.DataFrame]:
        """The same from a copy of the file in which nothing is kept."""
        other = self.folder / "other" / "writer.duckdb"
        other.parent.mkdir(exist_ok=True)
        shutil.copyfile(self.writer_file, other)
        forget_kept(other)
        publish_file(other, other.with_name("warehouse.duckdb"), CLOCK, hides=hides)
        return _tables(other.with_name("warehouse.duckdb"))


def forget_kept(writer_file: Path) -> None:
    """Remove the kept tables, as in a file of an earlier version."""
    with duckdb.connect(writer_file) as connection:
        for table in KEPT:
            connection.execute(f"drop table if exists {kept_name(table.full_name)}")
        connection.execute("drop schema if exists kept cascade")


def _tables(file: Path) -> dict[str, pl.DataFrame]:
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        left_over = "select count(*) from duckdb_tables() where schema_name = 'kept' or table_name like '%_kept'"
        assert connection.execute(left_over).fetchall() == [(0,)]
        return {name: connection.sql(f"from {name} order by all").pl() for name in STORED}


def _video(number: int, look: int) -> dict[str, Any]:
    renamed = {"username": f"new_{number % 2}"} if look % 4 == 3 else {"username": f"creator_{number % 3}"}
    edited = {"video_description": f"edited {look}"} if (number + look) % 4 == 0 else {}
    tags = {"hashtag_names": ["Bees", "bees", "garden"][: (number + look) % 4]}
    views = {"view_count": None if (number + look) % 5 == 0 else 10 * look}
    return video(number, at=OCTOBER + timedelta(days=number % 2 - 1), **views, **tags, **renamed, **edited)


Step = Callable[[World], None]


def _look(search: str, found: frozenset[int]) -> Step:
    def step(world: World) -> None:
        world.number += 1
        name = f"videos/{search}/x/2026-10-01_2026-10-03.look-{world.number}"
        made = page(
            *(_video(each, world.number) for each in sorted(found)),
            search=search,
            fingerprint=FINGERPRINTS[search],
            look=world.number,
            ends=StopReason.COMPLETE,
            fetched_at=later(days=3 * world.number),
        )
        world.land(name, [made])

    return step


def _further_page(found: int) -> Step:
    """A file that has grown is loaded again as a whole."""

    def step(world: World) -> None:
        names = [name for name in world.files if name.startswith("videos/") and _MENDED not in name]
        if names:
            first = world.files[names[-1]][0]
            more = page(
                _video(found, world.number),
                search=first.search,
                fingerprint=first.fingerprint,
                look=first.look,
                fetched_at=first.fetched_at + timedelta(seconds=world.number + len(world.files[names[-1]])),
            )
            world.land(names[-1], [*world.files[names[-1]], more])

    return step


def _damage(place: int) -> Step:
    """The good pages of a damaged file replace it, and its other rows are gone."""

    def step(world: World) -> None:
        names = [name for name in world.files if name.startswith("videos/") and _MENDED not in name]
        if names:
            name = names[place % len(names)]
            pages = world.files.pop(name)
            kept = [page(search=pages[0].search, fingerprint=pages[0].fingerprint, look=pages[0].look), *pages[1:]]
            world.land(f"{name}{_MENDED}", kept)
            load(world.writer_file, [world._file(each) for each in world.files])

    return step


def _comments(under: int, number: int) -> Step:
    def step(world: World) -> None:
        world.number += 1
        made = [comment(10 * under + each, under=under) for each in range(number)]
        pages = [comment_page(*made, under=under, fetched_at=later(days=world.number))]
        world.land(f"comments/2026-10-02/run-{world.number}", pages)

    return step


def _moved_comment(number: int) -> Step:
    """An earlier answer that is loaded later has a known comment under another video."""

    def step(world: World) -> None:
        world.number += 1
        earlier = comment_page(comment(10, under=number), under=number, fetched_at=later(days=-world.number))
        world.land(f"comments/2026-10-02/run-{world.number}", [earlier])

    return step


def _draw(found: frozenset[int]) -> Step:
    """A random draw, of which a late answer is earlier than all others."""

    def step(world: World) -> None:
        world.number += 1
        made = page(
            *(_video(each, world.number) for each in sorted(found)),
            look=world.number,
            request={"is_random": True, "query": {}},
            ends=StopReason.COMPLETE,
            fetched_at=later(days=-3 * world.number),
        )
        world.land(f"videos/climate/x/2026-10-01_2026-10-03.draw-{world.number}", [made])

    return step


def _statuses(status: str) -> Step:
    def step(world: World) -> None:
        stored = [_video(number, 1)["id"] for number in range(1, _MOST)]
        world.replace("ops.comment_coverage", pl.concat([comment_coverage(each, status) for each in stored[::2]]))

    return step


def _study(name: str, current: bool) -> Step:  # noqa: FBT001 — hypothesis draws it
    def step(world: World) -> None:
        both = ({"search": name}, {"search": "bees", "fingerprint": "e" * 64, "is_current": current})
        world.replace("ops.searches", searches(*both))

    return step


def _missing(found: frozenset[int]) -> Step:
    """Checks missed these videos: the published file leaves them out."""

    def step(world: World) -> None:
        schema = TABLES["ops.verifications"].frame_schema
        row = {"kind": "video", "first_missing_at": later(days=300), "last_missing_at": later(days=300)}
        row |= {"missing_answers": 1, "ways": 1}
        made = [row | {"item_id": _video(number, 1)["id"]} for number in sorted(found)]
        world.replace("ops.verifications", pl.DataFrame(made, schema=schema))

    return step


def _coverage(day: int, status: str) -> Step:
    """Other coverage of a day, which no load need have changed."""

    def step(world: World) -> None:
        day_date = (OCTOBER + timedelta(days=day)).date()
        world.replace("ops.search_coverage", search_coverage(day_date, status))
        world.replace("ops.look_coverage", look_coverage(day_date, 1 + day % 2))

    return step


def _list(number: int) -> Step:
    def step(world: World) -> None:
        world.number += 1
        made = list_page(Dataset.LIKED, "jo", video(number), video(70 + number), fetched_at=later(days=world.number))
        world.land(f"liked/2026-11-05/run-{world.number}", [made])

    return step


NUMBERS = st.integers(1, _MOST)
STEPS = st.one_of(
    st.builds(_look, st.sampled_from(["climate", "bees"]), st.frozensets(NUMBERS, min_size=1)),
    st.builds(_look, st.sampled_from(["climate", "bees"]), st.frozensets(NUMBERS)),
    st.builds(_further_page, NUMBERS),
    st.builds(_damage, st.integers(0, 3)),
    st.builds(_comments, NUMBERS, st.integers(1, 3)),
    st.builds(_moved_comment, NUMBERS),
    st.builds(_draw, st.frozensets(NUMBERS, min_size=1, max_size=3)),
    st.builds(_statuses, st.sampled_from(["complete", "pending", "capped"])),
    st.builds(_study, st.sampled_from(["climate", "weather"]), st.booleans()),
    st.builds(_missing, st.frozensets(NUMBERS, max_size=2)),
    st.builds(_list, NUMBERS),
    st.builds(_coverage, st.integers(-1, 1), st.sampled_from(["complete", "partial"])),
)


def check_kept_equals_computed(days: list[list[Step]], monkeypatch: pytest.MonkeyPatch) -> None:
    """After each day both publications have the same marts, and only the first was made of all videos."""
    anew = []
    make_anew = kept_marts._make_anew

    def noting(connection: duckdb.DuckDBPyConnection) -> None:
        anew.append(1)
        make_anew(connection)

    with TemporaryDirectory() as folder, monkeypatch.context() as patched:
        world = World(Path(folder))
        for steps in days:
            for step in steps:
                step(world)
            patched.setattr(kept_marts, "_make_anew", noting)
            found = world.published()
            patched.setattr(kept_marts, "_make_anew", make_anew)
            assert_same(world.computed(), found)
        assert len(anew) == 1


DAYS = st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=5)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=DAYS)
def test_kept_marts_are_those_of_a_full_computation(days: list[list[Step]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks, grown and replaced files, comments, statuses, renames, edits of the study, and what is left out."""
    check_kept_equals_computed(days, monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=DAYS)
def test_kept_marts_are_those_of_a_full_computation_in_many_worlds(
    days: list[list[Step]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, more often."""
    check_kept_equals_computed(days, monkeypatch)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A published world with two looks and comments."""
    made = World(tmp_path)
    for step in (_study("climate", current=True), _look("climate", frozenset({1, 2, 3})), _comments(1, 2)):
        step(made)
    made.published()
    return made


_ONE_UNTOUCHED = f"""
select min(video_id) from {kept_name("marts.videos")} where video_id::bigint not in (select video_id from kept.touched)
"""
TAMPERED = {
    "a kept table is gone": f"drop table {kept_name('marts.videos')}",
    "a value is wrong": f"update {kept_name('marts.videos')} set view_count = 7 where view_count is not null",
    "a row is gone": f"delete from {kept_name('marts.video_growth')}",
    "rows are twice": f"insert into {kept_name('core.found_videos')} from {kept_name('core.found_videos')}",
    "a row of a day is wrong": f"update {kept_name('marts.video_survival')} set exposure_days = 77",
    "a day is gone": f"delete from {kept_name('marts.hashtag_days')}",
    "a row of neither is too many": f"insert into {kept_name('marts.hashtag_pairs')} (search) values ('climate')",
    "the notes are gone": "drop schema kept cascade",
    "the notes are of another definition": "update kept.made_by set definition = 'older'",
    "a note is gone": "drop table kept.handles",
    "the notes of touched videos are gone": "drop table kept.touched",
    "the notes of touched videos have another column": "alter table kept.touched add column further integer",
    "the definition has another name": "alter table kept.made_by rename column definition to made_by",
    "a table is kept no more": "create table marts.creators_kept as from marts.creators;"
    " update kept.made_by set definition = 'later'",
    "the notes have other columns": "alter table kept.handles add column further integer",
    "a kept table has other columns": f"alter table {kept_name('marts.videos')} drop column url",
}


@pytest.mark.parametrize("sql", TAMPERED.values(), ids=TAMPERED.keys())
def test_kept_marts_that_are_wrong_are_computed_anew(world: World, sql: str) -> None:
    """Whatever is missing, older, newer or wrong, the published numbers are right."""
    with duckdb.connect(world.writer_file) as connection:
        connection.execute(sql)
    assert_same(world.computed(), world.published())
    _look("bees", frozenset({2, 4}))(world)
    assert_same(world.computed(), world.published())


def test_a_full_comparison_finds_what_a_sample_may_miss(world: World) -> None:
    """Every wrong row is found, and what the next publication computes anyway is not counted as wrong."""
    assert wrong_marts(world.writer_file) == []
    _look("bees", frozenset({2, 4}))(world)
    assert wrong_marts(world.writer_file) == []
    with duckdb.connect(world.writer_file) as connection:
        connection.execute(
            f"update {kept_name('marts.videos')} set share_count = 77 where video_id = ({_ONE_UNTOUCHED})"
        )
        connection.execute(f"delete from {kept_name('marts.video_growth')} where video_id = ({_ONE_UNTOUCHED})")
    assert wrong_marts(world.writer_file) == ["marts.video_growth", "marts.videos"]


_SAMPLED = [table for table in KEPT if {"video_id", "day_date", "created_date"} & {*table.recomputed_by}]


@pytest.mark.parametrize("table", [table for table in _SAMPLED if table.name != "videos"], ids=lambda table: table.name)
def test_a_full_comparison_finds_a_row_too_many_in_each_mart(world: World, table: Table) -> None:
    """Whether the rows are of a video or of a day."""
    known = {"video_id": "'1'", "created_date": "date '2026-10-01'"}
    values = ", ".join(f"{known.get(name, 'null')} as {name}" for name in table.column_names)
    with duckdb.connect(world.writer_file) as connection:
        connection.execute(f"insert into {kept_name(table.full_name)} by name select {values}")
    assert table.full_name in wrong_marts(world.writer_file)


def test_only_what_is_touched_is_computed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at one video computes the rows of this video, and of the days of the look."""
    chosen: list[Any] = []
    replace = kept_marts._replace_changed

    def noting(connection: duckdb.DuckDBPyConnection, changes: Changes) -> None:
        chosen.extend(connection.execute("select video_id from chosen order by all").fetchall())
        chosen.extend(connection.execute("select day_date from chosen_days order by all").fetchall())
        replace(connection, changes)

    monkeypatch.setattr(kept_marts, "_replace_changed", noting)
    _look("climate", frozenset({2}))(world)
    world.published()
    world.published()
    days = [((OCTOBER + timedelta(days=day)).date(),) for day in (-1, 0, 1)]
    assert chosen == [(snowflake(2, OCTOBER - timedelta(days=1)),), *days]


def test_a_look_without_videos_shows_that_they_are_gone(world: World) -> None:
    """It touches no video, and changes the rows of its days."""
    _look("climate", frozenset())(world)
    found = world.published()
    assert found["marts.video_survival"]["is_gone"].to_list() == [True, True, True]
    assert_same(world.computed(), found)


def test_a_comment_that_moves_counts_for_its_new_video(world: World) -> None:
    """Both videos are computed again."""
    _moved_comment(2)(world)
    assert_same(world.computed(), world.published())


def test_an_interrupted_update_is_made_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was computed before the end does not count, and the next publication has everything."""
    _look("climate", frozenset({2, 3}))(world)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(kept_marts, "note", interrupted)
        with pytest.raises(KeyboardInterrupt):
            keep_marts(world.writer_file)
    assert_same(world.computed(), world.published())


_KEEP = """
import sys
from pathlib import Path
from tt_pipeline.warehouse.kept_marts import keep_marts
print("begins", flush=True)
keep_marts(Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_fifty_kills_leave_nothing_wrong(world: World) -> None:
    """Killed at any instant of an update, or of the first computation, the next publication has everything."""
    random = Random(16)  # noqa: S311 — repeatable
    _look("bees", frozenset({2, 3, 5}))(world)
    _statuses("capped")(world)
    before, expected = world.writer_file.read_bytes(), world.computed()
    killed = 0
    for number in range(50):
        world.writer_file.write_bytes(before)
        if number % 5 == 0:
            forget_kept(world.writer_file)
        command = [sys.executable, "-c", _KEEP, str(world.writer_file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.9))
            process.kill()
            killed += process.wait() == -SIGKILL
        assert_same(expected, world.published())
    assert killed > 30
