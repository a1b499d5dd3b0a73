"""What assets and sensors work with: a plain object, because no secret may stand in a run's configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from tt_pipeline.coverage import Workspace, open_workspace
from tt_pipeline.ingestion import CollectionSession, ProgressListener, open_session
from tt_pipeline.orchestration.names import BACKFILL_TAG
from tt_pipeline.orchestration.priority import DailyRunWatch, reserved_for_daily
from tt_pipeline.settings import Settings


@dataclass(frozen=True)
class CollectorResource:
    """Opens the data dir for a run.

    Attributes:
        progress: Who hears of each page; the run's log unless told otherwise.
    """

    settings: Settings
    progress: ProgressListener | None = None

    @contextmanager
    def session(self, context: dg.AssetExecutionContext) -> Iterator[CollectionSession]:
        """What a collecting run needs; a backfill leaves the day's own list its share of the quota, and its turn."""
        run, instance = context.run, context.instance
        with open_session(
            self.settings,
            run_id=run.run_id,
            progress=self.progress,
            reserve=self._reserve(instance) if BACKFILL_TAG in run.tags else 0,
            is_daily_run_waiting=DailyRunWatch(run, instance),
        ) as session:
            yield session

    def _reserve(self, instance: dg.DagsterInstance) -> int:
        with self.workspace() as workspace:
            return reserved_for_daily(workspace, instance)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """What is held and spent, without the means to spend."""
        with open_workspace(self.settings) as workspace:
            yield workspace
