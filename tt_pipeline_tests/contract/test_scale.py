"""A hundred pages cost five times as much as twenty, and of each record only a number stays in memory.

The simulator runs in a process of its own, so that what is measured here is client, ledger and landing alone. Absolute
times are printed (`pytest -s`), not asserted: machines differ.
"""

import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import inf
from pathlib import Path

import httpx
import pytest

from tt_pipeline.clock import SystemClock
from tt_pipeline.data_dir import DataDir
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import BucketUse, Ledger
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.studies import read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.contract.lab import LIMITS, STUDY

pytestmark = pytest.mark.slow

UNHIDDEN = {"rate_per_minute": 0, "hidden_rate": 0, "hidden_run": 0}
PAGES = 100


@dataclass(frozen=True)
class Busy:
    """A simulator in another process with a day of a hundred pages."""

    base_url: str
    day: date


@pytest.fixture(scope="module")
def busy() -> Iterator[Busy]:
    """Serve it by the command that users have."""
    command = [sys.executable, "-m", "tt_pipeline.cli", "simulate", "--port", "0", "--days", "8"]
    command += ["--videos-per-day", "13000"]  # so that the quietest day of a week has a hundred pages too
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        base_url = process.stdout.readline().strip()
        try:
            yield Busy(base_url, _settled_day(base_url))
        finally:
            process.terminate()


def _settled_day(base_url: str) -> date:
    with httpx.Client(base_url=base_url, timeout=60) as door:
        door.post("/_sim/knobs", json=UNHIDDEN).raise_for_status()
        return date.fromisoformat(door.get("/_sim/state").json()["last_day"]) - timedelta(days=5)


@dataclass
class Meter:
    """Records after each page what has been used so far."""

    is_weighing: bool = False
    cpu_s: list[float] = field(default_factory=list)
    bytes_used: list[int] = field(default_factory=list)

    def landed(self, what: str, records: int, use: BucketUse) -> None:  # noqa: ARG002 — the protocol's
        """Record the cost of this page."""
        self.cpu_s.append(time.process_time())
        if self.is_weighing:
            gc.collect()
            self.bytes_used.append(tracemalloc.get_traced_memory()[0])

    def finished(self, report: CollectReport) -> None:
        """Record the last page."""


def collect(busy: Busy, folder: Path, meter: Meter) -> CollectReport:
    """Land the day without the usual pace."""
    study, files, clock = folder / "study.yaml", DataDir(folder), SystemClock()
    study.write_text(STUDY.replace("2026-10-21", f"{busy.day}"))
    with (
        LandingZone(files.landing) as zone,
        Ledger(folder / "ledger.sqlite", client_key="k", clock=clock, limits=LIMITS) as ledger,
        ResearchApi("sim-key", "sim-secret", base_url=busy.base_url, requests_per_second=inf) as api,
    ):
        api.sign_in()
        session = CollectionSession(
            study=read_study(study),
            files=files,
            zone=zone,
            ledger=ledger,
            clock=clock,
            api=api,
            base_url=busy.base_url,
            progress=meter,
            tombstones=Tombstones.of(files.internal),
            run_id="run",
        )
        meter.cpu_s.append(time.process_time())
        return collect_videos(session, session.study.searches[0], [busy.day])


def test_every_page_costs_the_same(busy: Busy, tmp_path: Path) -> None:
    """Pages 61 to 100 take less than twice the CPU of pages 21 to 60, in client, ledger and landing."""
    meter = Meter()
    report = collect(busy, tmp_path, meter)
    spent = meter.cpu_s[PAGES] - meter.cpu_s[0]
    print(f"{report.receipt}; {PAGES} pages: {spent:.2f} s CPU")  # noqa: T201 — a figure for whoever asks

    assert report.receipt.requests == len(meter.cpu_s) - 1 >= PAGES
    assert report.receipt.rows >= PAGES * 100
    assert meter.cpu_s[100] - meter.cpu_s[60] < 2 * (meter.cpu_s[60] - meter.cpu_s[20])


def test_of_each_record_a_number_stays_in_memory(busy: Busy, tmp_path: Path) -> None:
    """From the 20th page to the 100th, memory grows by less than 250 bytes a record; an answer has 800 a record."""
    meter = Meter(is_weighing=True)
    tracemalloc.start()
    try:
        collect(busy, tmp_path, meter)
    finally:
        tracemalloc.stop()
    used = meter.bytes_used
    print(f"used after 20 pages {used[19]:,} B, after {PAGES} pages {used[PAGES - 1]:,} B")  # noqa: T201 — a figure

    assert used[PAGES - 1] - used[19] < 250 * 100 * (PAGES - 20)
