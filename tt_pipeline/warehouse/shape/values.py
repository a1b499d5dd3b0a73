"""Expressions that turn what the wire gave into values of the catalog: text, ids, instants, days.

Missing stays missing: nothing here makes a zero or an empty text.
"""

import polars as pl

_LAST_SECOND = 253_402_300_799  # 9999-12-31: what a column of instants can hold for every reader


def text(name: str, *, alias: str | None = None) -> pl.Expr:
    """Text without NUL bytes: the API sends some, and neither CSV nor most databases take them."""
    return without_nul(pl.col(name)).alias(alias or name)


def without_nul(words: pl.Expr) -> pl.Expr:
    """The same text without NUL bytes."""
    return words.str.replace_all("\x00", "", literal=True)


def identity(name: str) -> pl.Expr:
    """An id; NULL for a text that is no whole number, and for 0 and less, by which servers say that there is none."""
    number = pl.col(name).cast(pl.Int64, strict=False)
    return pl.when(number > 0).then(number).alias(name)


def created_date(number: str) -> pl.Expr:
    """The UTC day of create_time; without one, of the second in the id's high 32 bits."""
    second = pl.coalesce(instant(pl.col("create_time")), instant(pl.col(number) // 2**32))
    return second.dt.date().alias("created_date")


def instant(second: pl.Expr) -> pl.Expr:
    """The instant of a Unix second, UTC; NULL for one that is none."""
    plausible = pl.when(second.is_between(1, _LAST_SECOND)).then(second)
    return pl.from_epoch(plausible, time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
