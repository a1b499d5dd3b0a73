"""Looks at the lists of accounts: when each was begun and how it ended, so that an empty list is an observation too."""

import polars as pl

from tt_pipeline.warehouse.catalog import social as catalog
from tt_pipeline.warehouse.shape.values import without_nul


def list_looks(pages: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (list, username, look, load_id): what the pages of a look sum up to.

    Args:
        pages: Grain page, as `parse.read_pages` gives them; `subject` is the account whose list it is.
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
