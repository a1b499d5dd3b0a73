"""How does a figure look? Drawings of rows, as SVG whose colours follow the page's light or dark theme.

The only module of the product that imports altair and vl-convert, which take 0.7 s of CPU: import it inside functions.
It draws what it is handed. Queries, words and the page around a figure are in `study_report/`.
"""

from tt_pipeline.reports.charts.bars import bars, bars_by_search, stacked_bars
from tt_pipeline.reports.charts.days import calendar, requests_by_day, shares_by_window, two_files, volume
from tt_pipeline.reports.charts.distributions import concentration, intervals, survival, week
from tt_pipeline.reports.charts.frame import NARROW, WIDE, Break, Frame, Row, short
from tt_pipeline.reports.charts.network import network
from tt_pipeline.reports.charts.svg import svg

__all__ = [
    "NARROW",
    "WIDE",
    "Break",
    "Frame",
    "Row",
    "bars",
    "bars_by_search",
    "calendar",
    "concentration",
    "intervals",
    "network",
    "requests_by_day",
    "shares_by_window",
    "short",
    "stacked_bars",
    "survival",
    "svg",
    "two_files",
    "volume",
    "week",
]
