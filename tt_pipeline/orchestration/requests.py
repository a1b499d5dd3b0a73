"""Makes run requests from due work. Only the functions about unfinished runs query Dagster; the others compute."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import dagster as dg

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import Window, Work, list_of, quota_bucket, spans_of_days
from tt_pipeline.orchestration.names import (
    AGAIN_TAG,
    ASSETS_TAG,
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

_LOOKS: Final = "looks"
ENDED: Final = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
UNFINISHED: Final = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Assets that one run collects over the same consecutive days."""

    assets: tuple[str, ...]
    window: Window

    def tags(self, *, again_since: datetime | None = None) -> dict[str, str]:
        """The tags of the run; a single day is a range too."""
        days = {RANGE_START_TAG: f"{self.window.first_day}", RANGE_END_TAG: f"{self.window.last_day}"}
        return days | ({AGAIN_TAG: again_since.isoformat()} if again_since else {})

    @property
    def bucket(self) -> Bucket:
        """The quota bucket of the run, which is the same for all its assets."""
        return quota_bucket(self.assets[0])

    @property
    def job(self) -> str:
        """The job that contains the assets."""
        return OBSERVE if list_of(self.assets[0]) else COLLECT

    def keys(self) -> list[dg.AssetKey]:
        """The keys of the assets."""
        return [key_of(asset) for asset in self.assets]


def batches(work: Sequence[Work], *, with_users: bool) -> list[Batch]:
    """Group due work by days, in order of urgency; creators are collected with the looks of their days.

    Followers and following use another quota than the other assets, so they get separate runs.
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
    """Add creators, who are known after all searches of a day: to the same run, or as a later run."""
    days = Counter(day for batch in looks for day in batch.window.days)
    if max(days.values()) == 1:
        return [replace(batch, assets=tuple(dict.fromkeys((*batch.assets, "users")))) for batch in looks]
    searches = [replace(batch, assets=tuple(asset for asset in batch.assets if asset != "users")) for batch in looks]
    creators = [Batch(assets=("users",), window=window) for window in spans_of_days(days)]
    return [batch for batch in searches if batch.assets] + creators


def _kind_of_run(asset: str) -> str:
    """The kind of run for an asset: looks and creators, lists by their quota, or the asset alone, such as comments."""
    if asset in OF_FOUND_VIDEOS and asset != "users":
        return asset
    return f"lists on {quota_bucket(asset)}" if list_of(asset) else _LOOKS


def run_requests(
    waiting: Iterable[Batch], *, day: date, tick: str, unfinished: Sequence[Mapping[str, str]]
) -> list[dg.RunRequest]:
    """Request each batch once per tick, but not while a run for the same days is queued or running.

    Args:
        day: The UTC day of the daily runs.
        tick: Name of the tick; a batch is requested at most once for each.
        unfinished: Tags of the collecting runs that have not ended.
    """
    taken = {(tags.get(RANGE_START_TAG), tags.get(RANGE_END_TAG), tags.get(ASSETS_TAG)) for tags in unfinished}
    return [
        dg.RunRequest(
            run_key=f"{day}:{tick}:{','.join(batch.assets)}:{batch.window}",
            job_name=batch.job,
            asset_selection=batch.keys(),
            tags=batch.tags() | _listed(batch, day) | {PRIORITY_TAG: str(DAILY_PRIORITY), ASSETS_TAG: _assets(batch)},
        )
        for batch in waiting
        if (f"{batch.window.first_day}", f"{batch.window.last_day}", _assets(batch)) not in taken
    ]


def _listed(batch: Batch, day: date) -> dict[str, str]:
    """The tag of a daily run; only for the main bucket, because backfills do not wait for another quota."""
    return {DAY_TAG: f"{day}"} if batch.bucket is Bucket.MAIN else {}


def _assets(batch: Batch) -> str:
    return ",".join(batch.assets)


def unfinished_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The queued and running collecting runs, including backfills and retries."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED))) if is_collecting(run)]


def is_collecting(run: dg.DagsterRun) -> bool:
    """Whether a run sends requests to the API, however it was started."""
    if run.job_name in {COLLECT, OBSERVE}:
        return True
    return any(key.path[0] in COLLECTING for key in run.asset_selection or ())


def waiting_runs(instance: dg.DagsterInstance) -> int:
    """The number of queued runs, including backfills."""
    return instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
