"""What becomes of a load's records, added up: nothing may vanish between a landed page and its rows."""

from dataclasses import dataclass

import polars as pl

from tt_pipeline.errors import AuditFailed
from tt_pipeline.warehouse.parse import LandedPages

_SUMS = ("lines", "records_in", "rows_loaded", "duplicates", "rejected", "strays", "odd_values", "redacted")
_IS_PROBLEM = pl.col("problem").is_not_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadAccount:
    """The sums of one load.

    Attributes:
        records_in: What the pages hold, by their envelopes.
        rejections: Grain page: `ops.rejections`.
    """

    load_id: str
    lines: int
    records_in: int
    rows_loaded: int
    duplicates: int
    strays: int
    odd_values: int
    redacted: int
    rejections: pl.DataFrame

    @property
    def rejected(self) -> int:
        """Records that cannot be read."""
        return int(self.rejections["records"].sum())

    def audit(self, *, rows_found: int) -> None:
        """Compare what came in with what lies in the table.

        Raises:
            AuditFailed: They differ.
        """
        told = self.rows_loaded + self.duplicates + self.rejected
        # A purge cuts records from a page and says so; its envelope may count them still.
        if self.records_in - told not in {0, self.redacted}:
            problem = f"its envelopes count {self.records_in} records and its bodies hold {told}"
            raise AuditFailed(self.load_id, problem)
        if rows_found != self.rows_loaded:
            raise AuditFailed(self.load_id, f"{self.rows_loaded} rows were to be loaded and {rows_found} are there")


def account(pages: LandedPages, *, tally: pl.DataFrame, unusable: pl.DataFrame) -> LoadAccount:
    """Add a load up."""
    sums = tally.row(0, named=True)
    return LoadAccount(
        load_id=pages.load_id,
        lines=pages.lines,
        records_in=int(pages.frame["records"].sum()),
        rows_loaded=sums["rows_loaded"],
        duplicates=sums["duplicates"],
        strays=sums["strays"],
        odd_values=sums["odd_values"],
        redacted=int(pages.frame["redacted"].sum()),
        rejections=pl.concat([_unread(pages), _unusable(pages.load_id, unusable)]),
    )


def _unread(pages: LandedPages) -> pl.DataFrame:
    return pages.frame.filter(_IS_PROBLEM).select(
        pl.lit(pages.load_id).alias("load_id"),
        "fetched_at",
        "sha256",
        "log_id",
        "records",
        (pl.lit("the page could not be read: ") + pl.col("problem")).alias("reason"),
    )


def _unusable(load_id: str, unusable: pl.DataFrame) -> pl.DataFrame:
    return unusable.select(
        pl.lit(load_id).alias("load_id"),
        "fetched_at",
        "sha256",
        "log_id",
        "records",
        pl.lit("these records have no id, or one that is no positive 64-bit number").alias("reason"),
    )


def loads_row(pages: LandedPages, sums: LoadAccount, **made: object) -> pl.DataFrame:
    """The row of ops.loads.

    Args:
        pages: What was read.
        sums: What became of it.
        made: `loaded_at` and `made_by`.
    """
    return pages.frame.select(
        pl.lit(sums.load_id).alias("load_id"),
        *(pl.col(name).first() for name in ("dataset", "search", "fingerprint", "look")),
        pl.col("window_from").min().alias("window_from_date"),
        pl.col("window_to").max().alias("window_to_date"),
        *(pl.lit(getattr(sums, name), pl.Int64).alias(name) for name in _SUMS),
        pl.col("refusal").is_not_null().sum().cast(pl.Int64).alias("refusals"),
        pl.col("fetched_at").min().alias("first_fetched_at"),
        pl.col("fetched_at").max().alias("last_fetched_at"),
        *(pl.lit(value).alias(name) for name, value in made.items()),
    )
