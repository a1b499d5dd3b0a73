"""A simulator and a data dir for tests that collect without Dagster."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tt_pipeline.data_dir import DataDir
from tt_pipeline.ingestion.session import CollectionSession, LogProgress
from tt_pipeline.landing import LandingZone
from tt_pipeline.quota import Ledger
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.simulator import Knobs, Simulator
from tt_pipeline.studies import read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import make_writer_file

STUDY = """\
study: Two overlapping searches
start: 2026-11-03
searches:
  climate: {hashtags: [climate, klima]}
  green: {hashtags: [klima, solarpower, climatechange]}
comments: {min_comments: 2}
quota: {requests_per_day: 1000, requests_per_second: 10}
"""

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Lab:
    """A simulator and a data dir with a common frozen clock."""

    simulator: Simulator
    base_url: str
    folder: Path
    clock: FrozenClock
    study: str = STUDY
    runs: list[str] = field(default_factory=list)

    @contextmanager
    def session(self, *, limit: int = 1_000) -> Iterator[CollectionSession]:
        """A session as in a new process."""
        self.runs.append(f"run-{len(self.runs)}")
        study_file = self.folder / "study.yaml"
        study_file.write_text(self.study)
        limits = {Bucket.MAIN: limit, Bucket.SOCIAL: 20_000}
        files = DataDir(self.folder)
        if len(self.runs) == 1:
            make_writer_file(files.writer)
        with (
            LandingZone(files.landing) as zone,
            Ledger(self.folder / "ledger.sqlite", client_key="k", clock=self.clock, limits=limits) as ledger,
            ResearchApi(
                "sim-key",
                "sim-secret",
                base_url=self.base_url,
                clock=self.clock,
                requests_per_second=1e6,
                omit_fields=read_study(study_file).privacy.omitted,
            ) as api,
        ):
            yield CollectionSession(
                study=read_study(study_file),
                files=files,
                zone=zone,
                ledger=ledger,
                clock=self.clock,
                api=api,
                base_url=self.base_url,
                progress=LogProgress(),
                run_id=self.runs[-1],
                tombstones=Tombstones.of(files.internal),
            )

    def sent(self) -> int:
        """Requests that reached the API, without those for tokens."""
        return sum("oauth" not in request.endpoint for request in self.simulator.log)


MakeLab = Callable[[Knobs], AbstractContextManager[Lab]]
