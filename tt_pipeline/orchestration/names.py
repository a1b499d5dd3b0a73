"""Keys, groups, pools and tags: the words that Dagster's storage remembers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import dagster as dg

from tt_pipeline.vocabulary import Bucket

COLLECT: Final = "collect"
OBSERVE: Final = "observe"
"""The job of account lists: their days are of observation, and a job has one kind of days."""
PUBLISH: Final = "publish"
WAREHOUSE: Final = "warehouse"

COLLECTING: Final = frozenset({"videos", "comments", "users", "social"})
"""First parts of the keys of assets that buy from the API."""

COMMENTS: Final = dg.AssetKey("comments")
USERS: Final = dg.AssetKey("users")
OPS: Final = dg.AssetKey(["warehouse", "ops"])
PUBLISHED: Final = dg.AssetKey("published_warehouse")

POOLS: Final[Mapping[Bucket, str]] = MappingProxyType({Bucket.MAIN: "tiktok_main", Bucket.SOCIAL: "tiktok_social"})
WRITER_POOL: Final = "duckdb_writer"

PRIORITY_TAG: Final = "dagster/priority"
RANGE_START_TAG: Final = "dagster/asset_partition_range_start"
RANGE_END_TAG: Final = "dagster/asset_partition_range_end"
BACKFILL_TAG: Final = "dagster/backfill"
DAY_TAG: Final = "tt/day"
"""The UTC day on whose list a run stands; backfills and people's own runs carry none, nor do those of followers and
following, which have a quota of their own and are in nobody's way."""
PAUSED_TAG: Final = "tt/paused"
ALIVE_TAG: Final = "tt/alive"
AGAIN_TAG: Final = "tt/again"

DAILY_PRIORITY: Final = 20
RESUMED_PRIORITY: Final = 10

OWNERS: Final = ["team:study"]


def videos_key(search: str) -> dg.AssetKey:
    """The asset of a search."""
    return dg.AssetKey(["videos", search])


def warehouse_key(dataset: str) -> dg.AssetKey:
    """The asset of a group of tables."""
    return dg.AssetKey([WAREHOUSE, dataset])


def key_of(asset: str) -> dg.AssetKey:
    """The asset that a report or a piece of work names, for example `videos/climate`."""
    return dg.AssetKey(asset.split("/"))
