"""Makes rows from pages of playlists: attributes and counts of the playlist, and the ids of its videos."""

import polars as pl

from tt_pipeline.codebook.fields import PLAYLIST, Stored
from tt_pipeline.warehouse.catalog import social as catalog
from tt_pipeline.warehouse.shape.field_values import values
from tt_pipeline.warehouse.shape.records import Shaped, each_once, laid, latest, tally, unusable
from tt_pipeline.warehouse.shape.values import identity, without_nul

_IS_PLAYLIST = pl.col("playlist_id").is_not_null() & (pl.col("username") != "")
_IS_USABLE = pl.col("playlist_id").is_not_null() & pl.col("video_id").is_not_null()
_NOTHING = pl.lit(0, pl.Int64)


def shape_playlists(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed playlists.

    Args:
        pages: Grain page, as `parse.read_pages` returns them; `subject` is the account whose playlist it is.
    """
    answers = _playlists(pages)
    found = _places(answers)
    rows = found.filter(_IS_USABLE).select(catalog.PLAYLIST_VIDEO_SNAPSHOTS.column_names)
    return Shaped(
        tables={
            "core.playlist_snapshots": _snapshots(answers),
            "core.playlist_video_snapshots": each_once(rows, *catalog.PLAYLIST_VIDEO_SNAPSHOTS.keys),
        },
        tally=tally(found, _IS_USABLE, key="place", strays=_NOTHING),
        unusable=unusable(found, _IS_USABLE),
    )


def _playlists(pages: pl.LazyFrame) -> pl.LazyFrame:
    """Grain page: the playlist's attributes; if the page has no playlist id, the requested one is used."""
    answered = pages.filter(pl.col("refusal").is_null() & pl.col("body").is_not_null())
    asked_for = pl.col("request").struct.field("playlist_id")
    return (
        laid(answered, pl.col("body"))
        .unnest("record")
        .with_columns(
            pl.coalesce(identity("playlist_id"), asked_for),
            without_nul(pl.col("subject")).alias("username"),
        )
    )


def _snapshots(answers: pl.LazyFrame) -> pl.LazyFrame:
    described = answers.filter(_IS_PLAYLIST).with_columns(values(PLAYLIST, Stored.ATTRIBUTE, Stored.COUNT))
    columns = catalog.PLAYLIST_SNAPSHOTS
    return latest(described.select(columns.column_names), *columns.keys)


def _places(answers: pl.LazyFrame) -> pl.LazyFrame:
    """Grain record: a video's position, counted from 1 over all pages."""
    listed = "playlist_video_ids"
    before = pl.col("request").struct.field("cursor").fill_null(0)
    return (
        answers.filter(pl.col(listed).list.len() > 0)
        .with_columns(pl.int_ranges(1, pl.col(listed).list.len() + 1, dtype=pl.Int64).alias("position"))
        .explode(listed, "position")
        .with_columns(identity(listed).alias("video_id"), pl.col("position") + before)
        .with_columns(pl.struct("playlist_id", "look", "video_id").alias("place"))
    )
