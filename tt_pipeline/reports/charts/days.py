"""Figures over days: the calendar, volumes, requests, shares of windows."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

import altair as alt

from tt_pipeline.reports.charts.frame import (
    BLUE,
    COLOURS,
    FOREGROUND,
    GREEN,
    GREY,
    HATCHED,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Frame,
    Row,
    day_after,
    short,
)
from tt_pipeline.reports.charts.marks import Chart, below, break_lines, data, day_axis, labels, numbers

_SHOWN_AS: Final = {
    "complete": "complete",
    "early": "early",
    "capped": "cut off at a cap",
    "outdated": "older query",
    "partial": "begun",
    "paused": "begun",
    "suspicious": "missing",
    "unavailable": "missing",
    "never_asked": "missing",
    "not_due": "not due yet",
}
_COLOUR: Final = {
    "complete": GREEN,
    "early": SKY,
    "cut off at a cap": PURPLE,
    "older query": BLUE,
    "begun": ORANGE,
    "missing": VERMILION,
    "not due yet": "var(--grid)",
}
_BARS_UP_TO_DAYS: Final = 100


def calendar(rows: Sequence[Row], frame: Frame) -> Chart:
    """A row for each search, coloured by the status of its days.

    Args:
        rows: Columns search, status, from_date, to_date (inclusive).
        frame: Where it is drawn.
    """
    first, last = min(row["from_date"] for row in rows), max(row["to_date"] for row in rows)
    searches = list(dict.fromkeys(row["search"] for row in rows))
    shown = [
        {
            "place": searches.index(row["search"]),
            "from": row["from_date"],
            "to": day_after(row["to_date"]),
            "status": _SHOWN_AS.get(row["status"], "missing"),
        }
        for row in rows
    ]
    present = [status for status in _COLOUR if any(row["status"] == status for row in shown)]
    names = [short(search) for search in searches]
    runs = (
        alt.Chart(data(shown))
        .mark_rect(stroke="var(--page)", strokeWidth=0.6)
        .encode(
            x=day_axis("from", frame, first, last, title="UTC day of posting"),
            x2="to:T",
            y=alt.Y(
                "place:O", axis=labels(frame, labelExpr=f"{_texts(names)}[datum.value]", ticks=False, domain=False)
            ),
            color=alt.Color(
                "status:N",
                scale=alt.Scale(domain=present, range=[_COLOUR[status] for status in present]),
                legend=alt.Legend(title=None, orient="bottom", columns=2 if frame.is_narrow else 4),
            ),
        )
    )
    layers = [runs, *break_lines(frame, first, last, is_posted=True)]
    return alt.layer(*layers).properties(width=frame.plot_width, height=26 * len(searches))


def volume(
    rows: Sequence[Row], frame: Frame, *, found: str, fitting: str, is_gap: str = "is_gap", most: int = 8
) -> Chart:
    """Days of each search: all found videos behind those that fit; days that cannot be compared are hatched.

    Args:
        rows: Sorted by search and day; columns search, day_date, and those that the arguments name.
        frame: Where it is drawn.
        found: The column with the number of all found videos; None for a day that nobody knows.
        fitting: The column with the number of those that fit.
        is_gap: The column that says whether a day is hatched.
        most: The most searches that are drawn; the table has all.
    """
    groups = [(search, list(of_search)) for search, of_search in groupby(rows, lambda row: row["search"])]
    first, last = min(row["day_date"] for row in rows), max(row["day_date"] for row in rows)
    charts = [
        _days_of(search, of_search, frame, (first, last), columns=(found, fitting, is_gap))
        for search, of_search in groups[:most]
    ]
    return below(charts)


def _days_of(
    search: str, rows: Sequence[Row], frame: Frame, span: tuple[date, date], *, columns: tuple[str, str, str]
) -> Chart:
    found, fitting, is_gap = columns
    first, last = span
    gaps = [{"from": row["day_date"], "to": day_after(row["day_date"])} for row in rows if row[is_gap]]
    counts = [
        {"from": row["day_date"], "to": day_after(row["day_date"]), "kind": kind, "videos": row[column], "zero": 0}
        for kind, column in (("found", found), ("fit", fitting))
        for row in rows
        if row[column] is not None
    ]
    domain = (first, day_after(last))
    x = day_axis("from", frame, first, last, title="UTC day of posting", domain=domain)
    kinds = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=["found", "fit"], range=[GREY, BLUE]),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", offset=0),
    )
    y = alt.Y("videos:Q", axis=numbers("Videos"), stack=None)
    heading = alt.TitleParams(text=short(search, 40 if frame.is_narrow else 80), anchor="start")
    if (last - first).days > _BARS_UP_TO_DAYS:  # a path for each kind in place of hundreds of bars
        drawn = alt.Chart(data(counts)).mark_area(interpolate="step-after").encode(x=x, y=y, color=kinds)
    else:
        bars = alt.Chart(data(counts)).mark_bar(stroke="var(--page)", strokeWidth=0.5)
        drawn = bars.encode(x=x, x2="to:T", y=y, y2="zero:Q", color=kinds)
    hatched = alt.Chart(data(gaps)).mark_rect(fill=HATCHED, color=HATCHED).encode(x=x, x2="to:T")
    # Hatched in front, because the highest bar would hide it.
    layers = [*([drawn] if counts else []), *([hatched] if gaps else []), *break_lines(frame, *span, is_posted=True)]
    return alt.layer(*layers).properties(
        width=frame.plot_width + frame.label_width - 60, height=110 if frame.is_narrow else 120, title=heading
    )


def two_files(rows: Sequence[Row], frame: Frame) -> Chart:
    """A line for each of two files, a panel for each search; colour, dashes and shape tell the files apart.

    Args:
        rows: Sorted by search; columns search, day_date, file ("this file" or "other file") and videos. A day without a
            row is a gap.
        frame: Where it is drawn.
    """
    first, last = min(row["day_date"] for row in rows), max(row["day_date"] for row in rows)
    files = ["other file", "this file"]
    legend = alt.Legend(title=None, orient="top", direction="horizontal", offset=0)
    charts = []
    for search, of_search in groupby(rows, lambda row: row["search"]):
        shown = alt.Chart(data(_unbroken(list(of_search)))).encode(
            x=day_axis("day", frame, first, last, title="UTC day of posting", domain=(first, last)),
            y=alt.Y("videos:Q", axis=numbers("Videos")),
            color=alt.Color("file:N", scale=alt.Scale(domain=files, range=[VERMILION, BLUE]), legend=legend),
            shape=alt.Shape("file:N", scale=alt.Scale(domain=files, range=["square", "circle"]), legend=legend),
        )
        lines = shown.mark_line(strokeWidth=2).encode(
            detail="part:N",
            strokeDash=alt.StrokeDash("file:N", legend=None, scale=alt.Scale(domain=files, range=[[4, 3], [1, 0]])),
        )
        heading = alt.TitleParams(text=short(search, 40 if frame.is_narrow else 80), anchor="start")
        layers = [lines, shown.mark_point(filled=True, size=24, opacity=1)]
        charts.append(alt.layer(*layers).properties(width=frame.width - 70, height=120, title=heading))
    return below(charts)


def _unbroken(rows: Sequence[Row]) -> list[Row]:
    """The rows with `part`, which is another one after a gap, so that no line crosses a gap."""
    shown, last_day, part = list[Row](), dict[str, date](), dict[str, int]()
    for row in rows:
        file, day = row["file"], row["day_date"]
        if file not in last_day or day_after(last_day[file]) != day:
            part[file] = part.get(file, 0) + 1
        last_day[file] = day
        shown.append({"day": day, "file": file, "videos": row["videos"], "part": f"{file} {part[file]}"})
    return shown


def requests_by_day(rows: Sequence[Row], frame: Frame) -> Chart:
    """Stacked bars of requests for each day of the quota, and in black how many were wasted or empty.

    Args:
        rows: Columns quota_date, dataset, requests, requests_wasted, requests_empty.
        frame: Where it is drawn.
    """
    first, last = min(row["quota_date"] for row in rows), max(row["quota_date"] for row in rows)
    uses = list(dict.fromkeys(row["dataset"] for row in rows))
    colours = [COLOURS[place % (len(COLOURS) - 1)] for place in range(len(uses))]
    x = day_axis("from", frame, first, last, title="UTC day of the quota")
    stacked = (
        alt.Chart(data(_stacked(rows, uses)))
        .mark_bar(stroke="var(--page)", strokeWidth=0.5)
        .encode(
            x=x,
            x2="to:T",
            y=alt.Y("begin:Q", axis=numbers("Requests")),
            y2="end:Q",
            color=alt.Color(
                "dataset:N",
                scale=alt.Scale(domain=uses, range=colours),
                legend=alt.Legend(title=None, orient="bottom", columns=2 if frame.is_narrow else 5),
            ),
        )
    )
    unused = [
        {"middle": f"{day}T12:00:00Z", "unused": sum(row["requests_wasted"] + row["requests_empty"] for row in of_day)}
        for day, of_day in groupby(sorted(rows, key=lambda row: row["quota_date"]), lambda row: row["quota_date"])
    ]
    points = (
        alt.Chart(data(unused))
        .mark_point(shape="diamond", filled=True, size=50, color=FOREGROUND, opacity=1)
        .encode(x=alt.X("middle:T", scale=alt.Scale(type="utc")), y="unused:Q")
    )
    layers = [stacked, points, *break_lines(frame, first, last, is_posted=False)]
    return alt.layer(*layers).properties(width=frame.width - 70, height=200)


def _stacked(rows: Sequence[Row], uses: Sequence[str]) -> list[Row]:
    """A row for each day and use, with where its bar begins and ends; Vega does not stack bars between two days."""
    bars = []
    for day, found in groupby(sorted(rows, key=lambda row: row["quota_date"]), lambda row: row["quota_date"]):
        of_day, begin = list(found), 0
        for use in uses:
            end = begin + sum(row["requests"] for row in of_day if row["dataset"] == use)
            bars.append({"from": day, "to": day_after(day), "dataset": use, "begin": begin, "end": end})
            begin = end
    return [bar for bar in bars if bar["begin"] != bar["end"]]


def shares_by_window(rows: Sequence[Row], frame: Frame) -> Chart:
    """A line for each window of days at its share of hidden slots; colour and shape tell the looks apart.

    Args:
        rows: Columns search, look, window_from_date, window_to_date, share_hidden.
        frame: Where it is drawn.
    """
    first, last = min(row["window_from_date"] for row in rows), max(row["window_to_date"] for row in rows)
    looks = [f"look {look}" for look in sorted({row["look"] for row in rows})]
    shown = [
        {
            "from": row["window_from_date"],
            "to": row["window_to_date"] + timedelta(days=1),
            "look": f"look {row['look']}",
            "search": short(row["search"], 30),
            "share": row["share_hidden"],
        }
        for row in rows
    ]
    searches = list(dict.fromkeys(row["search"] for row in shown))[:8]
    charts = []
    for search in searches:
        of_search = [row for row in shown if row["search"] == search]
        lines = (
            alt.Chart(data(of_search))
            .mark_rule(strokeWidth=3)
            .encode(
                x=day_axis("from", frame, first, last, title="UTC days of posting"),
                x2="to:T",
                y=alt.Y(
                    "share:Q", axis=alt.Axis(format=".0%", title="Hidden", tickCount=4), scale=alt.Scale(domain=[0, 1])
                ),
                color=alt.Color(
                    "look:N",
                    scale=alt.Scale(domain=looks, range=[COLOURS[place % 6] for place in range(len(looks))]),
                    legend=alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolStrokeWidth=3, columns=3),
                ),
                strokeDash=alt.StrokeDash("look:N", legend=None, scale=alt.Scale(domain=looks)),
            )
        )
        charts.append(
            lines.properties(width=frame.width - 70, height=100, title=alt.TitleParams(text=search, anchor="start"))
        )
    return below(charts)


def _texts(values: Sequence[str]) -> str:
    import json

    return json.dumps(list(values))
