"""A refresh finds what is gone, hides it, deletes it when a second answer confirms it, and doubts what is unlikely."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import dagster as dg
import duckdb
import pytest

from tt_pipeline.duties import RefreshReport, due_checks, refresh
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.orchestration.alerting import every_trouble
from tt_pipeline.reports import ChecksDue, checks_due, read_identifier, trace
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs
from tt_pipeline.tombstones import DeletionReason, Kind
from tt_pipeline.vocabulary import AlertKind
from tt_pipeline.warehouse.hiding import HidingRule, hide
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.ingestion.builders import DAYS

Fault = Literal["", "refused", "failed", "never", "foreign_ids", "all_gone", "half_gone"]
FURTHER_FAULTS = ("failed", "never", "foreign_ids", "all_gone")
STUDY = """\
study: What stays
start: 2026-11-03
searches:
  every: {regions: [US, DE, FR, GB, BR, JP, ID, MX], min_views: 0}
comments: {min_comments: 5}
quota: {requests_per_day: 1000, requests_per_second: 10}
"""


@dataclass
class Refreshing:
    """A lab with collected data, whose days can pass."""

    lab: Lab

    @property
    def settings(self) -> Settings:
        """The settings of the lab's data dir."""
        return Settings(data_dir=self.lab.folder, ledger=self.lab.folder / "ledger.sqlite")

    def days_pass(self, days: float) -> None:
        """Move the clock of simulator and client."""
        self.lab.clock.sleep(days * 86_400)

    def refresh(self, *, at_once: bool = False, confirms: bool = False) -> RefreshReport:
        """Refresh in a new process."""
        with self.lab.session() as session:
            return refresh(session, self.settings, at_once=at_once, confirms=confirms)

    def published(self, column: str, table: str) -> set[int]:
        """The ids in a table of the published file."""
        with duckdb.connect(self.lab.folder / "warehouse.duckdb", read_only=True) as connection:
            return {number for (number,) in connection.execute(f"select {column} from {table}").fetchall()}

    def comments_of(self, videos: set[int]) -> set[int]:
        """Published comments of these videos."""
        named = ", ".join(map(str, sorted(videos)))
        return self.published("comment_id", f"core.comments where video_id in ({named})")

    def most_commented(self, number: int) -> list[int]:
        """The published videos with the most comments."""
        with duckdb.connect(self.lab.folder / "warehouse.duckdb", read_only=True) as connection:
            sql = "select video_id from core.comments group by 1 order by count(*) desc, 1 limit $1"
            return [video_id for (video_id,) in connection.execute(sql, [number]).fetchall()]

    @property
    def videos(self) -> set[int]:
        """Published videos."""
        return self.published("video_id", "core.videos")

    @property
    def comments(self) -> set[int]:
        """Published comments."""
        return self.published("comment_id", "core.comments")


@pytest.fixture
def collected(lab: Lab) -> Refreshing:
    """Three days of videos with comments and profiles, collected and published."""
    return collect_all(lab)


def collect_all(lab: Lab) -> Refreshing:
    """Collect three days."""
    lab.study = STUDY
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
        collect_comments(session, DAYS)
        collect_users(session, DAYS)
        deliver(session)
    return Refreshing(lab)


def test_nothing_is_sent_before_it_is_due(collected: Refreshing) -> None:
    """After ten of fifteen days nothing is due."""
    collected.days_pass(10)
    sent = collected.lab.sent()
    report = collected.refresh()
    assert (report.requests, collected.lab.sent() - sent, dict(report.asked)) == (0, 0, {"video": 0, "comment": 0})


