"""What assets and sensors work with: a plain object, because no secret may stand in a run's configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import dagster as dg

from tt_pipeline.ingestion.desk import Books, Desk, Progress, open_books, open_desk
from tt_pipeline.settings import Settings

BACKFILL_TAG: Final = "dagster/backfill"


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
        """What a collecting run needs; a backfill leaves the day's own list its share of the quota."""
        run = context.run
        is_backfill = BACKFILL_TAG in run.tags
        with open_desk(self.settings, run_id=run.run_id, progress=self.progress, is_backfill=is_backfill) as desk:
            yield desk

    @contextmanager
    def books(self) -> Iterator[Books]:
        """What is held and spent, without the means to spend."""
        with open_books(self.settings) as books:
            yield books
