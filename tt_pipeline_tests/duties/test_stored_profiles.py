"""A profile that nothing verifies loses its texts; with `verify: strict` profiles are requested again."""

import json
from datetime import timedelta
from typing import Literal

import duckdb
import polars as pl
import pytest

from tt_pipeline.codebook.fields import PROFILE_TEXTS
from tt_pipeline.duties import refresh_state
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.reading import whole_lines
from tt_pipeline.reports import checks_due, registered_copy
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_tables
from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.endpoints import user
from tt_pipeline.simulator.people import Creator
from tt_pipeline.simulator.responses import no_such_user
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.visibility import find_public_account
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.duties.test_refresh import STUDY, Refreshing
from tt_pipeline_tests.ingestion.builders import DAYS

TEXTS = " or ".join(f"{name} is not null" for name in sorted(PROFILE_TEXTS))


def collected(lab: Lab, users: str, *, refresh_days: int = 15) -> Refreshing:
    """Three days of videos with the profiles of their creators, published."""
    rules = f"comments: false\nusers: {users}\ncompliance: {{refresh_days: {refresh_days}}}"
    lab.study = STUDY.replace("comments: {min_comments: 5}", rules).replace("US, DE, FR, GB, ", "")
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
        collect_users(session, DAYS)
        deliver(session)
    return Refreshing(lab)