def test_what_is_gone_is_hidden_then_deleted(collected: Refreshing) -> None:
    """A missing video is left out of the file with its comments at once; a day later it is deleted everywhere."""
    before, comments = collected.videos, collected.comments
    gone = collected.most_commented(3)
    with duckdb.connect(collected.lab.folder / "warehouse.duckdb", read_only=True) as connection:
        below = {
            number
            for (number,) in connection.execute(
                "select comment_id from core.comments where list_contains($1, video_id)", [gone]
            ).fetchall()
        }
    lone = min(comments - below)
    for video_id in gone:
        collected.lab.simulator.delete(video_id=video_id)
    collected.lab.simulator.delete(comment_id=lone)
    collected.days_pass(14)

    first = collected.refresh()

    assert (dict(first.missing), first.deletion, first.doubts) == ({"video": 3, "comment": 1}, None, ())
    assert collected.videos == before - set(gone)
    assert not collected.comments & (below | {lone})
    assert len(before) > 100
    assert first.requests <= 9

    collected.days_pass(1.1)
    second = collected.refresh()

    assert second.deletion is not None
    assert second.deletion.counts["videos"] == 3
    assert second.deletion.counts["comments"] >= len(below) + 1
    assert collected.videos == before - set(gone)
    for number in (*gone, lone, *sorted(below)[:3]):
        found = trace(collected.settings.files, read_identifier(str(number)))
        assert (found.pages, found.held) == ((), ())
    with collected.lab.session() as session:
        stone = session.tombstones.get(Kind.VIDEO, gone[0])
        assert stone is not None
        assert stone.reason is DeletionReason.GONE


def test_what_comes_back_is_shown_again(collected: Refreshing) -> None:
    """A video that was private for a while is hidden meanwhile, and nothing of it is lost."""
    before = collected.videos
    away = min(before)
    collected.lab.simulator.delete(video_id=away)
    collected.days_pass(14)
    collected.refresh()
    assert away not in collected.videos

    collected.lab.simulator.restore(video_id=away)
    collected.days_pass(1.1)
    report = collected.refresh()

    assert report.deletion is None
    assert collected.videos == before


@contextmanager
def faulty(make_lab: MakeLab, fault: Fault) -> Iterator[Refreshing]:
    """Collected data on a server whose tasks of batch compliance go wrong; three videos are gone."""
    with make_lab(Knobs(rate_per_minute=10**6, compliance_fault=fault)) as lab:
        made = collect_all(lab)
        for video_id in sorted(made.videos)[:3]:
            lab.simulator.delete(video_id=video_id)
        made.days_pass(14)
        yield made


@pytest.mark.parametrize(
    "fault", ["half_gone", *(pytest.param(each, marks=pytest.mark.slow) for each in FURTHER_FAULTS)]
)
def test_a_doubtful_answer_deletes_and_hides_nothing(make_lab: MakeLab, fault: Fault) -> None:
    """Whatever a broken server says again and again, what exists stays visible; a sample may find what is gone."""
    with faulty(make_lab, fault) as made:
        videos, gone = made.videos, set(sorted(made.videos)[:3])
        comments = made.comments_of(videos - gone)
        for _ in range(3):
            report = made.refresh(at_once=True)
            assert videos - made.videos <= gone
            made.days_pass(1.1)
        assert report.doubts
        assert made.comments_of(videos - gone) == comments


def test_a_sample_proves_that_many_are_gone(collected: Refreshing) -> None:
    """A tenth of the videos is gone, and none of a sample exists: two answers, in two ways, so they are deleted."""
    before = collected.videos
    gone = set(sorted(before)[::10])
    for video_id in gone:
        collected.lab.simulator.delete(video_id=video_id)
    collected.days_pass(14)
    report = collected.refresh()
    assert report.doubts == ()
    assert report.deletion is not None
    assert report.deletion.counts["videos"] == len(gone)
    assert collected.videos == before - gone


def test_a_person_can_believe_what_is_doubted(make_lab: MakeLab) -> None:
    """Half of the comments are gone at once; no query can prove it, so a person says it."""
    with make_lab(Knobs(rate_per_minute=10**6)) as lab:
        made = collect_all(lab)
        comments = made.comments
        gone = set(sorted(comments)[::2])
        for comment_id in gone:
            lab.simulator.delete(comment_id=comment_id)
        made.days_pass(14)
        first = made.refresh()
        assert first.doubts
        assert made.comments == comments
        second = made.refresh(confirms=True)
        assert second.doubts == ()
        assert not gone & made.comments


