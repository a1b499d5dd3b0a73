"""Makes rows from pages of followers and of followed accounts: one row for each follow, from either list."""

import polars as pl

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.catalog import social as catalog
from tt_pipeline.warehouse.shape.looks import list_looks
from tt_pipeline.warehouse.shape.records import Shaped, latest, records, tally, unusable
from tt_pipeline.warehouse.shape.values import without_nul

_IS_FOLLOWER = pl.col("dataset") == Dataset.FOLLOWERS
_IS_USABLE = (pl.col("owner") != "") & (pl.col("other") != "")


def shape_follows(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed pages of followers, or of followed accounts.

    Args:
        pages: Grain page, as `parse.read_pages` returns them; `subject` is the account whose list it is.
    """
    found = _follows(pages)
    usable = found.filter(_IS_USABLE)
    rows = latest(usable.select(catalog.FOLLOW_SNAPSHOTS.column_names), *catalog.FOLLOW_SNAPSHOTS.keys)
    return Shaped(
        tables={"core.follow_snapshots": rows, "core.list_snapshots": list_looks(pages)},
        tally=tally(found, _IS_USABLE, key="follow", strays=pl.lit(0, pl.Int64)),
        unusable=unusable(found, _IS_USABLE),
    )


def _follows(pages: pl.LazyFrame) -> pl.LazyFrame:
    return (
        records(pages, Dataset.FOLLOWERS, Dataset.FOLLOWING)
        .with_columns(
            without_nul(pl.col("subject")).fill_null("").alias("owner"),
            without_nul(pl.col("username")).fill_null("").alias("other"),
            pl.col("dataset").alias("seen_in"),
        )
        .with_columns(
            pl.when(_IS_FOLLOWER).then("other").otherwise("owner").alias("follower"),
            pl.when(_IS_FOLLOWER).then("owner").otherwise("other").alias("followed"),
        )
        .with_columns(pl.struct("owner", "look", "other").alias("follow"))
    )
