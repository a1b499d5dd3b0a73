"""Landed files and folders that cannot be read: nothing that they may contain is requested again."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.coverage.due_work import due
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import LandedPagesUnreadable
from tt_pipeline.ingestion.account_lists import collect_list
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.vocabulary import AccountList, SearchStatus
from tt_pipeline_tests.collection_lab import NOON, Lab

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 4))
TODAY = NOON.date()
NOBODY_READS = "/proc/self/mem"
"""A regular file; reading it fails with EIO, also for root."""


def videos(session: CollectionSession, again: bool = False) -> CollectReport:  # noqa: FBT001, FBT002
    """Collect the first search."""
    since = session.clock.now() if again else None
    return collect_videos(session, session.study.searches[0], DAYS, again_since=since)


def everything(session: CollectionSession) -> list[CollectReport]:
    """Collect the first search with comments, creators and a list."""
    reports = [videos(session), collect_comments(session, DAYS), collect_users(session, DAYS)]
    return [*reports, collect_list(session, AccountList.FOLLOWERS, [TODAY])]


@pytest.fixture
def filled(lab: Lab) -> Lab:
    """A lab that has collected everything, and whose index must be filled again."""
    creator = lab.simulator.world.people.creators[0]
    lab.study = lab.study.replace("  green: {hashtags: [klima, solarpower, climatechange]}\n", "")
    lab.study = lab.study.replace("min_comments: 2", "min_comments: 8")
    lab.study += f"accounts:\n  usernames: [{creator.username}]\n  lists: [followers]\n"
    with lab.session() as session:
        assert all(report.stopped_because is None for report in everything(session))
    (lab.folder / "internal" / "landing" / "index.sqlite").unlink()
    return lab


def landing(lab: Lab) -> Path:
    """The landing folder."""
    return lab.folder / "internal" / "landing"


def break_files(lab: Lab, pattern: str) -> None:
    """Make the landed files of a pattern unreadable."""
    for path in landing(lab).rglob(pattern):
        path.unlink()
        path.symlink_to(NOBODY_READS)


def test_an_unreadable_window_is_partial_and_not_requested_again(filled: Lab) -> None:
    """Neither a daily collection nor `--again` requests it; the report names the file."""
    break_files(filled, "videos/**/*.ndjson*")
    sent = filled.sent()

    with filled.session() as session:
        reports = [videos(session), videos(session, again=True)]
        work = [piece for piece in due(session.coverage()) if piece.asset == "videos/climate"]

    assert filled.sent() == sent
    assert [piece for piece in work if {*piece.window.days} & {*DAYS}] == []
    for report in reports:
        assert [day.status for day in report.days] == [SearchStatus.PARTIAL] * len(DAYS)
        assert "cannot be read (Input/output error)" in str(report.days[0].facts["why"])


@pytest.mark.parametrize(
    ("folder", "collect"),
    [
        pytest.param("comments", lambda session: collect_comments(session, DAYS), id="comments"),
        pytest.param("users", lambda session: collect_users(session, DAYS), id="users"),
        pytest.param(
            "followers", lambda session: collect_list(session, AccountList.FOLLOWERS, [TODAY]), id="followers"
        ),
    ],
)
def test_a_collection_stops_before_it_requests_what_may_have_landed(
    filled: Lab, folder: str, collect: Callable[[CollectionSession], CollectReport]
) -> None:
    """The message names the file and what to do; nothing of it is due."""
    break_files(filled, f"{folder}/**/*.ndjson*")
    sent = filled.sent()

    with filled.session() as session:
        report = collect(session)
        assets = {piece.asset for piece in due(session.coverage()) if piece.window.first_day in {*DAYS, TODAY}}

    assert filled.sent() == sent
    assert isinstance(report.stopped_because, LandedPagesUnreadable)
    assert "cannot be read (Input/output error). It may have pages of " in str(report.stopped_because)
    assert report.asset not in assets


def test_the_other_days_of_comments_are_collected_first(lab: Lab) -> None:
    """Only the day whose file cannot be read stays as it is."""
    with lab.session() as session:
        videos(session)
        collect_comments(session, DAYS[:1])
    (landing(lab) / "index.sqlite").unlink()
    break_files(lab, f"comments/{DAYS[0]}/*.ndjson*")
    sent = lab.sent()

    with lab.session() as session:
        report = collect_comments(session, DAYS)

    assert isinstance(report.stopped_because, LandedPagesUnreadable)
    assert lab.sent() > sent
    missing = [day.facts["videos_without_comments"] for day in report.days]
    assert missing[0]
    assert missing[1:] == [0]


@pytest.fixture
def closed_folder(filled: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a query that the operating system refuses to list; root may list every real one."""
    folder = next((landing(filled) / "videos" / "climate").iterdir())
    scandir = os.scandir

    def refusing(path: Any = ".") -> Any:
        if path in {folder, str(folder)}:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_what_may_be_in_a_closed_folder_is_not_requested(filled: Lab, closed_folder: Path) -> None:
    """Every day of the query is partial, because the folder may have its pages."""
    sent = filled.sent()

    with filled.session() as session:
        report = videos(session)

    assert filled.sent() == sent
    assert [day.facts["why"] for day in report.days] == [f"{closed_folder} cannot be read (Permission denied)"] * len(
        DAYS
    )
