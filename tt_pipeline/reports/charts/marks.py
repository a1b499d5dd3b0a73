"""Parts that several drawings have: data, axes of days, lines at known breaks, charts one below the other."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import altair as alt

from tt_pipeline.reports.charts.frame import FOREGROUND, Frame, Row, instant, plain_rows

Chart = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart
_UTC: Final = "UTC day"
_DAYS_OF_A_YEAR: Final = 400


def data(rows: Sequence[Row]) -> alt.InlineData:
    """Rows as a chart's data."""
    return alt.InlineData(values=plain_rows(rows))


def day_axis(
    field: str, frame: Frame, first: date, last: date, *, title: str = _UTC, domain: tuple[date, date] | None = None
) -> alt.X:
    """A horizontal axis of UTC days; `domain` has its ends, which are otherwise those of the data."""
    ends: Any = [instant(day) for day in domain] if domain else alt.Undefined
    is_long = (last - first).days > _DAYS_OF_A_YEAR
    most = 3 if frame.is_narrow else 8
    is_short = (last - first).days < most  # ticks within a day would repeat it
    return alt.X(
        f"{field}:T",
        title=title,
        scale=alt.Scale(type="utc", domain=ends),
        axis=alt.Axis(
            format="%b %Y" if is_long else "%-d %b", tickCount="day" if is_short else most, grid=False, labelFlush=True
        ),
    )


def break_lines(frame: Frame, first: date, last: date, *, is_posted: bool) -> list[alt.Chart]:
    """A dashed line at each known break on these days; none if there is none."""
    rows = frame.breaks_between(first, last, is_posted=is_posted)
    if not rows:
        return []
    line = alt.Chart(data(rows)).mark_rule(strokeDash=[5, 3], strokeWidth=1.5, color=FOREGROUND)
    return [line.encode(x=alt.X("day:T", scale=alt.Scale(type="utc")))]


def labels(frame: Frame, **further: Any) -> alt.Axis:
    """An axis at the left with names; long names are cut."""
    return alt.Axis(labelLimit=frame.label_width - 12, title=None, minExtent=frame.label_width - 12, **further)


def numbers(title: str, **further: Any) -> alt.Axis:
    """An axis of numbers: with a separator of thousands, and from 100,000 on with the letters k and M."""
    shown = "abs(datum.value) < 100000 ? format(datum.value, ',') : format(datum.value, '~s')"
    return alt.Axis(title=title, labelExpr=shown, tickCount=4, **further)


def below(charts: Sequence[Chart]) -> Chart:
    """Charts one below the other; a single one as it is."""
    return charts[0] if len(charts) == 1 else alt.VConcatChart(vconcat=list(charts), spacing=14)
