"""Keys, groups, pools and tags that Dagster stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from tt_pipeline.codebook.datasets import LOADED
from tt_pipeline.codebook.quotas import QUOTAS
from tt_pipeline.quota import key_of as key_of_client
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import LOCATION, Bucket

COLLECT: Final = "collect"
OBSERVE: Final = "observe"
"""The job and group of account lists, which have other partitions (days of observation) than videos."""
PUBLISH: Final = "publish"
REFRESH: Final = "refresh"
"""The asset that checks what is stored; Dagster does not allow a job of the same name."""
REFRESH_JOB: Final = "refresh_what_is_due"
DUTIES: Final = "duties"
WAREHOUSE: Final = "warehouse"
REPORTS: Final = "reports"
REPORT_JOB: Final = "write_report"
QUERY_CHANGED: Final = "query_changed"
"""Runs that send nothing and fail, so that days lose their green (`changed_days.py`)."""

COLLECTING: Final = frozenset(row.group for row in LOADED)
"""First parts of the keys of assets that send requests."""

OPS: Final = dg.AssetKey(["warehouse", "ops"])
PUBLISHED: Final = dg.AssetKey("published_warehouse")
REPORT: Final = dg.AssetKey("report")


@dataclass(frozen=True, slots=True)
class Pools:
    """The names of a study's pools.

    Attributes:
        suffix: Ends each name; "" unless other client keys may have pools in the same instance.
    """

    suffix: str = ""

    def of(self, bucket: Bucket) -> str:
        """The pool of the runs that use a quota."""
        return f"{QUOTAS[bucket].pool}{self.suffix}"

    @property
    def writer(self) -> str:
        """The pool of the runs that write to the warehouse."""
        return f"duckdb_writer{self.suffix}"

    @property
    def every(self) -> list[str]:
        """All of them."""
        return [*map(self.of, Bucket), self.writer]


def pools_of(settings: Settings) -> Pools:
    """The pools of these settings: those of their client key alone if the ledger is a database.

    Why: docs/decisions/0026-pools-of-a-key.md.
    """
    return Pools(f"_{key_of_client(settings)[:8]}" if settings.ledger_url else "")


PRIORITY_TAG: Final = "dagster/priority"
RANGE_START_TAG: Final = "dagster/asset_partition_range_start"
RANGE_END_TAG: Final = "dagster/asset_partition_range_end"
BACKFILL_TAG: Final = "dagster/backfill"
DAY_TAG: Final = "tt/day"
"""The UTC day of a daily run. Backfills and manual runs do not have this tag, nor do runs of followers and following,
which use a quota of their own."""
PAUSED_TAG: Final = "tt/paused"
WENT_ON: Final = "no, this run went on"
"""The value of PAUSED_TAG on a retry, which has the tags of the run that paused."""
AGAIN_TAG: Final = "tt/again"
ASSETS_TAG: Final = "tt/assets"
"""What a run of the schedule or the sensor collects; runs that people launch do not have this tag."""
CONFIRMED_TAG: Final = "tt/confirmed"
"""Somebody agrees that the run requests collected days again, whatever it costs."""
COMMAND_TAG: Final = "tt/command"
"""The command whose process executes the run; Dagster never retries such a run."""
MOST_RETRIES_TAG: Final = "dagster/max_retries"
BY_COMMAND: Final[Mapping[str, str]] = MappingProxyType({COMMAND_TAG: "tt collect", MOST_RETRIES_TAG: "0"})

DAILY_PRIORITY: Final = 20
RESUMED_PRIORITY: Final = 10

OWNERS: Final = ["team:study"]


def videos_key(search: str) -> dg.AssetKey:
    """The asset key of a search."""
    return dg.AssetKey(["videos", search])


def warehouse_key(dataset: str) -> dg.AssetKey:
    """The asset key of a group of tables."""
    return dg.AssetKey([WAREHOUSE, dataset])


def key_of(asset: str) -> dg.AssetKey:
    """The asset key of a name in reports and due work, for example `videos/climate`."""
    return dg.AssetKey(asset.split("/"))


WRITTEN_AT: Final = "written_at"
"""Metadata of a day whose run was deleted: when the run wrote it."""


def is_paused(tags: Mapping[str, str]) -> bool:
    """Whether a run with these tags paused, which is no failure."""
    return tags.get(PAUSED_TAG, WENT_ON) != WENT_ON


def origin_of(job: str) -> RemoteJobOrigin:
    """Where Dagster finds a job; the timeline shows only runs that have it."""
    location = RegisteredCodeLocationOrigin(LOCATION)
    return RemoteJobOrigin(RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME), job)
