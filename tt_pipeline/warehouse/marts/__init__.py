"""The views and macros for analysts, one `.sql` file each; `catalog/` explains their columns."""

from importlib.resources import files

_FIRST = (
    "macros.sql",
    "renamed_handles.sql",
    "search_versions.sql",
    "found_videos.sql",
    "video_searches.sql",
    "video_survival.sql",
    "latest_video_snapshots.sql",
    "daily_volume.sql",
    "video_growth.sql",
    "handles.sql",
    "follows.sql",
    "user_listed_videos.sql",
)
"""Created first, because other views use them."""


def statements() -> list[str]:
    """The statements that create all macros and views; each comes after those that it uses."""
    names = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".sql"))
    ordered = [*_FIRST, *(name for name in names if name not in _FIRST)]
    return [files(__name__).joinpath(name).read_text(encoding="utf-8") for name in ordered]
