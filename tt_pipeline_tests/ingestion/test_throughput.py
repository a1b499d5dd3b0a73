"""Collecting with slow answers takes as long as eight requests in flight need."""

import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tt_pipeline.clock import SystemClock, real_now
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.session import MOST_IN_FLIGHT, open_session
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Fault, FaultKind, Knobs, Simulator, World, running

pytestmark = pytest.mark.slow

LATENCY_S, REQUESTS = 0.3, 1_000
STUDY = """\
study: Many comments
start: {first}
searches:
  everything: {{min_views: 1}}
comments: {{min_comments: 1, max_per_video: 100}}
users: false
quota: {{requests_per_day: {quota}, requests_per_second: 1000}}
"""


def test_a_thousand_slow_requests_keep_eight_in_flight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """1,000 comment requests of 300 ms take at most 1.3 times the minimum with eight in flight."""
    now = real_now()
    slow = Fault(kind=FaultKind.SLOW, endpoint="comment_list", always=True, slow_s=LATENCY_S)
    world = World.until_yesterday(now - timedelta(days=20), seed=7, days=10, videos_per_day=1_000)
    knobs = Knobs(rate_per_minute=0, quota_main=10**6, faults=(slow,))
    simulator = Simulator(world, knobs=knobs, now=SystemClock().now)
    first = world.last_day - timedelta(days=1)
    with running(simulator) as base_url:
        settings = Settings(
            api_base_url=base_url, client_key="sim-key", client_secret="sim-secret", data_dir=tmp_path / "data"
        )
        settings.data_dir.mkdir()
        settings.study_file.write_text(STUDY.format(first=first, quota=10**6))
        with open_session(settings, run_id="videos") as session:
            collect_videos(session, session.study.searches[0], days_between(first, world.last_day))
            spent = session.ledger.total_charged()
        settings.study_file.write_text(STUDY.format(first=first, quota=spent + REQUESTS))
        with open_session(settings, run_id="comments") as session:
            begun = time.perf_counter()
            report = collect_comments(session, days_between(first, world.last_day))
            took_s = time.perf_counter() - begun

    floor_s = REQUESTS * LATENCY_S / MOST_IN_FLIGHT
    summary = (
        f"{REQUESTS} requests of {LATENCY_S} s, {MOST_IN_FLIGHT} in flight: {took_s:.1f} s; at least {floor_s:.1f} s"
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{summary}\n")
    assert report.receipt.requests == REQUESTS
    assert took_s <= 1.3 * floor_s
