"""The collecting assets: a factory for searches, and one asset each for comments and creators."""

from datetime import date
from typing import Final, TypedDict

import dagster as dg

from tt_pipeline.ingestion.collect_comments import collect_comments
from tt_pipeline.ingestion.collect_users import collect_users
from tt_pipeline.ingestion.collect_videos import collect_videos
from tt_pipeline.orchestration.names import AGAIN_TAG, COLLECT, COMMENTS, OWNERS, POOLS, USERS, videos_key
from tt_pipeline.orchestration.partitions import UP_TO_30_DAYS
from tt_pipeline.orchestration.recording import recorded
from tt_pipeline.orchestration.resources import Workplace
from tt_pipeline.studies import Search, sentence
from tt_pipeline.vocabulary import Bucket

_MAIN: Final = POOLS[Bucket.MAIN]


class _Asked(TypedDict):
    days: list[date]
    again: bool


def videos_asset(search: Search, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """The asset of one search."""

    @dg.asset(
        key=videos_key(search.name),
        description=f"Answers to the search “{search.name}”, by UTC day of the video: {sentence(search.query)}.",
        partitions_def=days,
        backfill_policy=UP_TO_30_DAYS,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=_MAIN,
        metadata={"fingerprint": search.fingerprint[:8]},
    )
    def videos(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult[None]:
        with workplace.desk(context) as desk:
            return recorded(context, collect_videos(desk, search, **_asked(context)), desk)

    return videos


def comments_asset(days: dg.DailyPartitionsDefinition, searches: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset of all comments."""

    @dg.asset(
        key=COMMENTS,
        deps=searches,
        partitions_def=days,
        backfill_policy=UP_TO_30_DAYS,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=_MAIN,
    )
    def comments(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> dg.MaterializeResult[None]:
        """Comments of the videos that the searches found, by UTC day of the video; each video once."""
        with workplace.desk(context) as desk:
            return recorded(context, collect_comments(desk, **_asked(context)), desk)

    return comments


def users_asset(days: dg.DailyPartitionsDefinition, searches: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset of all creators."""

    @dg.asset(
        key=USERS,
        deps=searches,
        partitions_def=days,
        backfill_policy=UP_TO_30_DAYS,
        group_name=COLLECT,
        kinds={"tiktok"},
        owners=OWNERS,
        pool=_MAIN,
    )
    def users(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult[None]:
        """Profiles of the creators whose videos the searches found, by UTC day of the video; each creator once."""
        with workplace.desk(context) as desk:
            return recorded(context, collect_users(desk, **_asked(context)), desk)

    return users


def _asked(context: dg.AssetExecutionContext) -> _Asked:
    """The run's UTC days, one or a range, and whether it wants one more look at them."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    return {"days": days, "again": context.run.tags.get(AGAIN_TAG) == "true"}
