"""The daily quotas of the Research API: one row for each bucket in which requests are counted.

Source: https://developers.tiktok.com/doc/research-api-faq/ (2026)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tt_pipeline.vocabulary import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyQuota:
    """A daily quota of its own.

    Attributes:
        requests_per_day: Requests of a UTC day that TikTok grants by default.
        pool: The Dagster pool that limits the runs of its assets.
    """

    bucket: Bucket
    requests_per_day: int
    pool: str


QUOTAS: Final[Mapping[Bucket, DailyQuota]] = MappingProxyType(
    {
        quota.bucket: quota
        for quota in (
            DailyQuota(bucket=Bucket.MAIN, requests_per_day=1_000, pool="tiktok_main"),
            DailyQuota(bucket=Bucket.SOCIAL, requests_per_day=20_000, pool="tiktok_social"),
        )
    }
)
"""Every quota: followers and following have one, all other endpoints share the other."""

DAILY_REQUESTS: Final[Mapping[Bucket, int]] = MappingProxyType(
    {bucket: quota.requests_per_day for bucket, quota in QUOTAS.items()}
)
"""Requests of a UTC day, by bucket."""
