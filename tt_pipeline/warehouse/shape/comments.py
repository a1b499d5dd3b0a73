"""Makes rows from pages of comments: attributes and counts.

A reply is in the listing of its video, or in the separate listing of the replies to a comment; `subject` is the video
or that comment.
"""

import polars as pl

from tt_pipeline.codebook.fields import COMMENT, Stored
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.catalog import comments as catalog
from tt_pipeline.warehouse.shape.field_values import values
from tt_pipeline.warehouse.shape.records import Shaped, each_once, latest, records, tally, unusable
from tt_pipeline.warehouse.shape.values import created_date, identity

_IS_USABLE = pl.col("comment_id").is_not_null() & pl.col("video_id").is_not_null()


def shape_comments(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed comments.

    Args:
        pages: Grain page, as `parse.read_pages` returns them.
    """
    found = _comments(pages).cache()  # otherwise each table unnests all records again
    usable = found.filter(_IS_USABLE).cache()
    strays = pl.col("comment_id").filter(_IS_USABLE & (pl.col("video_id") != pl.col("requested_id"))).n_unique()
    return Shaped(
        tables={
            "core.comments": each_once(usable, "comment_id").select(catalog.COMMENTS.column_names),
            "core.comment_snapshots": _snapshots(usable),
        },
        tally=tally(found, _IS_USABLE, key="comment_id", strays=strays),
        unusable=unusable(found, _IS_USABLE),
    )


def _comments(pages: pl.LazyFrame) -> pl.LazyFrame:
    asked_for = pl.when(pl.col("dataset") == Dataset.COMMENTS).then(pl.col("subject").cast(pl.Int64, strict=False))
    answered = pl.col("request").struct.field("comment_id")
    return (
        records(pages, Dataset.COMMENTS, Dataset.REPLIES)
        .with_columns(identity("id").alias("comment_id"), *values(COMMENT, Stored.ATTRIBUTE))
        .with_columns(requested_id=asked_for)
        .with_columns(pl.coalesce("video_id", "requested_id"), pl.coalesce("parent_comment_id", answered))
        .with_columns(
            (pl.col("parent_comment_id") != pl.col("video_id")).alias("is_reply"),
            created_date("comment_id"),
            pl.col("observed_at").alias("first_observed_at"),
        )
    )


def _snapshots(usable: pl.LazyFrame) -> pl.LazyFrame:
    counts = usable.select("comment_id", "observed_at", "load_id", *values(COMMENT, Stored.COUNT))
    return latest(counts, "comment_id", "load_id")
