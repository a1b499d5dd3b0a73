"""Computes the rows of tables from pages, with lazy polars frames; reads no files and no database.

The same pages, in any order and any number of times, always give the same rows.
"""

from tt_pipeline.codebook.datasets import LOADED
from tt_pipeline.warehouse.shape.comments import shape_comments
from tt_pipeline.warehouse.shape.follows import shape_follows
from tt_pipeline.warehouse.shape.listed import shape_listed_videos
from tt_pipeline.warehouse.shape.playlists import shape_playlists
from tt_pipeline.warehouse.shape.records import Shaped
from tt_pipeline.warehouse.shape.users import shape_users
from tt_pipeline.warehouse.shape.videos import shape_videos

_SHAPE_OF = {
    "core.video_snapshots": shape_videos,
    "core.comment_snapshots": shape_comments,
    "core.user_snapshots": shape_users,
    "core.follow_snapshots": shape_follows,
    "core.listed_video_snapshots": shape_listed_videos,
    "core.playlist_video_snapshots": shape_playlists,
}
"""How the records of each table become rows of it, and of the tables beside it."""

SHAPES = {row.dataset: _SHAPE_OF[row.table] for row in LOADED}
"""How each dataset becomes rows."""

__all__ = ["SHAPES", "Shaped"]
