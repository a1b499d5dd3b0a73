"""What notes on days say, and the rows that are kept because of them, equal what is computed from every landed page."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
import zstandard

from tt_pipeline.coverage import StudyCoverage, comment_days, due, profile_days, unfinished_work
from tt_pipeline.coverage.read_by_day import VideosByDay
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.ingestion import coverage_by_day
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import load_landed, on_writer, write_ops_tables
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import VideoFacts, window_load_id
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.builders import envelope, second_of, video
from tt_pipeline_tests.collection_lab import STUDY, Lab, MakeLab

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 6))
_KEYS: Mapping[str, list[str]] = {
    "ops.comment_coverage": ["video_id"],
    "ops.account_coverage": ["username", "list"],
}
_DAYS = "select video_id, day_date from ops.comment_coverage"
_HELD = "select video_id, count(*) from core.comments group by all"
_STUDIES = (
    STUDY,
    STUDY.replace("{min_comments: 2}", "{min_comments: 9}"),
    STUDY.replace("{min_comments: 2}", "{sample: {per_stratum: 2}}"),
    STUDY.replace("{min_comments: 2}", "{replies: true, max_per_video: 100}"),
    STUDY.replace("comments: {min_comments: 2}", "users: {mentioned: true}"),
    STUDY.replace("klima, solarpower", "solarpower"),
    STUDY.replace("comments: {min_comments: 2}", "comments: false\nusers: false"),
)


def facts(coverage: StudyCoverage) -> tuple[Any, ...]:
    """What screens and the schedule show of comments and profiles."""
    days = days_between(DAYS[0], date(2026, 11, 20))
    return due(coverage), unfinished_work(coverage), comment_days(coverage, days), profile_days(coverage, days)


def without_notes(session: CollectionSession) -> StudyCoverage:
    """The coverage, computed from every page."""
    with session.zone.index._file.writing() as db:
        db.execute("delete from day_notes")
    return session.coverage()


def kept(session: CollectionSession) -> dict[str, pl.DataFrame]:
    """The rows of the two tables after a load."""
    load_landed(session, *Dataset)
    write_ops_tables(session)
    return {
        table: on_writer(session, lambda writer, name=table: writer.query(f"from {name}").sort(_KEYS[name]))  # type: ignore[misc]
        for table in _KEYS
    }


def check(session: CollectionSession) -> None:
    """Compare what is noted and kept with what is computed."""
    load_landed(session, *Dataset)
    noted, again, rows = facts(session.coverage()), facts(session.coverage()), kept(session)
    assert noted == again == facts(without_notes(session))
    computed = ops_frames(session)
    for table, keys in _KEYS.items():
        columns = [name for name in rows[table].columns if name not in {"comments_held", "records_held"}]
        assert rows[table].select(columns).rows() == computed[table].sort(keys).select(columns).rows()
    held = on_writer(session, lambda writer: dict(writer.query(_HELD).rows()))
    stated = dict(rows["ops.comment_coverage"].select("video_id", "comments_held").rows())
    assert stated == {video_id: held.get(video_id, 0) for video_id in stated}


def computed_days(session: CollectionSession, monkeypatch: pytest.MonkeyPatch) -> set[date]:
    """The days whose videos are read while the tables are brought up to date."""
    read: set[date] = set()
    original = VideosByDay.__getitem__

    def noting(self: VideosByDay, day: date) -> Sequence[VideoFacts]:
        read.add(day)
        return original(self, day)

    with monkeypatch.context() as patched:
        patched.setattr(VideosByDay, "__getitem__", noting)
        kept(session)
    return read


def test_only_days_that_changed_are_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second load reads no video, and one after a day's comments the videos of this day."""
    monkeypatch.setattr(coverage_by_day, "forget_wrong_notes", lambda _: None)
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        kept(session)
        monkeypatch.setattr(coverage_by_day, "_differs", lambda *_: False)
        assert computed_days(session, monkeypatch) == set()
        collect_comments(session, DAYS[1:2])
        assert computed_days(session, monkeypatch) == {DAYS[1]}


@pytest.mark.parametrize(
    "damage",
    [
        "delete from ops.comment_coverage where video_id = (select max(video_id) from ops.comment_coverage)",
        "update ops.comment_coverage set status = 'paused' where status = 'never_asked'",
        "delete from kept.days_up_to_date",
        "update kept.days_up_to_date set token = 'of another version'",
        "drop schema kept cascade",
        "update ops.comment_coverage set day_date = null",
    ],
)
def test_rows_that_cannot_be_right_are_computed_again(lab: Lab, damage: str) -> None:
    """Rows are missing, have another status, or their state is lost or of another version."""
    with lab.session() as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        collect_comments(session, DAYS[:1])
        before = kept(session)
        on_writer(session, lambda writer: writer.connection.execute(damage))
        after = kept(session)
    assert {table: frame.rows() for table, frame in after.items()} == {
        table: frame.rows() for table, frame in before.items()
    }


