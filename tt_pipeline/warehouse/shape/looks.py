"""Rows of looks at lists of accounts: when each began and how it ended, so that an empty list has a row too."""

import polars as pl

from tt_pipeline.warehouse.catalog import social as catalog
from tt_pipeline.warehouse.shape.values import without_nul


def list_looks(pages: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (list, username, look, load_id): number, times and end of the pages of a look in a load.

    Args:
        pages: Grain page, as `parse.read_pages` returns them; `subject` is the account whose list it is.
    """
    return (
        pages.filter(pl.col("subject") != "")
        .sort("fetched_at", "load_id", "cursor", "sha256")
        .group_by(pl.col("dataset").alias("list"), without_nul(pl.col("subject")).alias("username"), "look", "load_id")
        .agg(
            pl.len().cast(pl.Int64).alias("pages"),
            pl.col("fetched_at").min().alias("first_fetched_at"),
            pl.col("fetched_at").max().alias("last_fetched_at"),
            *(pl.col(name).drop_nulls().last() for name in ("refusal", "ends")),
        )
        .select(catalog.LIST_SNAPSHOTS.column_names)
        .sort(catalog.LIST_SNAPSHOTS.keys)
    )
