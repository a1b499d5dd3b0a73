"""Figures of distributions: Lorenz curves, survival, intervals, the hours of the week."""

from collections.abc import Sequence
from typing import Final

import altair as alt

from tt_pipeline.reports.charts.frame import BLUE, COLOURS, FOREGROUND, GREY, Frame, Row, short
from tt_pipeline.reports.charts.marks import Chart, below, data, labels, numbers

_DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [1, 3])
_SHADES: Final = tuple(f"var(--shade-{place})" for place in range(6))
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_LINES: Final = 6
"""More lines cannot be told apart; the table has all."""


def _line_colours(frame: Frame, names: Sequence[str]) -> dict[str, alt.Color | alt.StrokeDash]:
    """Colour and dashes of lines with these names, so that neither alone tells them apart."""
    legend = alt.Legend(
        title=None,
        orient="bottom",
        columns=1 if frame.is_narrow else 3,
        labelLimit=300,
        symbolType="stroke",
        symbolStrokeWidth=2,
        symbolSize=400,
    )
    return {
        "color": alt.Color(
            "name:N", scale=alt.Scale(domain=list(names), range=list(COLOURS[: len(names)])), legend=legend
        ),
        "strokeDash": alt.StrokeDash(
            "name:N", scale=alt.Scale(domain=list(names), range=[list(dash) for dash in _DASHES[: len(names)]])
        ),
    }


def _fill(names: Sequence[str]) -> alt.Fill:
    return alt.Fill("name:N", scale=alt.Scale(domain=list(names), range=list(COLOURS[: len(names)])), legend=None)


def _named(rows: Sequence[Row]) -> tuple[list[dict[str, object]], list[str]]:
    """Rows of the first searches with a short name that is different for each search, and these names."""
    searches = list(dict.fromkeys(row["search"] for row in rows))[:MOST_LINES]
    names = {search: short(search, 40) for search in searches}
    if len(set(names.values())) < len(names):
        names = {search: f"{place}. {short(search, 36)}" for place, search in enumerate(searches, start=1)}
    shown = [dict(row) | {"name": names[row["search"]]} for row in rows if row["search"] in names]
    return shown, list(names.values())


def concentration(rows: Sequence[Row], frame: Frame) -> Chart:
    """Lorenz curves: the share of all views that the most seen videos of a search have.

    Args:
        rows: Columns search, share_of_videos, share_of_views, both 0 to 1, ascending.
        frame: Where it is drawn.
    """
    shown, names = _named(rows)
    begun = [{"name": name, "share_of_videos": 0, "share_of_views": 0} for name in names]
    percent = alt.Axis(format=".0%", tickCount=5)
    lines = (
        alt.Chart(data([*begun, *shown]))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("share_of_videos:Q", axis=percent, title="Share of videos, the most seen first"),
            y=alt.Y("share_of_views:Q", axis=percent, title="Share of views"),
            **_line_colours(frame, names),
        )
    )
    equal = alt.Chart(data([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(color=GREY, strokeWidth=1)
    return alt.layer(equal.encode(x="x:Q", y="y:Q"), lines).properties(width=min(frame.width - 70, 460), height=260)


def survival(rows: Sequence[Row], frame: Frame) -> Chart:
    """Kaplan-Meier curves with bands of 95 %.

    Args:
        rows: Columns search, days, share_left, lower_95, upper_95, sorted by search and days.
        frame: Where it is drawn.
    """
    shown, names = _named(rows)
    begun = [{"name": name, "days": 0, "share_left": 1, "lower_95": 1, "upper_95": 1} for name in names]
    chart = alt.Chart(data([*begun, *shown]))
    low = min((row["lower_95"] for row in rows), default=0)
    scale = alt.Scale(domain=[max(0, low - 0.05), 1], nice=False, zero=False)
    x = alt.X("days:Q", title="Days since a look first found the video", axis=alt.Axis(tickCount=6))
    colours = _line_colours(frame, names)
    band = chart.mark_area(interpolate="step-after", opacity=0.2).encode(
        x=x, y=alt.Y("lower_95:Q", scale=scale), y2="upper_95:Q", fill=_fill(names)
    )
    y = alt.Y("share_left:Q", scale=scale, axis=alt.Axis(format=".0%", tickCount=5), title="Still returned")
    lines = chart.mark_line(interpolate="step-after", strokeWidth=2).encode(x=x, y=y, **colours)
    return alt.layer(band, lines).properties(width=frame.width - 70, height=220)


def intervals(
    rows: Sequence[Row], frame: Frame, *, name: str, lower: str, middle: str, upper: str, title: str
) -> Chart:
    """A point with a line to both sides for each row.

    Args:
        rows: One or more rows, each with a different place.
        frame: Where it is drawn.
        name: The column with the name of a row.
        lower: The column with the left end of the line.
        middle: The column with the point.
        upper: The column with the right end.
        title: What the numbers count, with the unit.
    """
    import json

    shown = [
        {"place": place, "low": row[lower], "mid": row[middle], "high": row[upper]} for place, row in enumerate(rows)
    ]
    names = json.dumps([short(row[name], 60) for row in rows])
    axis = labels(frame, labelExpr=f"{names}[datum.value]", ticks=False, domain=False)
    chart, y = alt.Chart(data(shown)), alt.Y("place:O", axis=axis)
    line = chart.mark_rule(strokeWidth=4, color=BLUE).encode(x=alt.X("low:Q", axis=numbers(title)), x2="high:Q", y=y)
    point = chart.mark_point(filled=True, size=70, color=FOREGROUND, opacity=1).encode(x="mid:Q", y=y)
    return alt.layer(line, point).properties(width=frame.plot_width, height=28 * len(rows))


def week(rows: Sequence[Row], frame: Frame) -> Chart:
    """The hours of the week; a darker field has more videos. Lists and samples one below the other.

    Args:
        rows: Columns kind, weekday (1 is Monday), hour, videos.
        frame: Where it is drawn, and the time zone of the hours.
    """
    headings = {"list": "Searches that list all videos", "sample": "Random samples"}
    charts = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        of_kind = [row for row in rows if row["kind"] == kind]
        most = max(row["videos"] for row in of_kind)
        # Whole numbers, so that no two fields of the legend have the same one.
        steps = sorted({-(-most * place // len(_SHADES)) for place in range(1, len(_SHADES))} - {1})
        shown = [dict(row) | {"day": _DAYS[row["weekday"] - 1]} for row in of_kind]
        fields = (
            alt.Chart(data(shown))
            .mark_rect()
            .encode(
                x=alt.X(
                    "hour:O",
                    scale=alt.Scale(domain=list(range(24))),
                    title=f"Hour of posting, {frame.zone}",
                    axis=alt.Axis(labelAngle=0, values=list(range(0, 24, 3)), ticks=False),
                ),
                y=alt.Y("day:O", scale=alt.Scale(domain=list(_DAYS)), title=None, axis=alt.Axis(ticks=False)),
                color=alt.Color(
                    "videos:Q",
                    scale=alt.Scale(type="threshold", domain=steps, range=list(_SHADES[-len(steps) - 1 :])),
                    legend=alt.Legend(title="Videos", orient="bottom", format=",.0f", symbolStrokeWidth=0),
                ),
            )
        )
        heading = alt.TitleParams(text=headings[kind], anchor="start")
        charts.append(fields.properties(width=frame.width - 60, height=150, title=heading))
    stacked: Chart = below(charts).resolve_scale(color="independent")
    return stacked
