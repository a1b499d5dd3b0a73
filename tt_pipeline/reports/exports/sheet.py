"""A coding sheet: videos drawn at random, with links to click, empty columns to fill, and the chance of each.

Which videos are drawn depends on the seed and their ids alone, not on their order or on the software: the same seed
over the same videos gives the same sheet anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import check_published
from tt_pipeline.reports.exports.folder import Export
from tt_pipeline.reports.exports.tables import Shape, Source, write
from tt_pipeline.warehouse import TABLES, Column, SqlType, open_published

SEARCH: Final = "search"
_SHEET: Final = "coding_sheet"
# Whole text, so that the draw is no business of any program's random numbers.
_DRAW: Final = "sha256($seed || ':' || video_id)"
_OF_SEARCHES: Final = """
select video_id, arg_min(search, (size, search)) as stratum from (
  select distinct cast(video_id as varchar) as video_id, search, size
  from core.found_videos join (
    select search, count(distinct video_id) as size from core.found_videos group by search
  ) using (search)
)
group by video_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Which videos are drawn.

    Attributes:
        size: How many; fewer when there are not so many.
        by: What they are stratified by: search, or a column of marts.videos; None draws from all alike.
        seed: Another one draws others.
    """

    size: int
    by: str | None = None
    seed: int = 1


def export_sheet(published: Path, sheet: Sheet, folder: Path, shape: Shape) -> Export:
    """Draw videos that a search found and write them as a coding sheet.

    Every stratum gets the same number of videos, a small one all it has; `inclusion_probability` makes up for that.
    Of several searches a video belongs to the one that found the fewest.

    Raises:
        UsageError: Nothing is published or found, the column is unknown, or has more values than videos are drawn.
        ExportFailed: It could not be written; nothing is left of it.
    """
    check_published(published)
    with open_published(published) as connection:
        drawn = draw(connection, sheet)
        connection.register("drawn", drawn)
        connection.execute(f"create temp table {_SHEET} as {_FILLED}")
        title = f"Coding sheet: {drawn.height} videos by {sheet.by or 'nothing'}, seed {sheet.seed}"
        source = Source(name=_SHEET, relation=_SHEET, title=title, columns=_COLUMNS)
        return write(connection, [source], folder, shape, title=title)


_FILLED: Final = """
select
  videos.url,
  videos.video_id,
  videos.searches as search,
  videos.created_date as day,
  videos.description,
  cast(null as varchar) as code_1,
  cast(null as varchar) as code_2,
  cast(null as varchar) as note,
  drawn.stratum,
  drawn.stratum_size,
  drawn.inclusion_probability
from drawn join marts.videos as videos using (video_id)
order by drawn.draw
"""


_VIDEOS: Final = {column.name: column for column in TABLES["marts.videos"].columns}
_COLUMNS: Final = {name: _VIDEOS[name] for name in ("url", "video_id", "description")} | {
    column.name: column
    for column in (
        replace(_VIDEOS["searches"], name="search"),
        replace(_VIDEOS["created_date"], name="day"),
        Column("code_1", SqlType.VARCHAR, "Empty, for what you code"),
        Column("code_2", SqlType.VARCHAR, "Empty, for what else you code"),
        Column("note", SqlType.VARCHAR, "Empty, for what you want to remember of the video"),
        Column("stratum", SqlType.VARCHAR, "The search, or the value of the column of --by, that it was drawn for"),
        Column("stratum_size", SqlType.BIGINT, "Videos of the stratum that could be drawn"),
        Column(
            "inclusion_probability",
            SqlType.DOUBLE,
            "The chance with which a video of its stratum was drawn; weigh it by one over this",
        ),
    )
}


def draw(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> pl.DataFrame:
    """The drawn videos: video_id, stratum, stratum_size, inclusion_probability, draw (their order in the sheet)."""
    sql = f"select video_id, stratum, {_DRAW} as draw from ({_candidates(sheet.by)})"
    candidates = connection.sql(sql, params={"seed": str(sheet.seed)}).pl()
    sizes = dict(candidates.group_by("stratum").len().sort("len", "stratum").iter_rows())
    if not sizes:
        raise UsageError("No search has found a video yet, so there is nothing to draw from: run `tt collect` first.")
    if len(sizes) > sheet.size:
        raise UsageError(
            f"--by {sheet.by} makes {len(sizes):,} groups, more than the {sheet.size:,} videos of --sample: "
            "draw more, or name a column with fewer values."
        )
    shares = pl.DataFrame(
        list(zip(sizes, sizes.values(), shared_out(sheet.size, list(sizes.values())), strict=True)),
        schema={"stratum": pl.String, "stratum_size": pl.Int64, "share": pl.Int64},
        orient="row",
    )
    return (
        candidates.join(shares, on="stratum", nulls_equal=True)
        .filter(pl.col("draw").rank("ordinal").over("stratum") <= pl.col("share"))
        .with_columns(inclusion_probability=pl.col("share") / pl.col("stratum_size"))
        .sort("draw")
        .select("video_id", "stratum", "stratum_size", "inclusion_probability", "draw")
    )


def shared_out(size: int, strata: Sequence[int]) -> list[int]:
    """How many are drawn of each stratum: alike, and what a small one cannot give is shared by the others.

    Args:
        strata: Their sizes, smallest first.
    """
    shares: list[int] = []
    for number, stratum in enumerate(strata):
        shares.append(min(stratum, (size - sum(shares)) // (len(strata) - number)))
    return shares


def _candidates(by: str | None) -> str:
    found = "select video_id, {stratum} as stratum from marts.videos where searches is not null"
    if by is None:
        return found.format(stratum="'all'")
    if by == SEARCH:
        return _OF_SEARCHES
    columns = TABLES["marts.videos"].column_names
    if by not in columns:
        raise UsageError(f"--by {by!r} is no column of marts.videos; use {SEARCH}, or one of {', '.join(columns)}.")
    return found.format(stratum=f"cast({by} as varchar)")
