"""Turns a chart into SVG that stands in a page without a script, a font or an address from elsewhere."""

import re
from html import escape
from typing import TYPE_CHECKING, Any, Final, cast

import altair as alt
import vl_convert

from tt_pipeline.reports.charts.frame import FOREGROUND, VERMILION, Frame

if TYPE_CHECKING:
    from tt_pipeline.reports.charts.marks import Chart

_FONT: Final = "Helvetica Neue, Arial, sans-serif"
_GRID: Final = "var(--grid)"
_TAG: Final = re.compile(r"<[a-z][^>]*>")
_ROLE: Final = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
"""Roles of single marks, which have no name; the whole figure has one."""
_LONG: Final = re.compile(r"-?\d+\.\d{4,}(?:e-?\d+)?|-?\d+(?:\.\d+)?e-\d+")
"""A coordinate with more digits than anybody sees; the last ones depend on the order of the rows."""
_OPENING: Final = re.compile(r"<svg [^>]*?width=\"(?P<width>[\d.]+)\" height=\"(?P<height>[\d.]+)\"[^>]*>")


def svg(chart: "Chart", frame: Frame, *, alternative: str) -> str:
    """The chart as an element `<svg>` that is as wide as its container, at most as wide as the frame.

    Args:
        chart: A chart of altair.
        frame: Its width in pixels; and whether the data are invented, which is then written above the figure.
        alternative: What the figure shows, for people who do not see it.
    """
    said = alt.TitleParams("Simulated data", color=cast("Any", VERMILION), fontSize=11, anchor="start", offset=6)
    titled = chart.properties(title=said) if frame.is_simulated else chart
    spec = cast("dict[str, object]", _styled(titled).to_dict())
    drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])  # no address may be opened
    size = _OPENING.match(drawn)
    if not size:
        raise ValueError("vl-convert returned no SVG")
    width, height = float(size["width"]), float(size["height"])
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alternative)}" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
    )
    return opening + _TAG.sub(lambda tag: _LONG.sub(_thousandths, _ROLE.sub("", tag[0])), drawn[size.end() :])


def _thousandths(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def _styled(chart: "Chart") -> "Chart":
    """The chart in the colours of the page, without descriptions of single marks: the table has the values."""
    styled: Chart = (
        chart.configure(aria=False, background="transparent", font=_FONT, padding=4)
        .configure_axis(
            labelColor=FOREGROUND,
            titleColor=FOREGROUND,
            domainColor=FOREGROUND,
            tickColor=FOREGROUND,
            gridColor=_GRID,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .configure_legend(
            labelColor=FOREGROUND, titleColor=FOREGROUND, labelFontSize=12, titleFontSize=12, symbolStrokeWidth=0
        )
        .configure_title(color=FOREGROUND, fontSize=12, fontWeight="bold")
        .configure_header(labelColor=FOREGROUND, titleColor=FOREGROUND, labelFontSize=12)
        .configure_view(stroke=None)
    )
    return styled
