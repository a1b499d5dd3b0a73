"""Rows of the hashtags, effects, mentions and stickers of videos.

The frames passed in have observations of videos, oldest first: the lists as parsed, `first_observed_at` and `load_id`.
"""

import polars as pl

from tt_pipeline.warehouse.catalog import videos as catalog
from tt_pipeline.warehouse.catalog.model import Table
from tt_pipeline.warehouse.shape.records import each_once
from tt_pipeline.warehouse.shape.values import text

_FIRST_SEEN = ("first_observed_at", "load_id")


def video_hashtags(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (video_id, hashtag_name): names with their ids, and names without an id."""
    with_ids = _infos(usable, "hashtag_info_list").with_columns(text("hashtag_name"))
    names = (
        _items(usable, "hashtag_names")
        .rename({"hashtag_names": "hashtag_name"})
        .with_columns(text("hashtag_name"), pl.lit(None, pl.Int64).alias("hashtag_id"))
    )
    return _rows(
        pl.concat([_laid(with_ids, catalog.VIDEO_HASHTAGS), _laid(names, catalog.VIDEO_HASHTAGS)]),
        catalog.VIDEO_HASHTAGS,
    )


def hashtags(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain hashtag_id: name and description of hashtags."""
    infos = _infos(usable, "hashtag_info_list").with_columns(
        text("hashtag_name"), text("hashtag_description", alias="description")
    )
    return _rows(infos, catalog.HASHTAGS)


def effects(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (video_id, effect_id): effects with their names, and ids without a name."""
    with_names = _infos(usable, "effect_info_list").with_columns(text("effect_name"))
    alone = (
        _items(usable, "effect_ids")
        .rename({"effect_ids": "effect_id"})
        .with_columns(pl.lit(None, pl.String).alias("effect_name"))
    )
    return _rows(
        pl.concat([_laid(with_names, catalog.VIDEO_EFFECTS), _laid(alone, catalog.VIDEO_EFFECTS)]),
        catalog.VIDEO_EFFECTS,
    )


def mentions(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (video_id, username). An @ is removed, because it is not documented whether the API writes it."""
    listed = _items(usable, "video_mention_list")
    handle = text("video_mention_list").str.strip_chars_start("@").alias("username")
    return _rows(listed.with_columns(handle), catalog.VIDEO_MENTIONS)


def stickers(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain (video_id, sticker_id, sticker_name)."""
    infos = _infos(usable, "sticker_info_list").with_columns(text("sticker_name"))
    return each_once(_laid(infos, catalog.VIDEO_STICKERS), *catalog.VIDEO_STICKERS.keys)


def _items(usable: pl.LazyFrame, name: str) -> pl.LazyFrame:
    return (
        usable.filter(pl.col(name).list.len() > 0)
        .select("video_id", *_FIRST_SEEN, name)
        .explode(name)
        .filter(pl.col(name).is_not_null())
    )


def _infos(usable: pl.LazyFrame, name: str) -> pl.LazyFrame:
    return _items(usable, name).unnest(name)


def _laid(rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    return rows.select(table.column_names)


def _rows(rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    has_all_keys = pl.all_horizontal(pl.col(key).is_not_null() for key in table.keys)
    return each_once(_laid(rows, table).filter(has_all_keys), *table.keys)
