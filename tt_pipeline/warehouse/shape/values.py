"""Polars expressions that convert parsed values to values of the catalog: texts, ids, instants, days.

NULL stays NULL; no expression makes a zero or an empty text from it.
"""

import polars as pl

_DIGITS = "^[0-9]{1,40}$"
_LAST_SECOND = 253_402_300_799  # 9999-12-31: what a column of instants can hold for every reader


def text(name: str, *, alias: str | None = None) -> pl.Expr:
    """Text without NUL bytes: the API sends some, but CSV and most databases cannot store them."""
    return without_nul(pl.col(name)).alias(alias or name)


def without_nul(words: pl.Expr) -> pl.Expr:
    """The same text without NUL bytes."""
    return words.str.replace_all("\x00", "", literal=True)


def identity(name: str) -> pl.Expr:
    """An id; NULL for a text that is not a whole number, and for 0 and less, which servers send if there is no id.

    The rule is that of `ids.id_number`, by which the landing index reads the same records.
    """
    digits = without_nul(pl.col(name).cast(pl.String))
    number = pl.when(digits.str.contains(_DIGITS)).then(digits).cast(pl.Int64, strict=False)
    return pl.when(number > 0).then(number).alias(name)


def created_date(number: str) -> pl.Expr:
    """The UTC day of create_time; without create_time, the day of the second in the id's high 32 bits."""
    second = pl.coalesce(instant(pl.col("create_time")), instant(pl.col(number) // 2**32))
    return second.dt.date().alias("created_date")


def instant(second: pl.Expr) -> pl.Expr:
    """The instant of a Unix second, UTC; NULL if the number cannot be a time."""
    plausible = pl.when(second.is_between(1, _LAST_SECOND)).then(second)
    return pl.from_epoch(plausible, time_unit="s").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
