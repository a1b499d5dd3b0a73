"""Known changes of the API that affect numbers, so that plots can show them."""

from datetime import date
from typing import TYPE_CHECKING

from tt_pipeline.warehouse.catalog import TABLES

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_ROWS = (
    (
        date(2021, 3, 1),
        date(2022, 7, 31),
        "core.videos",
        "posted",
        "Searches for these days answered 500 for months: days may be unavailable.",
        "tiktok-library, issue 90",
    ),
    (
        date(2023, 10, 1),
        date(2023, 10, 31),
        "core.videos",
        "posted",
        "Searches for these days answered 500 for months: days may be unavailable.",
        "tiktok-library, issue 90",
    ),
    (
        date(2020, 1, 1),
        date(2022, 12, 31),
        "core.video_snapshots",
        "posted",
        "Views are systematically low, comments and shares high, compared with what TikTok shows.",
        "https://doi.org/10.1177/08944393251413277",
    ),
    (
        date(2024, 7, 1),
        None,
        "core.video_snapshots.view_count",
        "fetched",
        "Views fetched before are wrong by orders of magnitude.",
        "Beyond the margin of error: an audit of the Research API",
    ),
    (
        date(2026, 2, 26),
        None,
        "core.videos",
        "fetched",
        "The API covers all public videos since, those not eligible for the feed too: counts rise.",
        "https://developers.tiktok.com/doc/changelog/",
    ),
)


def known_breaks() -> "pl.DataFrame":
    """The rows of ops.known_breaks."""
    import polars as pl

    return pl.DataFrame(_ROWS, schema=TABLES["ops.known_breaks"].frame_schema, orient="row")
