"""Computes the rows of tables from pages, with lazy polars frames; reads no files and no database.

The same pages, in any order and any number of times, always give the same rows.
"""

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.shape.comments import shape_comments
from tt_pipeline.warehouse.shape.follows import shape_follows
from tt_pipeline.warehouse.shape.listed import LISTED, shape_listed_videos
from tt_pipeline.warehouse.shape.playlists import shape_playlists
from tt_pipeline.warehouse.shape.records import Shaped
from tt_pipeline.warehouse.shape.users import shape_users
from tt_pipeline.warehouse.shape.videos import shape_videos

SHAPES = {
    Dataset.VIDEOS: shape_videos,
    **dict.fromkeys((Dataset.COMMENTS, Dataset.REPLIES), shape_comments),
    Dataset.USERS: shape_users,
    **dict.fromkeys((Dataset.FOLLOWERS, Dataset.FOLLOWING), shape_follows),
    **dict.fromkeys(LISTED, shape_listed_videos),
    Dataset.PLAYLISTS: shape_playlists,
}
"""The function that makes the rows of each dataset."""

__all__ = ["SHAPES", "Shaped"]
