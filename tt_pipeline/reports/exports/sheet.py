"""A coding sheet: videos drawn at random, with their links, empty columns for codes, and inclusion probabilities.

The draw depends only on the seed and the video ids, not on their order or the software: the same seed and videos give
the same sheet everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports.folder import Export, unfinished
from tt_pipeline.reports.exports.source import Shape, Source, memory_for
from tt_pipeline.reports.exports.tables import write
from tt_pipeline.warehouse import TABLES, Column, SqlType, open_published

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

SEARCH: Final = "search"
_SHEET: Final = "coding_sheet"
# The hash as text, so that the draw does not depend on a program's random numbers.
_DRAW: Final = "sha256($seed || ':' || video_id)"
_FOUND: Final = "(from marts.video_searches where kind != 'once')"
"""What one-off searches found is no stratum."""
_OF_SEARCHES: Final = f"""
select video_id, arg_min(search, (size, search)) as stratum from (
  select distinct video_id, search, size
  from {_FOUND} join (select search, count(distinct video_id) as size from {_FOUND} group by search) using (search)
)
group by video_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Which videos are drawn.

    Attributes:
        size: Number of videos; all if there are fewer.
        by: Stratify by search, or by a column of marts.videos; None does not stratify.
        seed: Another seed draws other videos.
    """

    size: int
    by: str | None = None
    seed: int = 1


def export_sheet(published: Path, sheet: Sheet, folder: Path, shape: Shape) -> Export:
    """Draw videos that a search found and write them as a coding sheet.

    Every stratum gets the same number of videos, or all of its videos if it is small; weight by one over
    `inclusion_probability`. A video of several searches belongs to the one that found the fewest videos.

    Raises:
        UsageError: Nothing is published or found, the column is unknown, or has more values than videos are drawn.
        ExportFailed: The folder could not be written; its partial files were deleted.
    """
    with (
        reading(published),
        open_published(published, settings=memory_for(published), folder=unfinished(folder)) as connection,
    ):
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
  coalesce(videos.searches, videos.past_searches) as search,
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
        Column("code_1", SqlType.VARCHAR, "Empty, for your first code"),
        Column("code_2", SqlType.VARCHAR, "Empty, for your second code"),
        Column("note", SqlType.VARCHAR, "Empty, for your notes on the video"),
        Column("stratum", SqlType.VARCHAR, "The search, or the value of the --by column, that it was drawn for"),
        Column("stratum_size", SqlType.BIGINT, "Videos of the stratum that could be drawn"),
        Column(
            "inclusion_probability",
            SqlType.DOUBLE,
            "Probability that a video of its stratum is drawn; weight the video by one over it",
        ),
    )
}


def draw(connection: duckdb.DuckDBPyConnection, sheet: Sheet) -> "pl.DataFrame":
    """The drawn videos: video_id, stratum, stratum_size, inclusion_probability, draw (the order in the sheet)."""
    import polars as pl

    sql = f"select video_id, stratum, {_DRAW} as draw from ({_candidates(sheet.by)})"
    candidates = connection.sql(sql, params={"seed": str(sheet.seed)}).pl()
    sizes = dict(candidates.group_by("stratum").len().sort("len", "stratum").iter_rows())
    if not sizes:
        raise UsageError("No search has found a video yet, so no sample can be drawn: run `tt collect` first.")
    if len(sizes) > sheet.size:
        raise UsageError(
            f"--by {sheet.by} makes {counted(len(sizes), 'group')}, more than the {counted(sheet.size, 'video')} of "
            "--sample: draw more, or choose a column with fewer values."
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
    """The number of videos to draw from each stratum: equal shares, and the rest of small strata goes to the others.

    Args:
        size: Number of videos in total.
        strata: Sizes of the strata, smallest first.
    """
    shares: list[int] = []
    for number, stratum in enumerate(strata):
        shares.append(min(stratum, (size - sum(shares)) // (len(strata) - number)))
    return shares


def _candidates(by: str | None) -> str:
    found = f"select video_id, {{stratum}} as stratum from marts.videos semi join {_FOUND} using (video_id)"
    if by is None:
        return found.format(stratum="'all'")
    if by == SEARCH:
        return _OF_SEARCHES
    columns = TABLES["marts.videos"].column_names
    if by not in columns:
        raise UsageError(f"--by {by!r} is not a column of marts.videos; use {SEARCH}, or one of {', '.join(columns)}.")
    return found.format(stratum=f"cast({by} as varchar)")
