"""Functions that the modules of all datasets use to get records from pages.

The modules named after the datasets decide what a record means.
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
        tables: Rows by the full name of their table, with the schema of the catalog.
        tally: Grain load_id: `rows_loaded`, `duplicates`, `unusable`, `strays`; no row for a load without records.
        unusable: Grain page: `load_id`, `fetched_at`, `sha256`, `log_id`, `records` that have no usable id.
    """

    tables: Mapping[str, pl.LazyFrame]
    tally: pl.LazyFrame
    unusable: pl.LazyFrame


def records(pages: pl.LazyFrame, *datasets: Dataset) -> pl.LazyFrame:
    """Unnest the lists of records, oldest page first.

    Args:
        pages: Grain page, as `parse.read_pages` returns them, only of these datasets.
        datasets: Datasets with the same kind of records.

    Returns:
        Grain record: `observed_at`, the columns of the envelope, and the fields as parsed.
    """
    listed = record_list(*datasets)
    return laid(pages.filter(listed.list.len() > 0), listed).explode("record").unnest("record")


def record_list(*datasets: Dataset) -> pl.Expr:
    """The list of records of a page, under any of its possible keys."""
    names = dict.fromkeys(name for dataset in datasets for name in LISTS[dataset])
    return pl.coalesce(pl.col("body").struct.field(name) for name in names)


def laid(pages: pl.LazyFrame, record: pl.Expr) -> pl.LazyFrame:
    """Add the columns of the envelope to the record (or list of records) of each page, oldest page first."""
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
    """Count for each load the records that were loaded, repeated, unusable or strays."""
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
