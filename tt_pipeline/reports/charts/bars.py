"""Bars from the left: one number for each name, perhaps by search, perhaps stacked."""

from collections.abc import Sequence
from itertools import groupby

import altair as alt

from tt_pipeline.reports.charts.frame import BLUE, COLOURS, Frame, Row, short
from tt_pipeline.reports.charts.marks import Chart, below, data, labels, numbers

_ROW: int = 20


def bars(
    rows: Sequence[Row],
    frame: Frame,
    *,
    name: str,
    number: str,
    title: str,
    heading: str = "",
    most_share: float | None = None,
) -> Chart:
    """A bar for each row, in the order of the rows.

    Args:
        rows: One or more rows.
        frame: Where it is drawn.
        name: The column with the name of a bar.
        number: The column with its length.
        title: What the length counts, with its unit.
        heading: A line above the bars.
        most_share: If the lengths are shares, 0 to 1: where the axis ends, so that panels have the same axis.
    """
    # A number before each name, so that two long names with the same beginning stay two bars.
    named = [{"place": place, "name": short(row[name]), "number": row[number]} for place, row in enumerate(rows)]
    x = (
        alt.X("number:Q", axis=numbers(title))
        if most_share is None
        else alt.X(
            "number:Q", axis=alt.Axis(title=title, format=".0%", tickCount=4), scale=alt.Scale(domain=[0, most_share])
        )
    )
    chart = (
        alt.Chart(data(named))
        .mark_bar(color=BLUE, height=13)
        .encode(
            x=x,
            y=alt.Y("place:O", axis=labels(frame, labelExpr=_names(named), ticks=False, domain=False)),
        )
    )
    sized: Chart = chart.properties(width=frame.plot_width, height=_ROW * len(named), **_heading(heading))
    return sized


def bars_by_search(rows: Sequence[Row], frame: Frame, *, name: str, number: str, title: str, most: int = 4) -> Chart:
    """Bars for each search, one search below the other; `number` is a share, 0 to 1.

    Args:
        rows: Sorted by their column `search`.
        frame: Where it is drawn.
        name: The column with the name of a bar.
        number: The column with its length.
        title: What the length counts.
        most: The most searches that are drawn; the table has all.
    """
    groups = [(search, list(found)) for search, found in groupby(rows, lambda row: row["search"])][:most]
    end = max(row[number] for _, found in groups for row in found)
    return below(
        [
            bars(found, frame, name=name, number=number, title=title, heading=short(search), most_share=end)
            for search, found in groups
        ]
    )


def stacked_bars(rows: Sequence[Row], frame: Frame, *, name: str, stacks: Sequence[str], title: str) -> Chart:
    """A bar for each row that consists of several columns, with a legend.

    Args:
        rows: One or more rows.
        frame: Where it is drawn.
        name: The column with the name of a bar.
        stacks: The columns whose numbers are stacked, from the left.
        title: What the numbers count.
    """
    named = [
        {
            "place": place,
            "name": short(row[name]),
            "part": stack.replace("_", " "),
            "order": order,
            "number": row[stack],
        }
        for place, row in enumerate(rows)
        for order, stack in enumerate(stacks)
    ]
    parts = [stack.replace("_", " ") for stack in stacks]
    chart: Chart = (
        alt.Chart(data(named))
        .mark_bar(height=13)
        .encode(
            x=alt.X("number:Q", axis=numbers(title)),
            y=alt.Y("place:O", axis=labels(frame, labelExpr=_names(named), ticks=False, domain=False)),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=parts, range=list(COLOURS[: len(parts)])),
                legend=alt.Legend(title=None, orient="bottom", columns=2 if frame.is_narrow else 4),
            ),
            order="order:Q",
        )
        .properties(width=frame.plot_width, height=_ROW * len(rows))
    )
    return chart


def _names(named: Sequence[Row]) -> str:
    """An expression of Vega that shows the name of a place; names are written as JSON, so they stay texts."""
    import json

    names = {f"{row['place']}": row["name"] for row in named}
    return f"{json.dumps([names[place] for place in sorted(names, key=int)])}[datum.value]"


def _heading(text: str) -> dict[str, alt.TitleParams]:
    return {"title": alt.TitleParams(text=text, anchor="start", fontSize=12)} if text else {}
