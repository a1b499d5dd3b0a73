"""Under `tt up`, with Dagster's daemon and days of three minutes: pauses, priorities, and a machine that was off."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.clock import Clock, ShiftedClock, clock_from
from tt_pipeline.coverage.due_work import due
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import BACKFILL_TAG, DAY_TAG, PAUSED_TAG
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.journeys.daemon import Daemon, served

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.daemon]

TODAY = date(2026, 11, 20)
ONE_DAY = timedelta(days=1)
QUOTA = 100
FIRST_DAY = TODAY - timedelta(days=93)
DAYS = days_between(FIRST_DAY, FIRST_DAY + timedelta(days=89))
NAMES = ("climate", "football", "recipes", "music", "cats")
SEARCHES = """\
searches:
  climate: {hashtags: [climate, klima]}
  football: {hashtags: [football, fussball]}
  recipes: {hashtags: [recipe, rezept]}
  music: {hashtags: [music, musik]}
  cats: {hashtags: [cat, katze]}
"""


@dataclass
class Lab:
    """A data dir, a simulator with short days, and their common clock."""

    simulator: Simulator
    base_url: str
    folder: Path
    clock: Clock

    def settings(self) -> Settings:
        """The settings of a process."""
        return Settings(
            api_base_url=self.base_url,
            client_key="sim-key",
            client_secret="sim-secret",
            data_dir=self.folder / "data",
            clock=str(self.clock),
        )

    def served(self) -> AbstractContextManager[Daemon]:
        """Run `tt up` over the data dir."""
        return served(self.settings().as_environment(), self.folder / "up.log")

    def answered_twice(self) -> Counter[str]:
        """Requests that were sent again after an answer; a second look at a day is days later."""
        answered = [
            f"{sent.endpoint} {sent.at.date() if sent.endpoint == 'video_query' else ''} {sorted(sent.body.items())}"
            for sent in self.simulator.log
            if sent.status == 200 and "oauth" not in sent.endpoint
        ]
        return Counter({request: times for request, times in Counter(answered).items() if times > 1})

    def green(self, *key: str) -> set[str]:
        """Days of an asset that are materialised."""
        with open_instance(self.settings().files) as instance:
            return instance.get_materialized_partitions(dg.AssetKey(key))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A small world that continues for weeks after today.

    Each day starts about six processes, each of 20 seconds at machine load 10. In a shorter day the runs of the daily
    list would not end, and backfills wait for them.
    """
    clock = clock_from(f"{TODAY}T06:00:00+00:00@480")
    world = World(last_day=TODAY + timedelta(days=60), seed=7, days=160, videos_per_day=30)
    lab = Lab(None, "", tmp_path, clock)  # type: ignore[arg-type]
    lab.simulator = Simulator(world, knobs=Knobs(quota_main=QUOTA), now=lambda: lab.clock.now())  # noqa: PLW0108
    (tmp_path / "data").mkdir()
    with running(lab.simulator) as lab.base_url:
        yield lab


def test_a_backfill_outlives_the_quota_and_the_days_list_goes_first(lab: Lab) -> None:
    """Ninety days of five searches at 100 requests a day end COMPLETED_SUCCESS: all green, no repeated request."""
    study = f"study: A backfill\nstart: {FIRST_DAY}\n{SEARCHES}comments: {{after_days: 365}}\n"
    (lab.folder / "data" / "study.yaml").write_text(
        f"{study}quota: {{requests_per_day: {QUOTA}, requests_per_second: 50}}\n"
    )
    assets = [("videos", name) for name in NAMES] + [("comments",), ("users",)]
    with lab.served() as daemon:
        backfill = daemon.backfill(DAYS, assets)
        ended = daemon.until(lambda: daemon.backfill_status(backfill).startswith("COMPLETED"), within_s=3600)
        reasons, runs = daemon.skip_reasons(), daemon.runs()
        status = daemon.backfill_status(backfill)
    days_used = sorted({sent.at.date() for sent in lab.simulator.log})

    assert ended
    assert status == "COMPLETED_SUCCESS"
    assert len(days_used) >= 4  # it took several days of quota
    for key in assets:
        assert {f"{day}" for day in DAYS} <= lab.green(*key)
    assert not lab.answered_twice()
    assert any("runs are queued; they can start in" in reason for reason in reasons)
    paused = [run for run in runs if run.tags.get(PAUSED_TAG, "").startswith("until ")]
    assert any(BACKFILL_TAG in run.tags for run in paused)
    listed = {run.run_id for run in runs if DAY_TAG in run.tags}
    opened = [day for day in days_used if len(runs_of(lab, day - ONE_DAY)) == QUOTA]  # the valve had been shut
    assert opened
    assert {runs_of(lab, day)[0] for day in opened} <= listed


