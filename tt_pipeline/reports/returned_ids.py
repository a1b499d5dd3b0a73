"""How many ids of a list the API still returns, by the month in which their videos were uploaded.

The result has counts alone: no id, no account and no text.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tt_pipeline.ids import upload_date
from tt_pipeline.reports.answers import rows_published
from tt_pipeline.safe_files import write_whole
from tt_pipeline.tombstones import DeletionReason, Kind, Tombstones
from tt_pipeline.vocabulary import VideoId

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_TOTAL: Final = "total"
_SHOWN: Final = "select video_id::bigint, bool_or(is_shown) from marts.asked_ids group by video_id"
_STORED: Final = "select video_id from core.videos"


class IdState(StrEnum):
    """What became of an id of a list."""

    FOUND = "found"
    """The latest answer that could contain it did."""
    MISSING = "missing"
    """The latest answer that could contain it did not."""
    NOT_ASKED = "not_asked"
    """It was not requested yet, or there is no complete answer."""
    HIDDEN = "hidden"
    """It was found, and is left out of the published file: a check missed it, or it was not checked for too long."""
    DELETED = "deleted_on_request"
    """It was deleted here with `tt purge`."""


def attrition(
    published: Path, ids: Iterable[VideoId], tombstones: Tombstones, *, landed: Container[int] = ()
) -> "pl.DataFrame":
    """What became of the ids of a list.

    Args:
        published: The published file; without it nothing was asked.
        ids: Each once.
        tombstones: What was deleted here.
        landed: Videos that are in landed answers, whether they are published or not.

    Returns:
        Grain month of upload (UTC), ascending, and one row `total`; months without an id have no row. `asked` is
        `found` plus `missing`, and `share_missing` is from 0 to 1, NULL if nothing was asked.
    """
    state_of = _states(published, tombstones, landed)
    counts = Counter((f"{upload_date(each):%Y-%m}", state_of(each)) for each in ids)
    months = sorted({month for month, _ in counts})
    by_month = [{state: counts[month, state] for state in IdState} for month in months]
    whole = {state: sum(of_month[state] for of_month in by_month) for state in IdState}
    rows = [_row(month, number) for month, number in zip([*months, _TOTAL], [*by_month, whole], strict=True)]
    return _frame(rows)


def _frame(rows: list[dict[str, str | int | float | None]]) -> "pl.DataFrame":
    import polars as pl

    counts = ("listed", "asked", "found", "missing")
    schema = {"month": pl.String(), **dict.fromkeys(counts, pl.Int64()), "share_missing": pl.Float64()}
    schema |= dict.fromkeys(("not_asked", "hidden", "deleted_on_request"), pl.Int64())
    return pl.DataFrame(rows, schema=schema, strict=True)


def write_attrition(rows: "pl.DataFrame", file: Path) -> None:
    """Write the rows of `attrition` as CSV; a file of that name is replaced.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    write_whole(file.resolve(), rows.write_csv(float_precision=4))


def _row(month: str, number: dict[IdState, int]) -> dict[str, str | int | float | None]:
    found, missing = number[IdState.FOUND], number[IdState.MISSING]
    asked = found + missing
    return {
        "month": month,
        "listed": sum(number.values()),
        "asked": asked,
        "share_missing": missing / asked if asked else None,
        **{state.value: number[state] for state in IdState},
    }


def _states(published: Path, tombstones: Tombstones, landed: Container[int]) -> Callable[[VideoId], IdState]:
    is_there = published.exists()
    shown: dict[int, bool | None] = dict(rows_published(published, _SHOWN)) if is_there else {}
    stored = {video_id for (video_id,) in rows_published(published, _STORED)} if is_there else set()

    def state_of(video_id: VideoId) -> IdState:
        stone, is_stored = tombstones.get(Kind.VIDEO, video_id), video_id in stored
        if stone and is_stored:  # it was deleted and came back
            return IdState.FOUND
        if stone and stone.reason is not DeletionReason.FORGOTTEN:
            return IdState.MISSING if stone.reason is DeletionReason.GONE else IdState.DELETED
        is_shown = shown.get(video_id)
        if is_shown is None:
            return IdState.NOT_ASKED
        if not is_shown and not is_stored and video_id in landed:
            return IdState.HIDDEN
        return IdState.FOUND if is_shown else IdState.MISSING

    return state_of
