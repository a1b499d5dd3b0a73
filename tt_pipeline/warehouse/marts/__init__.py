"""The views and macros for analysts, one `.sql` file each; `catalog/` explains their columns."""

import re
from collections.abc import Collection
from importlib.resources import files
from typing import Final

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


def statement_of(view: str) -> str:
    """The statement that creates a view; its full name is that of its file with the schema."""
    return files(__name__).joinpath(f"{view.partition('.')[2]}.sql").read_text(encoding="utf-8")


_COMMENT: Final = re.compile(r"--[^\n]*")
_CREATED: Final = re.compile(r"create or replace view (\w+\.\w+)")
_TABLE: Final = re.compile(r"\b(?:core|ops|marts)\.\w+")


def made_of(tables: Collection[str], *, without: Collection[str] = ()) -> list[str]:
    """These tables and every view that reads one of them, directly or through another view.

    Args:
        tables: Full names.
        without: Views that are left out, and through which no other view is reached.
    """
    found = list(tables)
    for sql in statements():  # each view comes after those that it reads
        text = _COMMENT.sub("", sql)
        read = set(_TABLE.findall(text))
        found += [view for view in _CREATED.findall(text) if view not in without and not read.isdisjoint(found)]
    return found


_CAVEAT: Final = re.compile(r"^-- Caveat: (.*?)(?=^-- (?:Example|Grain):|^(?!--))", re.DOTALL | re.MULTILINE)


def caveat_of(view: str) -> str:
    """What must not be concluded from a view, as the header of its SQL says; empty for other tables."""
    file = files(__name__).joinpath(f"{view.partition('.')[2]}.sql")
    sql = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = _CAVEAT.search(sql) if f"view {view} " in sql else None
    return " ".join(found[1].replace("\n-- ", " ").split()) if found else ""
