"""The collecting assets: one for each search, one for comments and one for creators; lists are in `social.py`."""

from datetime import date, datetime
from typing import TypedDict

import dagster as dg

from tt_pipeline.codebook.datasets import DATASETS, DatasetRow
from tt_pipeline.ingestion import COLLECTIONS, collect_videos
from tt_pipeline.orchestration.hand_launched import again_since
from tt_pipeline.orchestration.names import COLLECT, OWNERS, POOLS, key_of, videos_key
from tt_pipeline.orchestration.partitions import UP_TO_A_WINDOW
from tt_pipeline.orchestration.recording import recorded
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.studies import Search, sentence
from tt_pipeline.vocabulary import Dataset


class CollectArguments(TypedDict):
    """Arguments of every collecting function."""

    days: list[date]
    again_since: datetime | None


def videos_asset(search: Search, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset of one search."""

    @dg.asset(
        key=videos_key(search.name),
        description=f"Results of the search “{search.name}”, by UTC day of the video: {sentence(search)}.",
        partitions_def=days,
        backfill_policy=UP_TO_A_WINDOW,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=POOLS[DATASETS[Dataset.VIDEOS].bucket],
        code_version=search.fingerprint[:8],
    )
    def videos(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collect_videos(session, search, **collect_arguments(context)), session)

    return videos


def found_videos_asset(
    row: DatasetRow, days: dg.DailyPartitionsDefinition, searches: list[dg.AssetKey]
) -> dg.AssetsDefinition:
    """The asset of what is collected for the videos that the searches found, for example of their comments."""
    collection = COLLECTIONS[row.asset]

    @dg.asset(
        key=key_of(row.asset),
        description=f"{row.holds}, by UTC day of the video.",
        deps=searches,
        partitions_def=days,
        backfill_policy=UP_TO_A_WINDOW,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=POOLS[row.bucket],
    )
    def collected(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.session(context) as session:
            return recorded(context, collection.collect(session, **collect_arguments(context)), session)

    return collected


def collect_arguments(context: dg.AssetExecutionContext) -> CollectArguments:
    """The UTC days of a run, and the instant since which one more look at them is wanted."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    return {"days": days, "again_since": again_since(context)}
