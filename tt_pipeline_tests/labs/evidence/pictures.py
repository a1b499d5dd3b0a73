"""The pictures of the evidence pages; their numbers are computed elsewhere.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; every line has its name next to it.
"""

from collections.abc import Mapping, Sequence
from io import StringIO
from statistics import mean
from typing import Final, Literal

import altair as alt
import polars as pl

from tt_pipeline_tests.labs.evidence.early import Haste
from tt_pipeline_tests.labs.evidence.sampling import Sampling

_BLUE, _VERMILION, _INK, _PALE = "#0072B2", "#D55E00", "#222222", "#767676"
_WIDTH: Final = 560
_HEIGHT: Final = 250
_BINS: Final = 22
_TITLES: Final[Mapping[str, str]] = {
    "share_of_replies": "Replies among all comments",
    "share_in_average_video": "Replies among the comments of the average video",
}


def draw_sampling(found: Sampling) -> str:
    """Histograms of the estimates, with the truth and the number of best-first, as SVG."""
    panels = [_estimates(found, measure, title) for measure, title in _TITLES.items()]
    return _svg(alt.vconcat(*panels, spacing=26))


def _estimates(found: Sampling, measure: str, title: str) -> alt.LayerChart:
    bars = (
        alt.Chart(pl.DataFrame(_histogram(found.values(measure))))
        .mark_bar(color=_BLUE, opacity=0.8, stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("low:Q", title=title, axis=alt.Axis(format=".1~%", tickCount=8), scale=alt.Scale(zero=False)),
            x2="high:Q",
            y=alt.Y("repetitions:Q", title="Repetitions", axis=alt.Axis(tickCount=4)),
            y2=alt.datum(0),
        )
    )
    unweighed = mean(found.values(measure, found.unweighed))
    return _layered(
        bars,
        _line(unweighed, "drawn, not weighed", _PALE, align="right"),
        _line(getattr(found.truth, measure), "truth", _INK, align="right"),
        _line(getattr(found.best_first, measure), "best-first", _VERMILION),
    ).properties(width=_WIDTH, height=130)


def _line(at: float, name: str, colour: str, *, align: Literal["left", "right"] = "left") -> alt.LayerChart:
    """A vertical line through a panel, with its name above it."""
    chart = alt.Chart(pl.DataFrame([{"at": at, "name": name}])).encode(x="at:Q")
    rule = chart.mark_rule(strokeWidth=2, color=colour).encode(y=alt.value(-16), y2=alt.value(130))
    text = chart.mark_text(align=align, dx=4 if align == "left" else -4, fontSize=12, fontWeight=600, color=colour)
    return _layered(rule, text.encode(y=alt.value(-10), text="name:N"))


def _histogram(values: Sequence[float]) -> list[dict[str, float]]:
    low, width = min(values), (max(values) - min(values)) / _BINS
    bins = [min(int((value - low) / width), _BINS - 1) for value in values]
    return [
        {"low": low + number * width, "high": low + (number + 1) * width, "repetitions": bins.count(number)}
        for number in range(_BINS)
    ]


def draw_haste(found: Haste) -> str:
    """The share of a day that a search returns by time, with the moments of the clients' requests, as SVG."""
    points = [
        {"days": point.hours / 24, "share": share, "what": what}
        for point in found.curve
        for what, share in (("videos", point.videos), ("views", point.views))
    ]
    colour = alt.Color("what:N", scale=alt.Scale(domain=["videos", "views"], range=[_BLUE, _VERMILION]), legend=None)
    lines = (
        alt.Chart(pl.DataFrame(points))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("days:Q", title="Days since the day began (UTC)", axis=alt.Axis(values=list(range(0, 21, 2)))),
            y=alt.Y(
                "share:Q",
                title="Share of what it will be",
                axis=alt.Axis(format="%", tickCount=5),
                scale=alt.Scale(domain=[0, 1.0]),
            ),
            color=colour,
        )
    )
    named = [
        {"days": 3.2, "share": 0.945, "what": "videos", "name": "videos that can be found"},
        {"days": 4.3, "share": 0.55, "what": "views", "name": "views that their counts tell"},
    ]
    names = (
        alt.Chart(pl.DataFrame(named))
        .mark_text(align="left", fontSize=12, fontWeight=600)
        .encode(x="days:Q", y="share:Q", text="name:N", color=colour)
    )
    return _svg(_layered(_moments(), lines, names).properties(width=_WIDTH, height=_HEIGHT))


def _moments() -> alt.LayerChart:
    """The moments of the clients' requests as vertical lines, with names above."""
    instants: list[dict[str, float | str]] = [
        {"days": 1, "name": "same day, 23:59", "top": -38},
        {"days": 1.5, "name": "next day, 12:00", "top": -24},
        {"days": 3, "name": "first look", "top": -10},
        {"days": 12, "name": "second look", "top": -10},
    ]
    top = alt.Y("top:Q", scale=None, axis=None)
    chart = alt.Chart(pl.DataFrame(instants)).encode(x="days:Q", y=top)
    rules = chart.mark_rule(strokeDash=[4, 3], color=_PALE, strokeWidth=1.25).encode(y2=alt.value(_HEIGHT))
    names = chart.mark_text(align="left", dx=4, fontSize=11.5, color=_INK).encode(text="name:N")
    return _layered(rules, names)


def _layered(*charts: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(charts))


def _svg(chart: alt.TopLevelMixin) -> str:
    styled = chart.configure(background="white", font="Helvetica, Arial, sans-serif", padding=12)
    styled = styled.configure_view(stroke=None).configure_axis(
        gridColor="#E8E8E8",
        domainColor="#999999",
        tickColor="#999999",
        labelColor=_INK,
        titleColor=_INK,
        titleFontWeight="normal",
        titleFontSize=13,
        labelFontSize=11,
    )
    written = StringIO()
    styled.save(written, format="svg")
    return written.getvalue()
