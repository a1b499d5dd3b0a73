"""Makes rows from pages of videos: attributes, counts, search hits, hashtags, effects, mentions and stickers.

Strays (videos posted outside the requested days) are stored as videos but not as search hits. Otherwise the number of a
search's videos on a day would depend on requests for other days.
"""

import polars as pl

from tt_pipeline.codebook.fields import VIDEO, Stored
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.catalog import videos as catalog
from tt_pipeline.warehouse.shape.carried import effects, hashtags, mentions, stickers, video_hashtags
from tt_pipeline.warehouse.shape.field_values import ids, values
from tt_pipeline.warehouse.shape.matching import matches
from tt_pipeline.warehouse.shape.records import Shaped, each_once, latest, records, tally, unusable
from tt_pipeline.warehouse.shape.values import created_date, identity

_IS_USABLE = pl.col("video_id").is_not_null()
_IS_STRAY = ~pl.col("created_date").is_between("window_from", "window_to").fill_null(value=False)


def shape_videos(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed videos.

    Args:
        pages: Grain page, as `parse.read_pages` returns them.
    """
    found = videos(pages, Dataset.VIDEOS).cache()  # otherwise each table unnests all records again
    usable = found.filter(_IS_USABLE).cache()
    strays = pl.col("video_id").filter(_IS_USABLE & _IS_STRAY).n_unique()
    return Shaped(
        tables={**tables_of_videos(usable), "core.search_hits": _hits(usable)},
        tally=tally(found, _IS_USABLE, key="video_id", strays=strays),
        unusable=unusable(found, _IS_USABLE),
    )


def videos(pages: pl.LazyFrame, *datasets: Dataset) -> pl.LazyFrame:
    """Grain record: a video as parsed, with its id and times; oldest page first."""
    number = pl.coalesce(identity("id"), identity("video_id"))  # both names were seen for it
    return (
        records(pages, *datasets)
        .with_columns(number.alias("video_id"), *ids(VIDEO))
        .with_columns(created_date("video_id"), pl.col("observed_at").alias("first_observed_at"))
    )


def tables_of_videos(usable: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """The rows of videos from a search or a list: attributes, counts, hashtags, effects, mentions and stickers."""
    return {
        "core.videos": _attributes(usable),
        "core.video_snapshots": _snapshots(usable),
        "core.video_hashtags": video_hashtags(usable),
        "core.hashtags": hashtags(usable),
        "core.video_effects": effects(usable),
        "core.video_mentions": mentions(usable),
        "core.video_stickers": stickers(usable),
    }


def _attributes(usable: pl.LazyFrame) -> pl.LazyFrame:
    """Grain: a video and a set of attributes. `merging.py` separates the first one from later versions."""
    attributes = usable.with_columns(values(VIDEO, Stored.ATTRIBUTE)).select(catalog.VIDEOS.column_names)
    return each_once(attributes, *catalog.VIDEO_VERSIONS.keys)


def _snapshots(usable: pl.LazyFrame) -> pl.LazyFrame:
    counts = usable.select("video_id", "observed_at", "load_id", *values(VIDEO, Stored.COUNT))
    return latest(counts, "video_id", "load_id")


def _hits(usable: pl.LazyFrame) -> pl.LazyFrame:
    is_drawn = pl.col("request").struct.field("is_random").fill_null(value=False)
    hits = usable.filter(~_IS_STRAY).with_columns(pl.when(is_drawn).then("look").alias("draw"))
    query = pl.col("request").struct.field("query")
    judged = each_once(hits, *catalog.SEARCH_HITS.keys).with_columns(matches(query).alias("matches"))
    return judged.select(catalog.SEARCH_HITS.column_names)
