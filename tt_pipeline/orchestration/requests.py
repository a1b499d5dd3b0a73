"""What is due becomes run requests: pure, but for asking Dagster what already waits or runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import dagster as dg

from tt_pipeline.ingestion.due import Work
from tt_pipeline.ingestion.windows import Window
from tt_pipeline.orchestration.names import (
    AGAIN_TAG,
    COLLECT,
    COLLECTING,
    DAILY_PRIORITY,
    DAY_TAG,
    PRIORITY_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    key_of,
)

_ASSETS_TAG: Final = "tt/assets"
UNFINISHED: Final = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Assets that one run collects over the same unbroken days."""

    assets: tuple[str, ...]
    window: Window

    def tags(self, *, again_since: datetime | None = None) -> dict[str, str]:
        """The run's tags; a day is a range of one."""
        days = {RANGE_START_TAG: f"{self.window.first_day}", RANGE_END_TAG: f"{self.window.last_day}"}
        return days | ({AGAIN_TAG: again_since.isoformat()} if again_since else {})

    def keys(self) -> list[dg.AssetKey]:
        """The assets' keys."""
        return [key_of(asset) for asset in self.assets]


def batches(work: Sequence[Work], *, with_users: bool) -> list[Batch]:
    """Group what is due by its days, in the order of urgency.

    Looks take the creators of the same days along: who they are is known once the videos are.
    """
    grouped: dict[tuple[Window, bool], list[str]] = {}
    for piece in work:
        assets = grouped.setdefault((piece.window, piece.asset == "comments"), [])
        if piece.asset not in assets:
            assets.append(piece.asset)
    for (_, is_comments), assets in grouped.items():
        if with_users and not is_comments and "users" not in assets:
            assets.append("users")
    return [Batch(assets=tuple(assets), window=window) for (window, _), assets in grouped.items()]


def run_requests(
    waiting: Iterable[Batch], *, day: date, tick: str, unfinished: Sequence[Mapping[str, str]]
) -> list[dg.RunRequest]:
    """Ask for each batch once per tick, and not at all while a run over the same days waits or runs.

    Args:
        day: The UTC day on whose list they stand.
        tick: Names the occasion; the same batch is not requested twice on it.
        unfinished: Tags of the collecting runs that have not ended.
    """
    taken = {(tags.get(RANGE_START_TAG), tags.get(RANGE_END_TAG), tags.get(_ASSETS_TAG)) for tags in unfinished}
    return [
        dg.RunRequest(
            run_key=f"{day}:{tick}:{','.join(batch.assets)}:{batch.window}",
            asset_selection=batch.keys(),
            tags=batch.tags() | {PRIORITY_TAG: str(DAILY_PRIORITY), DAY_TAG: f"{day}", _ASSETS_TAG: _assets(batch)},
        )
        for batch in waiting
        if (f"{batch.window.first_day}", f"{batch.window.last_day}", _assets(batch)) not in taken
    ]


def _assets(batch: Batch) -> str:
    return ",".join(batch.assets)


def unfinished_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The collecting runs that wait or run, backfills' and retries too."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED))) if is_collecting(run)]


def is_collecting(run: dg.DagsterRun) -> bool:
    """Whether a run buys from the API, whoever started it and however."""
    if run.job_name == COLLECT:
        return True
    return any(key.path[0] in COLLECTING for key in run.asset_selection or ())


def waiting_runs(instance: dg.DagsterInstance) -> int:
    """How many runs wait in the queue, backfills' too."""
    return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
