"""What assets and sensors work with: a plain object, because no secret may stand in a run's configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from tt_pipeline.coverage.workspace import Books, open_books
from tt_pipeline.ingestion.session import Desk, Progress, open_desk
from tt_pipeline.orchestration.names import BACKFILL_TAG
from tt_pipeline.orchestration.priority import Courtesy, held_back
from tt_pipeline.settings import Settings


@dataclass(frozen=True)
class Workplace:
    """Opens the data dir for a run.

    Attributes:
        progress: Who hears of each page; the run's log unless told otherwise.
    """

    settings: Settings
    progress: Progress | None = None

    @contextmanager
    def desk(self, context: dg.AssetExecutionContext) -> Iterator[Desk]:
        """What a collecting run needs; a backfill leaves the day's own list its share of the quota, and its turn."""
        run, instance = context.run, context.instance
        with open_desk(
            self.settings,
            run_id=run.run_id,
            progress=self.progress,
            reserve=self._reserve(instance) if BACKFILL_TAG in run.tags else 0,
            is_in_the_way=Courtesy(run, instance),
        ) as desk:
            yield desk

    def _reserve(self, instance: dg.DagsterInstance) -> int:
        with self.books() as books:
            return held_back(books, instance)

    @contextmanager
    def books(self) -> Iterator[Books]:
        """What is held and spent, without the means to spend."""
        with open_books(self.settings) as books:
            yield books