def rows(made: Refreshing, sql: str) -> list[tuple[object, ...]]:
    """Rows of the published file."""
    with duckdb.connect(made.lab.folder / "warehouse.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def landed_profiles(made: Refreshing) -> list[Envelope]:
    """Every landed answer about an account."""
    files = (made.settings.files.landing / "users").rglob("*.ndjson*")
    return [Envelope.read(line) for file in files for line in whole_lines(file)]


def landed_texts(made: Refreshing) -> int:
    """Landed profiles that still have a text."""
    return sum(not PROFILE_TEXTS.isdisjoint(json.loads(page.body).get("data", {})) for page in landed_profiles(made))


def test_a_profile_is_as_young_as_the_last_check_of_a_video(lab: Lab) -> None:
    """Videos that are checked again and again keep the profiles of their creators whole."""
    made = collected(lab, "{every_days: 20}")
    for _ in range(3):
        made.days_pass(13.6)
        assert made.refresh().deletion is None
    assert rows(made, f"select count(*) from core.users where not ({TEXTS})") == [(0,)]


def test_texts_are_dropped_everywhere_and_counts_stay(lab: Lab) -> None:
    """Nothing was checked for longer than keep_profile_days: warehouse, answers and exports lose the texts."""
    made = collected(lab, "{keep_profile_days: 20}", refresh_days=30)
    counts = "select username, follower_count, likes_count from core.users order by username"
    before, profiles = rows(made, counts), landed_texts(made)
    files = made.settings.files
    with registered_copy(files, files.exports / "profiles", "tables", lab.clock.now()):
        shape = Shape(format=ExportFormat.PARQUET, created=lab.clock.now(), for_excel=False)
        export_tables(files.published, ["core.users"], files.exports / "profiles", shape)
    assert profiles == len(before) > 20
    made.days_pass(19.5)
    with lab.session() as session:
        assert refresh_state(session).expired == frozenset()
    made.days_pass(1)

    report = made.refresh()

    assert report.deletion is not None
    assert report.deletion.counts["profile_texts"] == len(before)
    assert report.deletion.counts["videos"] == 0
    assert (landed_texts(made), rows(made, counts)) == (0, before)
    assert rows(made, f"select count(*) from core.user_snapshots where {TEXTS}") == [(0,)]
    exported = pl.read_parquet(next((files.exports / "profiles").glob("*users*.parquet")))
    assert exported.height == len(before)
    assert all(not text for name in PROFILE_TEXTS for text in exported[name])
    assert exported["follower_count"].null_count() == 0
    assert made.refresh().deletion is None
    assert rows(made, "select what from ops.audit order by line desc limit 1") == [("purge",)]


@pytest.mark.parametrize("fault", ["never", "failed"])
def test_checks_that_fail_drop_no_text(make_lab: MakeLab, fault: Literal["never", "failed"]) -> None:
    """A machine was off for long, or the server fails: nobody knows whether the accounts are gone."""
    with make_lab(Knobs(rate_per_minute=10**6, compliance_fault=fault)) as lab:
        made = collected(lab, "true")
        before = landed_texts(made)
        made.days_pass(40)
        assert made.refresh().deletion is None
        made.days_pass(0.5)
        assert made.refresh().deletion is None
        assert landed_texts(made) == before > 20


def test_a_profile_that_comes_again_has_its_texts(lab: Lab) -> None:
    """What was dropped is not forbidden: the next look at the account has them, and keeps them."""
    made = collected(lab, "{keep_profile_days: 20}", refresh_days=30)
    made.days_pass(20.5)
    assert made.refresh().deletion is not None
    with lab.session() as session:
        collect_users(session, DAYS, again_since=lab.clock.now() - timedelta(minutes=1))
        deliver(session)
    assert made.refresh().deletion is None
    assert rows(made, f"select count(*) from core.users where not ({TEXTS})") == [(0,)]


def test_strict_requests_every_profile_again(lab: Lab) -> None:
    """One request a profile when it is due; videos verify none, and the published file says what is due."""
    made = collected(lab, "{verify: strict}")
    profiles = len(rows(made, "from core.users"))
    made.days_pass(14)
    report = made.refresh()
    assert report.asked["profile"] == min(profiles, 100)
    assert report.requests == min(profiles, 100) + 3
    made.days_pass(2)
    made.refresh()
    with lab.session() as session:
        deliver(session)
        kinds = {
            each.kind: each for each in checks_due(session.files.published, session.study.compliance, lab.clock.now())
        }
    assert (kinds["profile"].stored, kinds["profile"].overdue) == (profiles, max(0, profiles - 200))


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Usernames whose profiles the server refuses from now on, although their videos are still there."""
    names: set[str] = set()

    def find_some(state: State, username: str) -> Creator:
        if username in names:
            raise no_such_user(username)
        return find_public_account(state, username)

    monkeypatch.setattr(user, find_public_account.__name__, find_some)
    return names


def test_a_refused_profile_is_hidden_then_deleted(lab: Lab, refused: set[str]) -> None:
    """An account that is gone: its profile is left out at once, and deleted after a second refusal; videos stay."""
    made = collected(lab, "{verify: strict}")
    videos = made.videos
    ((first, back),) = rows(made, "select min(username), max(username) from core.users")
    refused.update((str(first), str(back)))
    shown = "select username from core.user_snapshots where username in ({}) order by username"
    shown = shown.format(", ".join(f"'{name}'" for name in (first, back)))
    made.days_pass(14)
    while refresh_due(made):
        assert made.refresh().deletion is None
        made.days_pass(0.1)
    assert rows(made, shown) == []
    assert first in {page.subject for page in landed_profiles(made)}

    refused.discard(str(back))
    made.days_pass(1.1)
    report = made.refresh()

    assert report.deletion is not None
    assert (report.deletion.counts["profiles"], report.deletion.counts["videos"]) == (1, 0)
    assert first not in {page.subject for page in landed_profiles(made)}
    assert (rows(made, shown)[:1], made.videos) == ([(back,)], videos)


def refresh_due(made: Refreshing) -> bool:
    """Whether a refresh would request a profile now."""
    with made.lab.session() as session:
        profiles = refresh_state(session).profiles
    assert profiles is not None
    return bool(profiles.checks.to_ask)


def test_the_checks_of_a_day_take_a_tenth_of_its_quota(lab: Lab) -> None:
    """However often it is refreshed; the others wait for the next day."""
    made = collected(lab, "{verify: strict}")
    lab.study = lab.study.replace("requests_per_day: 1000", "requests_per_day: 100")
    made.days_pass(14)
    assert [made.refresh().asked["profile"] for _ in range(3)] == [10, 0, 0]
    made.days_pass(1)
    assert made.refresh().asked["profile"] == 10


def test_many_refusals_are_doubted(lab: Lab, refused: set[str]) -> None:
    """A server that refuses many accounts deletes nobody, until a person believes it."""
    made = collected(lab, "{verify: strict}")
    refused.update(str(name) for (name,) in rows(made, "select username from core.users order by username limit 30"))
    made.days_pass(14)
    while refresh_due(made):
        report = made.refresh()
        made.days_pass(0.6)
    made.days_pass(1.1)
    report = made.refresh()
    assert report.deletion is None
    (doubt,) = report.doubts
    assert "30 are refused, more than max_gone_share 0.05 allows to believe." in doubt
    with lab.session() as session:
        assert not refresh_state(session).is_anything_due

    believed = made.refresh(confirms=True)

    assert believed.deletion is not None
    assert believed.deletion.counts["profiles"] == 30
    assert made.refresh().doubts == ()