def runs_of(lab: Lab, day: date) -> list[str]:
    """The run of each request of a day, in order."""
    with open_workspace(lab.settings()) as workspace:
        columns, rows = workspace.ledger.rows()
    requests = (dict(zip(columns, row, strict=True)) for row in rows)
    return [str(sent["run_id"]) for sent in requests if sent["quota_date"] == f"{day}"]


def test_a_machine_that_was_off_for_nine_days_catches_up(lab: Lab) -> None:
    """After nine days without the daemon every due look is collected, and none twice."""
    start = TODAY - timedelta(days=20)
    study = f"study: Nine days off\nstart: {start}\n{SEARCHES}comments: false\nusers: false\n"
    (lab.folder / "data" / "study.yaml").write_text(
        f"{study}quota: {{requests_per_day: {QUOTA}, requests_per_second: 50}}\n"
    )
    lab.clock = clock_from(f"{TODAY}T06:00:00+00:00@1")
    with lab.served() as daemon:
        assert daemon.until(lambda: nothing_is_due(lab) and daemon.is_idle(), within_s=300)
    before = looks(lab)
    assert isinstance(lab.clock, ShiftedClock)
    lab.clock = clock_from(f"{TODAY + timedelta(days=9)}T06:00:00+00:00@1")
    with lab.served() as daemon:
        assert daemon.until(lambda: nothing_is_due(lab) and daemon.is_idle(), within_s=300)

    assert before == expected(start, [0])
    assert looks(lab) == expected(start, [0, 9])
    assert not lab.answered_twice()


def test_followers_need_nothing_of_the_main_quota(lab: Lab) -> None:
    """While searches wait for their quota, followers are collected until theirs ends, and completed the next day."""
    names = [creator.username for creator in lab.simulator.world.people.creators if creator.followers > 1_500][:3]
    (lab.folder / "data" / "study.yaml").write_text(
        f"study: Followers\nstart: {TODAY - timedelta(days=20)}\n{SEARCHES}comments: false\nusers: false\n"
        f"accounts: {{usernames: {names}, lists: [followers], max_per_list: 1500}}\n"
        "quota: {requests_per_day: 2, requests_per_second: 50}\n"
    )
    lab.clock = clock_from(f"{TODAY}T06:00:00+00:00@1")
    lab.simulator.change_knobs(quota_social=20)
    with lab.served() as daemon:
        assert daemon.until(lambda: lab.simulator.charged(Bucket.SOCIAL) >= 20 and daemon.is_waiting(), within_s=120)
    lab.clock = clock_from(f"{TODAY + timedelta(days=1)}T06:00:00+00:00@1")
    lab.simulator.change_knobs(quota_social=20_000)
    with lab.served() as daemon:
        assert daemon.until(lambda: not lists_due(lab) and daemon.is_waiting(), within_s=120)

    assert {f"{TODAY}"} <= lab.green("social", "followers")
    assert 45 <= len(listed_pages(lab)) <= 48  # 15 full pages each; follows of one second come twice where pages meet
    assert not lab.answered_twice()


def lists_due(lab: Lab) -> bool:
    """Whether a list is due."""
    with open_workspace(lab.settings()) as workspace:
        return any(work.asset.startswith("social/") for work in due(workspace.coverage()))


def listed_pages(lab: Lab) -> list[str]:
    """Requests for followers that were answered."""
    return [f"{sent.body}" for sent in lab.simulator.log if sent.endpoint == "user_followers" and sent.status == 200]


def nothing_is_due(lab: Lab) -> bool:
    """Whether all work that is due is done."""
    with open_workspace(lab.settings()) as workspace:
        return not due(workspace.coverage())


def looks(lab: Lab) -> dict[date, int]:
    """The number of complete looks at each day of a search."""
    with open_workspace(lab.settings()) as workspace:
        coverage = workspace.coverage()
        return {
            day.day: day.complete_looks
            for day in coverage.searches.days(workspace.study.searches[0], DAYS_SEEN)
            if day.complete_looks
        }


DAYS_SEEN = days_between(TODAY - timedelta(days=20), TODAY + timedelta(days=9))


def expected(start: date, days_on: list[int]) -> dict[date, int]:
    """The right number of looks if the machine was on only on so many days after today: one per age reached."""
    counted: Counter[date] = Counter()
    for day in DAYS_SEEN:
        seen = -1
        for on in days_on:
            reached = [age for age in (3, 12) if age <= (TODAY + timedelta(days=on) - day).days]
            if day >= start and reached and seen < reached[-1]:
                counted[day] += 1
                seen = (TODAY + timedelta(days=on) - day).days
    return dict(counted)
