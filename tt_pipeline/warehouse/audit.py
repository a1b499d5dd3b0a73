"""Compares the number of a load's records with the number of its rows, so that no record is lost without notice."""

import polars as pl

from tt_pipeline.errors import AuditFailed
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.catalog import TABLES

_SUMS = ("rows_loaded", "duplicates", "strays")
_UNREAD = pl.lit("the page could not be read: ") + pl.col("problem")
_NO_ID = pl.lit("these records have no id, or one that is no positive 64-bit number")


def rejections(pages: pl.DataFrame, unusable: pl.DataFrame) -> pl.DataFrame:
    """The rows of ops.rejections: pages that could not be read, and pages with records that have no usable id.

    Pages with the same bytes and the same instant are one row, because their rows would be equal.
    """
    unread = pages.filter(pl.col("problem").is_not_null()).with_columns(reason=_UNREAD)
    table = TABLES["ops.rejections"]
    parts = (unread, unusable.with_columns(reason=_NO_ID), _not_kept_whole(pages))
    found = [rows.select(table.column_names) for rows in parts]
    return (
        pl.concat(found)
        .group_by(table.keys)
        .agg(pl.col("records").sum(), pl.col("log_id", "reason").sort().first())
        .select(table.column_names)
    )


def _not_kept_whole(pages: pl.DataFrame) -> pl.DataFrame:
    """Answers that were not kept whole, each with the page that landed after it; they hold no records of that page."""
    answers = pages.filter(pl.col("rejected").list.len() > 0).explode("rejected")
    answer = pl.col("rejected").struct
    size = pl.when(answer.field("is_cut")).then(pl.lit("more than ")).otherwise(pl.lit("")) + pl.format(
        "{} bytes", answer.field("size")
    )
    reason = pl.format(
        "an answer was not kept whole, only its first 4 KiB in the landed line: {}; {}; sha256 {}",
        answer.field("reason"),
        size,
        answer.field("sha256"),
    )
    return answers.with_columns(reason=reason, records=pl.lit(0, pl.Int64))


def load_rows(pages: pl.DataFrame, *, tally: pl.DataFrame, rejected: pl.DataFrame, **made: object) -> pl.DataFrame:
    """The rows of ops.loads.

    Args:
        pages: What was read.
        tally: What became of the records, by load.
        rejected: Rows of ops.rejections.
        made: `loaded_at` and `made_by`.
    """
    lost = rejected.group_by("load_id").agg(pl.col("records").sum().alias("rejected"))
    return (
        pages.group_by("load_id")
        .agg(*_FROM_ENVELOPES)
        .join(tally, on="load_id", how="left")
        .join(lost, on="load_id", how="left")
        .with_columns(
            pl.col(*_SUMS, "rejected").fill_null(0), *(pl.lit(value).alias(name) for name, value in made.items())
        )
        .select(TABLES["ops.loads"].column_names)
        .sort("load_id")
    )


_FROM_ENVELOPES = (
    *(pl.col(name).first() for name in ("dataset", "search", "fingerprint", "look")),
    pl.col("window_from").min().alias("window_from_date"),
    pl.col("window_to").max().alias("window_to_date"),
    pl.col("request").struct.field("is_random").fill_null(value=False).any().alias("is_random"),
    pl.when(pl.col("dataset").first() == Dataset.VIDEOS)
    .then(pl.col("ends").sort_by("fetched_at", "cursor").drop_nulls().last())
    .alias("ends"),
    pl.len().cast(pl.Int64).alias("lines"),
    pl.col("records").sum().alias("records_in"),
    pl.col("refusal").is_not_null().sum().cast(pl.Int64).alias("refusals"),
    pl.col("redacted").sum(),
    pl.col("odd_values").filter(pl.col("problem").is_null()).sum(),
    pl.col("fetched_at").min().alias("first_fetched_at"),
    pl.col("fetched_at").max().alias("last_fetched_at"),
)


def audit(loads: pl.DataFrame, rows_found: pl.DataFrame) -> None:
    """Compare the counts of ops.loads with the rows in the tables.

    Args:
        loads: Rows of ops.loads.
        rows_found: Grain load_id: `rows_found` counts rows in the table that has one row for each record.

    Raises:
        AuditFailed: They differ; it names the first load that does.
    """
    for load in loads.join(rows_found, on="load_id", how="left").iter_rows(named=True):
        counted = load["rows_loaded"] + load["duplicates"] + load["rejected"]
        # A purge removes records from a page and counts them; the envelope may still have the old number.
        if load["records_in"] - counted not in {0, load["redacted"]}:
            problem = f"its envelopes count {load['records_in']} records and its bodies hold {counted}"
            raise AuditFailed(load["load_id"], problem)
        if load["rows_loaded"] != (load["rows_found"] or 0):
            problem = f"{load['rows_loaded']} rows were to be loaded and {load['rows_found'] or 0} are there"
            raise AuditFailed(load["load_id"], problem)
