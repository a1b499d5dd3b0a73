"""Two machines collect one study under Dagster's own distributed parts, through deaths of everything, and lose nothing.

Real Postgres, redis and SeaweedFS; a code server, the daemon, and two Celery workers with data dirs of their own.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep

import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.clock import clock_from
from tt_pipeline.coverage import open_workspace
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.distributed.consortium import Consortium
from tt_pipeline_tests.distributed.s3_server import Storage, running_storage
from tt_pipeline_tests.journeys.children import differences, tables

pytestmark = [pytest.mark.slow, pytest.mark.distributed]
TODAY = date(2026, 11, 20)
DAYS = [TODAY - timedelta(days=63) + timedelta(days=number) for number in range(60)]
NAMES = ("climate", "football", "recipes", "music", "cats")
NOW = datetime.combine(TODAY, time(1), UTC)
"""At the server, where time stands still, so that both runs get the same counts of views and followers."""
QUOTA = 5_000
STUDY = f"""\
study: A consortium
start: {DAYS[0]}
searches:
  climate: {{hashtags: [climate, klima]}}
  football: {{hashtags: [football, fussball]}}
  recipes: {{hashtags: [recipe, rezept]}}
  music: {{hashtags: [music, musik]}}
  cats: {{hashtags: [cat, katze]}}
comments: {{after_days: 3}}
quota: {{requests_per_day: {QUOTA}, requests_per_second: 50}}
"""
ASSETS = [*(("videos", name) for name in NAMES), ("comments",), ("users",)]


@pytest.fixture
def world() -> World:
    """A world of a few hundred fitting videos."""
    return World(last_day=TODAY + timedelta(days=60), seed=7, days=160, videos_per_day=60)


@pytest.fixture
def parts(tmp_path: Path, world: World) -> Iterator[tuple[Consortium, Simulator, Storage]]:
    """Everything, running."""
    clock = clock_from(f"{NOW.isoformat()}@1")
    simulator = Simulator(world, knobs=Knobs(quota_main=QUOTA), now=lambda: NOW)
    (tmp_path / "s3").mkdir()
    with ExitStack() as opened:
        storage = opened.enter_context(running_storage(tmp_path / "s3"))
        base_url = opened.enter_context(running(simulator))
        shared = {
            "TT_LANDING": "s3://answers/study",
            "AWS_ACCESS_KEY_ID": "tt-key",
            "AWS_SECRET_ACCESS_KEY": "tt-secret",
            "AWS_ENDPOINT_URL": storage.endpoint,
        }
        ahead = clock_from(f"{(NOW + timedelta(hours=1)).isoformat()}@1")
        clocks = {"a": str(clock), "b": str(ahead)}
        consortium = Consortium(tmp_path, base_url, STUDY, clocks=clocks, shared=shared)
        yield opened.enter_context(consortium), simulator, storage


def answered(simulator: Simulator) -> Counter[str]:
    """How often each request was answered."""
    sent = (each for each in simulator.log if each.status == 200 and "oauth" not in each.endpoint)
    return Counter(f"{each.endpoint} {sorted(each.body.items())}" for each in sent)


def test_a_backfill_outlives_every_death(
    parts: tuple[Consortium, Simulator, Storage], world: World, tmp_path: Path
) -> None:
    """A worker, the database and the storage are killed, a machine is cut off, and one clock is an hour ahead."""
    consortium, simulator, storage = parts
    ui = consortium.ui
    backfill = ui.backfill(DAYS, ASSETS)
    kills = 0

    def sent(number: int) -> bool:
        return len(simulator.log) >= number

    assert ui.until(lambda: sent(40), within_s=900), consortium.logs()
    consortium.workers["a"].kill()  # in mid-window
    kills += 2
    consortium.workers["a"] = consortium.start_worker(consortium.hosts["a"])
    assert ui.until(lambda: sent(120), within_s=900), consortium.logs()
    consortium.postgres.kill()
    consortium.postgres.start()
    kills += 2
    assert ui.until(lambda: sent(160), within_s=900), consortium.logs()
    storage.kill()
    sleep(20)
    storage.start()
    kills += 2
    assert ui.until(lambda: sent(200), within_s=900), consortium.logs()
    consortium.workers["b"].signal(signal.SIGSTOP)
    sleep(120)
    consortium.workers["b"].signal(signal.SIGCONT)
    kills += 2
    assert ui.until(lambda: sent(240), within_s=900), consortium.logs()
    consortium.cut_off("b", seconds=120)
    kills += 2
    assert ui.until(lambda: ui.backfill_status(backfill).startswith("COMPLETED") and ui.is_idle(), within_s=2_400), (
        consortium.logs()
    )

    twice = {request: times for request, times in answered(simulator).items() if times > 1}
    assert sum(twice.values()) - len(twice) <= kills, twice
    host = consortium.hosts["b"]
    assert host.tt("rebuild").returncode == 0
    with open_workspace(host.settings()) as workspace:
        names, rows = workspace.ledger.rows()
        status = Counter(row[names.index("status")] for row in rows)
    charged = sum(1 for each in simulator.log if "oauth" not in each.endpoint and each.status == 200)
    assert abs(status[200] - charged) <= kills

    assert differences(tables(host.settings()), tables(collected_alone(tmp_path / "alone", world))) == {}


def collected_alone(folder: Path, world: World) -> Settings:
    """The same days, collected by one machine that has everything in its data dir."""
    clock = clock_from(f"{NOW.isoformat()}@1")
    folder.mkdir()
    (folder / "study.yaml").write_text(STUDY)
    with running(Simulator(world, knobs=Knobs(quota_main=QUOTA), now=lambda: NOW)) as base_url:
        settings = Settings(
            api_base_url=base_url,
            client_key="sim-key",
            client_secret="sim-secret",
            data_dir=folder,
            clock=str(clock),
        )
        collect_and_publish(settings, CollectOptions())
    return settings
