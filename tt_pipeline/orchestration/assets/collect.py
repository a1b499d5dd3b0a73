"""The collecting assets: one for each search, one for comments and one for creators; lists are in `social.py`."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypedDict

import dagster as dg

from tt_pipeline.codebook.datasets import DATASETS, DatasetRow
from tt_pipeline.ingestion import COLLECTIONS, collect_videos
from tt_pipeline.orchestration.hand_launched import again_since
from tt_pipeline.orchestration.names import COLLECT, OWNERS, Pools, key_of, videos_key
from tt_pipeline.orchestration.partitions import UP_TO_A_WINDOW
from tt_pipeline.orchestration.recording import recorded
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Search, sentence
from tt_pipeline.vocabulary import Dataset

PRICE_FIRST: Final = (
    "\n\nBefore a backfill sends anything it says its price: the first event of its run has the requests, the days of"
    " quota, and what is left of it today. Days that are complete cost nothing. `tt plan` has the price of the study."
)


class CollectArguments(TypedDict):
    """Arguments of every collecting function."""

    days: list[date]
    again_since: datetime | None


def videos_asset(
    search: Search, days: dg.DailyPartitionsDefinition, study_file: Path, pools: Pools
) -> dg.AssetsDefinition:
    """The asset of one search."""

    @dg.asset(
        key=videos_key(search.name),
        description=f"Results of the search “{search.name}”, by UTC day of the video: {sentence(search)}.{PRICE_FIRST}",
        partitions_def=days,
        backfill_policy=UP_TO_A_WINDOW,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        tags=quota_tag(DATASETS[Dataset.VIDEOS]),
        metadata=links(DATASETS[Dataset.VIDEOS], study_file),
        pool=pools.of(DATASETS[Dataset.VIDEOS].bucket),
        code_version=search.fingerprint[:8],
    )
    def videos(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collect_videos(session, search, **collect_arguments(context)), session, pools)

    return videos


def found_videos_asset(
    row: DatasetRow, days: dg.DailyPartitionsDefinition, searches: list[dg.AssetKey], study_file: Path, pools: Pools
) -> dg.AssetsDefinition:
    """The asset of what is collected for the videos that the searches found, for example of their comments."""
    collection = COLLECTIONS[row.asset]

    @dg.asset(
        key=key_of(row.asset),
        description=f"{row.holds}, by UTC day of the video.{PRICE_FIRST}",
        deps=searches,
        partitions_def=days,
        backfill_policy=UP_TO_A_WINDOW,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        tags=quota_tag(row),
        metadata=links(row, study_file),
        pool=pools.of(row.bucket),
    )
    def collected(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collection.collect(session, **collect_arguments(context)), session, pools)

    return collected


def quota_tag(row: DatasetRow) -> dict[str, str]:
    """Which of the two daily quotas the asset uses."""
    return {"quota": f"{row.bucket}"}


def links(row: DatasetRow, study_file: Path) -> dict[str, Any]:
    """Where to read on: TikTok's page about the endpoint, and the study."""
    return {
        "tiktok_docs": dg.MetadataValue.url(row.endpoint.source),
        "study": dg.MetadataValue.path(study_file.resolve()),
    }


def collect_arguments(context: dg.AssetExecutionContext) -> CollectArguments:
    """The UTC days of a run, and the instant since which one more look at them is wanted."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    return {"days": days, "again_since": again_since(context)}
