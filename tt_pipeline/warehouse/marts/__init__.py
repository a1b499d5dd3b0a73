"""The views and macros that analysts read: one `.sql` file each; columns are explained in `catalog/`, by subject."""

from importlib.resources import files

_FIRST = ("macros.sql", "found_videos.sql", "latest_video_snapshots.sql", "follows.sql", "user_listed_videos.sql")
"""What the others are made of."""


def statements() -> list[str]:
    """What makes them all, in an order in which each finds what it uses."""
    names = sorted(file.name for file in files(__name__).iterdir() if file.name.endswith(".sql"))
    ordered = [*_FIRST, *(name for name in names if name not in _FIRST)]
    return [files(__name__).joinpath(name).read_text(encoding="utf-8") for name in ordered]