def test_videos_are_asked_by_query_where_tasks_are_refused(make_lab: MakeLab) -> None:
    """Comments cannot be asked so, and the report says it."""
    with faulty(make_lab, "refused") as made:
        before = made.videos
        report = made.refresh()
        assert report.refused == ("comment",)
        assert made.videos == before - set(sorted(before)[:3])


def test_a_day_checks_no_more_than_a_part_of_the_quota_allows(
    collected: Refreshing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an update everything may be due at once: one task of fifty ids is sent, and the others on later days."""
    monkeypatch.setattr(due_checks, "MOST_IDS_PER_TASK", 50)
    collected.lab.study = STUDY.replace("requests_per_day: 1000", "requests_per_day: 30")
    collected.days_pass(14)
    assert [dict(collected.refresh().asked) for _ in range(2)] == [{"video": 50, "comment": 50}] * 2
    assert dict(collected.refresh(at_once=True).asked)["video"] > 50


def checks(made: Refreshing) -> tuple[ChecksDue, ChecksDue]:
    """What the published file says of the checks of videos and of comments, after a publication today."""
    with made.lab.session() as session:
        deliver(session)
        videos, comments = checks_due(session.files.published, session.study.compliance, session.clock.now())
    return videos, comments


def test_the_published_file_says_what_is_due_and_when(collected: Refreshing) -> None:
    """Due from three quarters of fifteen days, overdue after fifteen; what is below something missing is missing."""
    seen_on = collected.lab.clock.now().date()
    videos, comments = checks(collected)
    assert (videos.stored, comments.stored) == (len(collected.videos), len(collected.comments))
    assert (videos.due_on, videos.overdue_on) == (seen_on + timedelta(days=12), seen_on + timedelta(days=16))
    assert (videos.due, comments.due, videos.sentences) == (0, 0, ())

    gone = collected.most_commented(1)[0]
    below = len(collected.comments_of({gone}))
    collected.lab.simulator.delete(video_id=gone)
    collected.days_pass(12)
    collected.refresh(at_once=True)
    collected.days_pass(12)
    videos, comments = checks(collected)
    assert (videos.due, videos.missing, comments.due) == (videos.stored - 1, 1, comments.stored - below)

    collected.days_pass(4)
    videos, comments = checks(collected)
    assert (videos.overdue, comments.overdue, comments.missing) == (videos.stored - 1, comments.stored - below, below)
    # The data is invented, so nothing is announced to be hidden.
    said = f"TikTok's terms demand a check every 15 days; {videos.overdue} videos were not checked in time."
    assert videos.sentences == (said,)


def test_overdue_checks_are_a_trouble_and_hiding_is_announced(collected: Refreshing) -> None:
    """The alert says from which day on what is left out, and is over when everything was checked."""
    settings = collected.settings
    collected.days_pass(24)
    with collected.lab.session() as session:
        deliver(session)
        rule = HidingRule(after_days=30, not_before=session.clock.now())
        hide(session.files.published, rule, session.clock.now())
        now = session.clock.now()
    with collected.lab.session() as session, dg.DagsterInstance.ephemeral() as instance:
        (found,) = [
            each for each in every_trouble(settings, session, instance) if each.kind is AlertKind.CHECKS_OVERDUE
        ]
    hides_on = now.date() + timedelta(days=6)
    assert f"or will be within seven days, from {hides_on} on, unless a check finds them." in found.says

    collected.refresh()
    with collected.lab.session() as session, dg.DagsterInstance.ephemeral() as instance:
        kinds = {each.kind for each in every_trouble(settings, session, instance)}
    assert AlertKind.CHECKS_OVERDUE not in kinds


def test_a_refresh_without_quota_is_a_pause(collected: Refreshing) -> None:
    """Nothing that landed is lost, and the next refresh goes on."""
    collected.days_pass(14)
    with collected.lab.session(limit=1) as session, pytest.raises(QuotaExhausted):
        refresh(session, collected.settings)
    collected.days_pass(1)
    assert collected.refresh().requests <= 6
    assert checks(collected)[0].overdue == 0
