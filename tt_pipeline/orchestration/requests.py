"""What is due becomes run requests: pure, but for asking Dagster what already waits or runs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import dagster as dg

from tt_pipeline.coverage import Window, Work, bucket_of, list_of, spans
from tt_pipeline.orchestration.names import (
    AGAIN_TAG,
    COLLECT,
    COLLECTING,
    DAILY_PRIORITY,
    DAY_TAG,
    OBSERVE,
    PRIORITY_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    key_of,
)
from tt_pipeline.vocabulary import Bucket

_ASSETS_TAG: Final = "tt/assets"
_LOOKS: Final = "looks"
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

    @property
    def bucket(self) -> Bucket:
        """The quota that the run needs; its assets agree on it."""
        return bucket_of(self.assets[0])

    @property
    def job(self) -> str:
        """The job that has its assets."""
        return OBSERVE if list_of(self.assets[0]) else COLLECT

    def keys(self) -> list[dg.AssetKey]:
        """The assets' keys."""
        return [key_of(asset) for asset in self.assets]


def batches(work: Sequence[Work], *, with_users: bool) -> list[Batch]:
    """Group what is due by its days, in the order of urgency; looks take the creators of their days along.

    Runs of followers and following need another quota than the rest, so they share none with it.
    """
    grouped: dict[tuple[Window, str], list[str]] = {}
    for piece in work:
        assets = grouped.setdefault((piece.window, _kind_of_run(piece.asset)), [])
        if piece.asset not in assets:
            assets.append(piece.asset)
    found: dict[str, list[Batch]] = {kind: [] for _, kind in grouped}
    for (window, kind), assets in grouped.items():
        found[kind].append(Batch(assets=tuple(assets), window=window))
    if with_users and _LOOKS in found:
        found[_LOOKS] = _with_creators(found[_LOOKS])
    return [batch for of_kind in found.values() for batch in of_kind]


def _with_creators(looks: Sequence[Batch]) -> list[Batch]:
    """Who the creators are is known once all searches of a day are done: in the same run, or in one after them."""
    days = Counter(day for batch in looks for day in batch.window.days)
    if max(days.values()) == 1:
        return [replace(batch, assets=tuple(dict.fromkeys((*batch.assets, "users")))) for batch in looks]
    searches = [replace(batch, assets=tuple(asset for asset in batch.assets if asset != "users")) for batch in looks]
    creators = [Batch(assets=("users",), window=window) for window in spans(days)]
    return [batch for batch in searches if batch.assets] + creators


def _kind_of_run(asset: str) -> str:
    """What may share a run: looks and creators, comments, lists by their quota."""
    if asset == "comments":
        return asset
    return f"lists on {bucket_of(asset)}" if list_of(asset) else _LOOKS


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
            job_name=batch.job,
            asset_selection=batch.keys(),
            tags=batch.tags() | _listed(batch, day) | {PRIORITY_TAG: str(DAILY_PRIORITY), _ASSETS_TAG: _assets(batch)},
        )
        for batch in waiting
        if (f"{batch.window.first_day}", f"{batch.window.last_day}", _assets(batch)) not in taken
    ]


def _listed(batch: Batch, day: date) -> dict[str, str]:
    """The day's list is that of the main bucket: no backfill waits for a run that needs another quota."""
    return {DAY_TAG: f"{day}"} if batch.bucket is Bucket.MAIN else {}


def _assets(batch: Batch) -> str:
    return ",".join(batch.assets)


def unfinished_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The collecting runs that wait or run, backfills' and retries too."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED))) if is_collecting(run)]


def is_collecting(run: dg.DagsterRun) -> bool:
    """Whether a run buys from the API, whoever started it and however."""
    if run.job_name in {COLLECT, OBSERVE}:
        return True
    return any(key.path[0] in COLLECTING for key in run.asset_selection or ())


def waiting_runs(instance: dg.DagsterInstance) -> int:
    """How many runs wait in the queue, backfills' too."""
    return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
