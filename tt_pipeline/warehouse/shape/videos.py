"""Pages of videos become rows: attributes, counts, hits, and what each video carries.

Strays (videos posted outside the days that were asked, which the API gives now and then) are videos like others, but
no hits of the search: a search's day must not grow by what another day's request happened to bring.
"""

import polars as pl

from tt_pipeline.warehouse.catalog import videos as catalog
from tt_pipeline.warehouse.shape.carried import effects, hashtags, mentions, stickers, video_hashtags
from tt_pipeline.warehouse.shape.records import Shaped, each_once, latest, records, tally, unusable
from tt_pipeline.warehouse.shape.values import count, created_at, created_date, odd_values, text

COUNTS = ("like_count", "comment_count", "share_count", "view_count", "favorites_count")
_IS_USABLE = pl.col("video_id").is_not_null()
_IS_STRAY = ~pl.col("created_date").is_between("window_from", "window_to")


def shape_videos(pages: pl.LazyFrame, *, load_id: str) -> Shaped:
    """Make the rows of a landed file of videos.

    Args:
        pages: Grain page, as `parse.read_pages` gives them.
        load_id: The landed file.
    """
    found = _videos(pages, load_id)
    usable = found.filter(_IS_USABLE)
    first = each_once(usable, "video_id")
    strays = pl.col("video_id").filter(_IS_USABLE & _IS_STRAY).n_unique()
    return Shaped(
        tables={
            "core.videos": _attributes(first),
            "core.video_snapshots": _snapshots(usable),
            "core.search_hits": _hits(first),
            "core.video_hashtags": video_hashtags(first),
            "core.hashtags": hashtags(first),
            "core.video_effects": effects(first),
            "core.video_mentions": mentions(first),
            "core.video_stickers": stickers(first),
        },
        tally=tally(found, _IS_USABLE, key="video_id", strays=strays, odd=odd_values(COUNTS)),
        unusable=unusable(found, _IS_USABLE),
    )


def _videos(pages: pl.LazyFrame, load_id: str) -> pl.LazyFrame:
    number = pl.coalesce("id", "video_id")  # both names were seen for it
    return (
        records(pages, "videos", load_id=load_id)
        .with_columns(pl.when(number > 0).then(number).alias("video_id"))
        .with_columns(created_at(), created_date("video_id"), pl.col("observed_at").alias("first_observed_at"))
    )


def _attributes(first: pl.LazyFrame) -> pl.LazyFrame:
    return first.with_columns(
        text("username"),
        text("region_code"),
        text("video_description", alias="description"),
        pl.col("video_duration").alias("duration_s"),
        text("voice_to_text"),
    ).select(catalog.VIDEOS.column_names)


def _snapshots(usable: pl.LazyFrame) -> pl.LazyFrame:
    narrow = usable.select("video_id", "observed_at", "load_id", *COUNTS)
    return latest(narrow, "video_id").with_columns(count(name) for name in COUNTS)


def _hits(first: pl.LazyFrame) -> pl.LazyFrame:
    return first.filter(~_IS_STRAY).select(catalog.SEARCH_HITS.column_names)
