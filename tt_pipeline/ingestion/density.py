"""Counts the days that one page spans: results are sorted from new to old, and ids contain the second of the upload."""

from datetime import timedelta

from tt_pipeline.clock import start_of
from tt_pipeline.coverage import Window
from tt_pipeline.ids import upload_second, video_id_of
from tt_pipeline.research_api import Page

_SECONDS_A_DAY = 86_400


def days_spanned(page: Page, window: Window) -> float:
    """The days of the window that its first page spans; all of them when no page follows."""
    times = [upload_second(video_id) for record in page.records if (video_id := video_id_of(record))]
    if page.has_more is False or not times:
        return len(window.days)
    end = start_of(window.last_day + timedelta(days=1)).timestamp()
    return max(1.0, end - min(times)) / _SECONDS_A_DAY
