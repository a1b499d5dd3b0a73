"""Makes rows from pages of profiles: one row for each answer, also for refusals such as "not found"."""

import polars as pl

from tt_pipeline.codebook.fields import PROFILE, Stored
from tt_pipeline.warehouse.catalog import users as catalog
from tt_pipeline.warehouse.shape.field_values import values
from tt_pipeline.warehouse.shape.records import Shaped, each_once, laid, tally, unusable
from tt_pipeline.warehouse.shape.values import without_nul

_IS_PROFILE = pl.col("refusal").is_null()
_IS_USABLE = pl.col("username").is_not_null()


def shape_users(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed profiles.

    Args:
        pages: Grain page, as `parse.read_pages` returns them; `subject` is the requested account. It becomes the
            username, also if the answer contains one, because it joins with `core.videos`.
    """
    answers = _answers(pages)
    profiles = answers.filter(_IS_PROFILE).with_columns(
        pl.struct("username", "observed_at").alias("answer"),
    )
    return Shaped(
        tables={
            "core.user_snapshots": each_once(
                answers.filter(_IS_USABLE).with_columns(values(PROFILE, Stored.ATTRIBUTE, Stored.COUNT)),
                *catalog.USER_SNAPSHOTS.keys,
            ).select(catalog.USER_SNAPSHOTS.column_names)
        },
        tally=tally(profiles, _IS_USABLE, key="answer", strays=pl.lit(0, pl.Int64)),
        unusable=unusable(profiles, _IS_USABLE),
    )


def _answers(pages: pl.LazyFrame) -> pl.LazyFrame:
    is_answer = pl.col("body").is_not_null() | ~_IS_PROFILE
    asked_for = without_nul(pl.coalesce("subject", "username")).alias("username")
    return laid(pages.filter(is_answer), pl.col("body")).unnest("record").with_columns(asked_for)