def test_a_wrong_note_is_noticed(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Each publication compares one note with the pages of its day; if it is wrong, all are made anew."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS[:1])
        before = kept(session)
        with session.zone.index._file.writing() as db:
            db.execute("update day_notes set counts = '{\"complete\": 1}' where dataset = 'comments'")
        after = kept(session)
        expected = facts(without_notes(session))
        assert facts(session.coverage()) == expected

    assert "in the landing index was wrong" in caplog.text
    assert after["ops.comment_coverage"].rows() == before["ops.comment_coverage"].rows()


@pytest.mark.usefixtures("without_samples")
def test_a_video_of_two_days_is_requested_once(lab: Lab) -> None:
    """Its comments are complete on both days, and when they are lost they are due on both."""
    with lab.session() as session:
        search = session.study.searches[0]
        for day in DAYS[:2]:
            load_id = window_load_id("climate", search.fingerprint, (day, day), 1)
            with session.zone.writing(load_id) as writer:
                found = video(7, day=DAYS[0], create_time=second_of(day), comment_count=9)
                writer.append(envelope(found, fingerprint=search.fingerprint, window_from=day, window_to=day))
        due(session.coverage())
        collect_comments(session, DAYS[:1])
        sent = lab.sent()
        assert [work for work in due(session.coverage()) if work.asset == "comments"] == []
        collect_comments(session, DAYS[:2])
        assert lab.sent() == sent
        for file in session.files.landing.glob("comments/**/*.zst"):
            file.unlink()
        session.zone.catch_up()
        (work,) = [work for work in due(session.coverage()) if work.asset == "comments"]
    assert work.window.days == DAYS[:2]


def test_a_video_of_two_days_counts_on_the_later_one(lab: Lab) -> None:
    """TikTok changed its create_time; when the later day is lost, it counts on the earlier one again."""
    lab.study = STUDY.replace("{min_comments: 2}", "{min_comments: 100000}")
    with lab.session() as session:
        (search, _) = session.study.searches
        for look, day in enumerate(DAYS[:2], start=1):
            load_id = window_load_id("climate", search.fingerprint, (day, day), 1)
            with session.zone.writing(load_id) as writer:
                found = video(7, day=DAYS[0], create_time=second_of(day)), video(7 + look, day=day)
                writer.append(envelope(*found, fingerprint=search.fingerprint, window_from=day, window_to=day, look=1))
        days = [kept(session)["ops.comment_coverage"].select("video_id", "day_date").rows() for _ in range(2)]
        session.zone.index.forget(window_load_id("climate", search.fingerprint, (DAYS[1], DAYS[1]), 1))
        write_ops_tables(session)
        then = on_writer(session, lambda writer: writer.query(_DAYS).rows())

    moved = video(7, day=DAYS[0])["id"]
    assert [dict(each)[moved] for each in days] == [DAYS[1]] * 2
    assert dict(then)[moved] == DAYS[0]


@dataclass(frozen=True)
class World:
    """What a step changes."""

    lab: Lab
    session: CollectionSession
    random: Random

    def find_videos(self) -> None:
        """Collect a search on some days."""
        collect_videos(self.session, self.random.choice(self.session.study.searches), self.random.sample(DAYS, 2))

    def collect_comments(self) -> None:
        """Collect the comments of some days."""
        collect_comments(self.session, self.random.sample(DAYS, 2))

    def collect_users(self) -> None:
        """Collect the profiles of some days."""
        collect_users(self.session, self.random.sample(DAYS, 2))

    def request_again(self) -> None:
        """Collect videos, comments or profiles of a day again, although they are complete."""
        days, now = self.random.sample(DAYS, 1), self.lab.clock.now()
        match self.random.randrange(3):
            case 0:
                search = self.random.choice(self.session.study.searches)
                collect_videos(self.session, search, days, again_since=now)
            case 1:
                collect_comments(self.session, days, again_since=now)
            case _:
                collect_users(self.session, days, again_since=now)

    def lose_a_file(self) -> None:
        """A landed file is gone; its pages come back with a later step."""
        self._file().unlink()
        self.session.zone.catch_up()

    def tear_a_file(self) -> None:
        """The end of a landed file is lost."""
        file = self._file()
        content = file.read_bytes()
        file.write_bytes(content[: len(content) * 2 // 3])
        self.session.zone.catch_up()

    def _file(self) -> Path:
        return self.random.choice(sorted(self.session.files.landing.rglob("*.zst")))

    def delete(self) -> None:
        """The answers about a video or an account are cut out."""
        video = self.random.choice(self._videos())
        username = frozenset({video.username.lower()}) if video.username else frozenset()
        of_video, of_user = NamedSubjects(videos=frozenset({video.video_id})), NamedSubjects(users=username)
        with self.session.zone.all_leases():
            self.session.zone.redact(self.random.choice([of_video, of_user]))

    def move_a_video(self) -> None:
        """TikTok changes the create_time of a video, so that it is found on two days."""
        moved, day = self.random.choice(self._videos()), self.random.choice(DAYS)
        search = self.session.study.searches[0]
        record = {"id": moved.video_id, "create_time": second_of(day), "username": moved.username, "comment_count": 7}
        looks = (window.look for window in self.session.zone.index.windows(search.fingerprint))
        look = 1 + max(looks, default=0)
        with self.session.zone.writing(window_load_id(search.name, search.fingerprint, (day, day), look)) as writer:
            days = {"window_from": day, "window_to": day, "fetched_at": self.lab.clock.now()}
            writer.append(envelope(record, search=search.name, fingerprint=search.fingerprint, look=look, **days))

    def _videos(self) -> list[VideoFacts]:
        return [video for videos in self.session.coverage().landed.videos_by_day.values() for video in videos]

    def set_the_clock_back(self) -> None:
        """The clock of the machine was ahead."""
        self.lab.clock.advance(days=-2)

    def wait(self) -> None:
        """Some days pass."""
        self.lab.clock.advance(days=self.random.choice([1, 3, 8]))

    def receive_nonsense(self) -> None:
        """A page of comments or profiles turns out to be unreadable when it is loaded."""
        known = {file.name for file in self.session.zone.index.files()}
        self.collect_comments()
        self.collect_users()
        new = [file for file in self.session.zone.index.files() if file.name not in known]
        file = self.session.files.landing / self.random.choice(new).name
        pages = [replace(page, body="<html>") for page in envelopes(file)]
        file.write_bytes(zstandard.compress(b"".join(page.line() for page in pages)))
        self.session.zone.catch_up()

    def fail(self) -> None:
        """The server fails on some comments or profiles."""
        endpoint, collect = self.random.choice(
            [("comment_list", self.collect_comments), ("user_info", self.collect_users)]
        )
        fault = Fault(kind=FaultKind.ERROR_500, endpoint=endpoint, always=True, times=6)
        self.lab.simulator.change_knobs(faults=(fault,))
        collect()
        self.lab.simulator.change_knobs(faults=())


_STEPS: Sequence[Callable[[World], None]] = (
    *(World.find_videos, World.collect_comments, World.collect_users, World.collect_comments, World.collect_users),
    *(World.request_again, World.lose_a_file, World.tear_a_file, World.delete, World.move_a_video),
    *(World.wait, World.set_the_clock_back, World.fail, World.receive_nonsense),
)


def live(lab: Lab, seed: int, *, steps: int = 14) -> Counter[str]:
    """Do random steps and check after each; returns how often each kind of step could be done."""
    random, done = seeded_random(seed), Counter[str]()
    for _ in range(steps):
        if random.random() < 0.25:
            lab.study = random.choice(_STUDIES)
        step = random.choice(_STEPS)
        with lab.session() as session:
            if random.random() < 0.5:
                due(session.coverage())
            with suppress(IndexError):  # nothing has landed that the step could choose
                step(World(lab, session, random))
                done[step.__name__] += 1
            check(session)
    return done


@pytest.fixture
def without_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """No publication compares a sample with the pages, which would repair by chance what is wrong."""
    monkeypatch.setattr(coverage_by_day, "forget_wrong_notes", lambda _: None)
    monkeypatch.setattr(coverage_by_day, "_differs", lambda *_: False)


@pytest.mark.usefixtures("without_samples")
@pytest.mark.parametrize("seed", range(6))
def test_notes_change_no_number(lab: Lab, seed: int) -> None:
    """After collections, failures, lost files, deletions, edits and days, in any order."""
    live(lab, seed)


@pytest.mark.slow
@pytest.mark.usefixtures("without_samples")
@pytest.mark.timeout(1_800)
def test_notes_change_no_number_in_many_worlds(make_lab: MakeLab) -> None:
    """The same in forty worlds, in which every kind of step is done."""
    done = Counter[str]()
    for seed in range(100, 140):
        with make_lab(Knobs(rate_per_minute=0)) as lab:
            done += live(lab, seed)
    assert done.keys() == {step.__name__ for step in _STEPS}
