"""Makes rows from pages of liked, pinned and reposted videos: the videos, and the lists that contain them.

The videos are not search hits. Lists lack some fields (voice_to_text, playlist_id, effect_ids); `merging.py` does not
treat these missing fields as an edit.
"""

import polars as pl

from tt_pipeline.codebook.datasets import datasets_in
from tt_pipeline.warehouse.catalog import social as catalog
from tt_pipeline.warehouse.shape.looks import list_looks
from tt_pipeline.warehouse.shape.records import Shaped, latest, tally, unusable
from tt_pipeline.warehouse.shape.values import without_nul
from tt_pipeline.warehouse.shape.videos import tables_of_videos, videos

_LISTED = datasets_in(catalog.LISTED_VIDEO_SNAPSHOTS.full_name)
_IS_USABLE = pl.col("video_id").is_not_null() & (pl.col("owner") != "")


def shape_listed_videos(pages: pl.LazyFrame) -> Shaped:
    """Make the rows of landed lists of videos.

    Args:
        pages: Grain page, as `parse.read_pages` returns them; `subject` is the account whose list it is.
    """
    found = _listed(pages).cache()  # otherwise each table unnests all records again
    usable = found.filter(_IS_USABLE).cache()
    return Shaped(
        tables={
            **tables_of_videos(usable),
            "core.listed_video_snapshots": _snapshots(usable),
            "core.list_snapshots": list_looks(pages),
        },
        tally=tally(found, _IS_USABLE, key="listing", strays=pl.lit(0, pl.Int64)),
        unusable=unusable(found, _IS_USABLE),
    )


def _listed(pages: pl.LazyFrame) -> pl.LazyFrame:
    owner = without_nul(pl.col("subject")).fill_null("").alias("owner")
    return (
        videos(pages, *_LISTED)
        .with_columns(owner)
        .with_columns(pl.struct("owner", "look", "video_id").alias("listing"))
    )


def _snapshots(usable: pl.LazyFrame) -> pl.LazyFrame:
    columns = catalog.LISTED_VIDEO_SNAPSHOTS
    listed = usable.drop("username").rename({"dataset": "list", "owner": "username"}).select(columns.column_names)
    return latest(listed, *columns.keys)
