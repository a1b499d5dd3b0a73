"""From pages to records: what every dataset's shape has in common.

What a record means is the business of the modules named after the datasets.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.wire_schema import LISTS

_ENVELOPE = (
    "load_id",
    "dataset",
    "search",
    "fingerprint",
    "look",
    "window_from",
    "window_to",
    "subject",
    "request",
    "refusal",
    "sha256",
    "log_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """The rows of landed files.

    Attributes:
        tables: By full name; the schema of each is the catalog's.
        tally: Grain load_id: `rows_loaded`, `duplicates`, `unusable`, `strays`; no row for a load without records.
        unusable: Grain page: `load_id`, `fetched_at`, `sha256`, `log_id`, `records` that have no usable id.
    """

    tables: Mapping[str, pl.LazyFrame]
    tally: pl.LazyFrame
    unusable: pl.LazyFrame


def records(pages: pl.LazyFrame, *datasets: Dataset) -> pl.LazyFrame:
    """Lay lists of records flat, oldest page first.

    Args:
        pages: Grain page, as `parse.read_pages` gives them; of these datasets alone.
        datasets: Whose records are alike.

    Returns:
        Grain record: `observed_at`, what the envelope says, and the fields as they were read.
    """
    listed = record_list(*datasets)
    return laid(pages.filter(listed.list.len() > 0), listed).explode("record").unnest("record")


def record_list(*datasets: Dataset) -> pl.Expr:
    """The list of a page, under whatever name it came."""
    names = dict.fromkeys(name for dataset in datasets for name in LISTS[dataset])
    return pl.coalesce(pl.col("body").struct.field(name) for name in names)


def laid(pages: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
    """Put what the envelope says beside the record (or list of records) of each page, oldest page first."""
    return pages.sort("fetched_at", "load_id", "cursor", "sha256").select(
        pl.col("fetched_at").alias("observed_at"),
        *_ENVELOPE,
        record.alias("record"),
    )


def unusable(found: pl.LazyFrame, is_usable: pl.Expr) -> pl.LazyFrame:
    """Count by page the records without a usable id."""
    return (
        found.filter(~is_usable)
        .group_by("load_id", pl.col("observed_at").alias("fetched_at"), "sha256", "log_id")
        .agg(pl.len().cast(pl.Int64).alias("records"))
        .sort("load_id", "fetched_at", "sha256")
    )


def tally(found: pl.LazyFrame, is_usable: pl.Expr, *, key: str, strays: pl.Expr) -> pl.LazyFrame:
    """Add up by load what became of the records."""
    different = pl.col(key).filter(is_usable).n_unique()
    usable = is_usable.sum()
    return found.group_by("load_id").agg(
        different.cast(pl.Int64).alias("rows_loaded"),
        (usable.cast(pl.Int64) - different.cast(pl.Int64)).alias("duplicates"),
        (~is_usable).sum().cast(pl.Int64).alias("unusable"),
        strays.cast(pl.Int64).alias("strays"),
    )


def each_once(found: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    """Keep the first observation of each key."""
    return found.unique(subset=keys, keep="first", maintain_order=True)


def latest(found: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    """Keep the last observation of each key."""
    return found.unique(subset=keys, keep="last", maintain_order=True)
