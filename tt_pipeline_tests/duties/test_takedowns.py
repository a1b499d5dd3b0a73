"""What was deleted on request is not collected again, by no way; what was deleted otherwise may be."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tt_pipeline.duties import PurgeRequest, carry_out, forget_takedowns, remove_deleted
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import deliver, on_writer, publish_warehouse, rebuild_warehouse
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import redacted
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.duties.builders import deletion_of, places_of
from tt_pipeline_tests.ingestion.builders import DAYS

pytestmark = pytest.mark.journey

STUDY = """\
study: Takedowns
start: 2026-11-03
searches:
  solar: {hashtags: [solarpower]}
looks: [3, 20, 30]
comments: {min_comments: 200}
quota: {requests_per_day: 1000, requests_per_second: 10}
"""
DAY = DAYS[:1]


@contextmanager
def collecting(lab: Lab) -> Iterator[CollectionSession]:
    """A session that collects one day of one search, with profiles and few comments."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAY)
        collect_users(session, DAY)
        collect_comments(session, DAY)
        deliver(session)
        yield session


def purge(session: CollectionSession, lab: Lab, **request: Any) -> None:
    """Delete, as `tt purge` does."""
    carry_out(session, lab.folder / "study.yaml", deletion_of(session, PurgeRequest(**request)))


def values_of(session: CollectionSession, sql: str) -> list[Any]:
    """The first column of a query."""
    return [row[0] for row in on_writer(session, lambda writer: writer.query(sql).rows())]


@pytest.fixture
def solar(lab: Lab) -> Lab:
    """The lab with the study of these tests."""
    lab.study = STUDY
    return lab


def test_a_purged_day_costs_no_request(solar: Lab) -> None:
    """Days, comments and profiles that were complete stay so; nothing is requested again for what was deleted."""
    with collecting(solar) as session:
        (username,) = values_of(session, "select min(username) from core.videos")
        purge(session, solar, usernames=(username,))
        purge(session, solar, days=(DAY[0], DAY[0]))
        sent = solar.sent()
    with collecting(solar) as session:
        assert solar.sent() == sent
        assert values_of(session, "select count(*) from core.videos") == [0]
        days = f"select status from ops.search_coverage where day_date = date '{DAY[0]}'"
        assert values_of(session, days) == ["complete"]


def test_a_takedown_is_not_collected_again(solar: Lab) -> None:
    """A later look finds the account and its videos again, and stores neither; forgotten, they are stored again."""
    with collecting(solar) as session:
        (username,) = values_of(session, "select min(username) from core.videos")
        videos = values_of(session, f"select video_id from core.videos where username = '{username}'")
        purge(session, solar, usernames=(username,))
    _next_look(solar)
    with collecting(solar) as session:
        assert max(values_of(session, "select looks from ops.search_coverage")) == 2
        assert places_of(solar.folder, [username, *videos]) == []
        assert forget_takedowns(session, PurgeRequest(usernames=(username,))) == 1
    _next_look(solar)
    with collecting(solar) as session:
        assert set(values_of(session, f"select video_id from core.videos where username = '{username}'")) == set(videos)


def _next_look(lab: Lab) -> None:
    lab.clock.advance(days=9)


def test_ids_that_were_found_are_taken_out_of_their_tables(solar: Lab) -> None:
    """A search of ids says in its tables how many ids it has left; the stored request has a word in their place."""
    with collecting(solar) as session:
        ids = values_of(session, "select video_id from core.videos order by 1 limit 3")
    solar.study = STUDY.replace("{hashtags: [solarpower]}", f"{{video_ids: {ids}}}")
    with collecting(solar) as session:
        assert values_of(session, "select count(*) from marts.asked_ids") == [3]
        purge(session, solar, ids=(ids[0],))
        assert values_of(session, "select video_id from marts.asked_ids order by 1") == [str(each) for each in ids[1:]]
        assert places_of(solar.folder / "internal", [ids[0]]) == []
    solar.study += "users: {every_days: 300}\n"
    with collecting(solar) as session:
        assert places_of(solar.folder / "internal", [ids[0]]) == []


def requested(lab: Lab, field: str) -> set[str]:
    """The values of all conditions on a field that reached the API."""
    queries = [request.body["query"] for request in lab.simulator.log if "query" in (request.body or {})]
    conditions = [each for query in queries for group in query.values() for each in group]
    return {value for each in conditions if each["field_name"] == field for value in each["field_values"]}


def test_ids_that_are_taken_down_are_not_requested(solar: Lab) -> None:
    """A later look at a list of ids leaves them out; a list without any other id needs no request but the canary."""
    with collecting(solar) as session:
        ids = values_of(session, "select video_id from core.videos order by 1 limit 3")
        purge(session, solar, ids=(ids[0],))
    begun = solar.sent()
    solar.study = STUDY.replace("{hashtags: [solarpower]}", f"{{video_ids: {ids}}}")
    with collecting(solar) as session:
        assert requested(solar, "video_id") == {str(each) for each in ids[1:]}
        assert [each.status for each in session.coverage().searches.days(session.study.searches[0], DAY)] == [
            "complete"
        ]
    solar.study = STUDY.replace("{hashtags: [solarpower]}", f"{{video_ids: [{ids[0]}]}}")
    with collecting(solar) as session:
        assert requested(solar, "video_id") == {str(each) for each in ids[1:]}
        assert solar.sent() > begun
        sent = solar.sent()
    with collecting(solar) as session:
        assert solar.sent() == sent
        assert [each.status for each in session.coverage().searches.days(session.study.searches[0], DAY)] == [
            "complete"
        ]


def test_accounts_that_are_taken_down_are_not_requested(solar: Lab) -> None:
    """A search of accounts leaves them out; the other accounts are collected."""
    with collecting(solar) as session:
        gone, other = values_of(session, "select distinct username from core.videos order by 1 limit 2")
        purge(session, solar, usernames=(gone,))
    solar.study = STUDY.replace("{hashtags: [solarpower]}", f"{{usernames: [{gone}, {other}]}}")
    with collecting(solar) as session:
        assert requested(solar, "username") == {other}
        assert gone not in values_of(session, "select distinct username from core.videos")


def test_a_page_that_came_before_is_cleaned_by_a_rebuild(solar: Lab) -> None:
    """An old landed file that somebody puts back loses what was deleted since; what came later stays."""
    with collecting(solar) as session:
        (username,) = values_of(session, "select min(username) from core.videos")
        videos = values_of(session, "select video_id from core.videos")
        shutil.copytree(session.files.landing, solar.folder.parent / "old", dirs_exist_ok=True)
        purge(session, solar, usernames=(username,))
        purge(session, solar, search="solar")
    shutil.copytree(solar.folder.parent / "old", solar.folder / "internal" / "landing", dirs_exist_ok=True)
    with solar.session() as session:
        assert remove_deleted(session).records > 0
        assert remove_deleted(session).files == 0
        rebuild_warehouse(session)
        publish_warehouse(session)
        assert places_of(solar.folder, [username, *videos]) == []

        (page,) = [each for file in session.zone.index.files() for each in file.envelopes() if each.slots][:1]
        body = f'{{"data":{{"videos":[{{"id":{videos[-1]}}}]}}}}'
        later = replace(page, fetched_at=page.fetched_at + timedelta(days=2), body=body)
        assert redacted(later, session.tombstones.deleted) is later
