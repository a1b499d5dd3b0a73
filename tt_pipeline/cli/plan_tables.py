"""The tables of `tt plan`: requests by part, searches, cheaper settings, the yield curve; and how numbers are shown."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from tt_pipeline.counted import counted, with_noun
from tt_pipeline.planning import (
    CheaperSetting,
    CostLine,
    CostPart,
    Estimate,
    Plan,
    SearchForecast,
    YieldPoint,
    points_to_show,
    total,
)
from tt_pipeline.quota import days_of_quota
from tt_pipeline.vocabulary import Bucket, Dataset

MOST_SEARCHES = 8
_MOST_SETTINGS = 9
_BAR = 40
_SHOWN_DIGITS = 3
_MILLION = 1_000_000
RANGE = "low – high"
"""The header of the ranges of estimates."""


def parts_table(plan: Plan) -> Table:
    """Requests by part of the study, a day if it goes on and in total."""
    a_day = ("a day", RANGE) if plan.goes_on else ()
    table = _table("Requests", *a_day, "in total", RANGE, "days of quota")
    table.columns[0].no_wrap = True
    for name, lines in _parts(plan):
        whole = total(line.total for line in lines)
        _add_part(table, plan, name, total(line.per_day for line in lines), whole, _days_of_quota(plan, whole))
    table.add_section()
    _add_part(table, plan, "total", plan.per_day, plan.total, plan.days, style="bold")
    if plan.social:
        table.add_section()
        _add_part(table, plan, "followers and following", plan.social.per_day, plan.social.total, plan.social.days)
    return table


def _add_part(
    table: Table, plan: Plan, name: str, per_day: Estimate, whole: Estimate, days: Estimate, *, style: str = ""
) -> None:
    a_day = (show_number(per_day.likely), show_range(per_day)) if plan.goes_on else ()
    table.add_row(name, *a_day, show_number(whole.likely), show_range(whole), show_range(days), style=style)


def _parts(plan: Plan) -> list[tuple[str, list[CostLine]]]:
    def lines(part: CostPart, dataset: Dataset | None = None) -> list[CostLine]:
        of_part = [line for line in plan.lines if line.part is part and line.bucket is Bucket.MAIN]
        return [line for line in of_part if dataset in {None, line.dataset}]

    optional = [
        ("comments: replies", lines(CostPart.REPLIES)),
        ("users: mentioned, once", lines(CostPart.MENTIONED)),
        ("lists of accounts", lines(CostPart.LISTS)),
    ]
    return [
        ("searches: the first look", lines(CostPart.SEARCHES)),
        ("comments", lines(CostPart.COMMENTS)),
        ("users: each creator once", lines(CostPart.USERS)),
        ("again: later looks", lines(CostPart.AGAIN, Dataset.VIDEOS)),
        ("again: profiles of creators", lines(CostPart.AGAIN, Dataset.USERS)),
        *(part for part in optional if part[1]),
        ("refresh: checks", lines(CostPart.CHECKS)),
    ]


def _days_of_quota(plan: Plan, whole: Estimate) -> Estimate:
    return whole.map(lambda requests: days_of_quota(requests, per_day=plan.requests_per_day))


def searches_table(plan: Plan) -> Table:
    """How many videos each of the first searches finds, and from what this is known."""
    table = _table("Search", "videos a day", RANGE, "days to come")
    table.add_column("known from")
    for search in plan.searches[:MOST_SEARCHES]:
        videos = search.videos_per_day
        table.add_row(
            Text(search.search),
            show_number(videos.likely),
            show_range(videos),
            f"{search.days_to_come:,}",
            _known_from(search),
        )
    return table


def _known_from(search: SearchForecast) -> str:
    if search.days_landed:
        return counted(search.days_landed, "collected day")
    if search.earlier_days:
        return f"{counted(search.earlier_days, 'day')} of an earlier query"
    return "--videos-per-day" if search.is_given else "assumed"


def settings_table(plan: Plan, settings: Sequence[CheaperSetting]) -> Table:
    """What settings cost, and which share of the comments they keep."""
    a_day, fits = (("a day",), ("fits",)) if plan.goes_on else ((), ())
    table = _table("What costs less", *a_day, "in total", "days of quota", "comments kept", *fits)
    for setting in settings:
        mark = Text("yes", style="green") if setting.fits else Text("no", style="red")
        table.add_row(
            Text(setting.change or "as it is"),
            *(show_number(setting.per_day.likely) for _ in a_day),
            show_number(setting.total.likely),
            f"{days_of_quota(setting.total.likely, per_day=plan.requests_per_day):,}",
            f"{setting.comments_kept:.1%}" + (", drawn" if setting.keeps_a_sample else ""),
            *(mark for _ in fits),
        )
    return table


def settings_to_show(plan: Plan) -> list[CheaperSetting]:
    """The study as it is, the best cheaper settings, and every sample."""
    return [setting for n, setting in enumerate(plan.settings) if n <= _MOST_SETTINGS or setting.is_drawn]


def yield_table(plan: Plan, min_comments: int, *, days: int | None) -> Table | None:
    """What more days of quota yield; None where every point needs the study's own min_comments.

    Args:
        plan: The plan of the study.
        min_comments: The study's own.
        days: Also show the point after so many days.
    """
    points = points_to_show(plan.curve, also=days)
    if not days and all(point.min_comments in {None, min_comments} for point in points):
        return None
    table = _table("After", "share of the reachable comments", "", "with min_comments")
    table.columns[0].justify, table.columns[1].justify = "right", "left"
    for point in points:
        least = f"{point.min_comments:,}" if point.min_comments is not None else "–"
        table.add_row(days_after(point), "█" * round(point.share * _BAR), f"{point.share:.1%}", least)
    return table


def days_after(point: YieldPoint) -> str:
    """The days of quota of a point, with their unit."""
    return counted(point.days, "day")


def _table(first: str, *numbers: str) -> Table:
    """A table whose columns after the first are numbers; ranges are dim."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right", style="dim" if name == RANGE else "")
    return table


def show_days(days: Estimate) -> str:
    """A number of days with its unit and its range."""
    likely = with_noun(show_number(days.likely), "day")
    return likely if days.low == days.high else f"{likely} ({show_range(days)})"


def show_range(estimate: Estimate) -> str:
    """The range of an estimate; one number where both ends look the same."""
    low, high = show_number(estimate.low), show_number(estimate.high)
    return low if low == high else f"{low} – {high}"


def show_number(value: float) -> str:
    """A number with at most three digits: an estimate is no more precise."""
    if value < 1:
        return f"{value:.2g}"
    if value < 10:  # noqa: PLR2004 — one decimal tells 1.2 requests a day from 1.8
        return f"{value:.1f}".removesuffix(".0")
    if value >= _MILLION:
        return f"{value / _MILLION:.{_SHOWN_DIGITS}g} M"
    return f"{round(value, min(0, _SHOWN_DIGITS - len(str(int(value))))):,.0f}"
