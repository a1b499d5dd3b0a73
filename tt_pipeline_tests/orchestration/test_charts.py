"""A row of days in characters shows which days have most, and what their statuses are."""

from datetime import date, timedelta

from tt_pipeline.orchestration.charts import MOST_DAYS, day_bars, days_strip
from tt_pipeline.vocabulary import SearchStatus

DAY = date(2026, 11, 1)


def test_the_highest_bar_is_the_largest_day() -> None:
    """Every day with a row has a bar, and a day without one has a dot."""
    days = {DAY + timedelta(days=n): number for n, number in enumerate([0, 1, 50, 100])}

    assert day_bars(days, "row") == "`·▁▄█`\n\n2026-11-01 to 2026-11-04, at most 100 rows a day"
    assert day_bars({}, "row") == "No rows yet."
    gap = {DAY: 5, DAY + timedelta(days=3): 3}
    assert day_bars(gap, "row") == "`█··▅`\n\n2026-11-01 to 2026-11-04, at most 5 rows a day"


def test_a_strip_explains_its_marks() -> None:
    """The legend has the marks that occur."""
    days = [(DAY, SearchStatus.COMPLETE), (DAY + timedelta(days=1), SearchStatus.NEVER_ASKED)]

    assert days_strip(days) == "●·  2026-11-01 to 2026-11-02: ● 1 complete, · 1 never asked"


def test_a_long_study_fits() -> None:
    """Only the latest days are shown."""
    days = {DAY + timedelta(days=n): 1 for n in range(400)}

    assert day_bars(days, "row").partition("\n")[0] == f"`{'█' * MOST_DAYS}`"
