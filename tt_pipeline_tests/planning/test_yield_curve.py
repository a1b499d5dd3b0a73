"""Which points of the yield curve are shown, and when comments wait for the age of videos."""

from datetime import date

import pytest

from tt_pipeline.cli.plan_output import age_sentence
from tt_pipeline.planning import YieldPoint, assumed, plan, points_to_show, wait_for_age
from tt_pipeline_tests.planning.builders import NOW, search, study


def curve(*points: tuple[int, float, int | None]) -> list[YieldPoint]:
    """Points of days, share and min_comments."""
    return [YieldPoint(days=d, share=share, min_comments=least, requests=0) for d, share, least in points]


FRESH = curve((1, 0, None), (2, 0, None), (3, 0.4, 191), (5, 0.8, 2), (7, 0.87, 1), (10, 0.97, 1), (14, 1, 1))


@pytest.mark.parametrize(
    ("also", "days"), [(None, [2, 3, 5, 7]), (10, [2, 3, 5, 7, 10]), (1, [2, 3, 5, 7]), (5, [2, 3, 5, 7])]
)
def test_points_that_need_no_other_setting_are_left_out(also: int | None, days: list[int]) -> None:
    """From the last point without comments on, each min_comments once, and the requested day."""
    assert [point.days for point in points_to_show(FRESH, also=also)] == days


@pytest.mark.parametrize(
    ("points", "days"),
    [
        (FRESH, (7, 14)),
        ([*FRESH, *curve((20, 1, 1))], (7, 14)),
        (curve((1, 0.5, 9), (2, 1, 1)), None),
        (curve((1, 0.5, 9), (2, 0.6, 2)), None),
        (curve((1, 0.2, 1), (2, 1, 1)), (1, 2)),
        ([], None),
    ],
)
def test_waiting_for_age_is_separate_from_waiting_for_quota(
    points: list[YieldPoint], days: tuple[int, int] | None
) -> None:
    """The first day on which the study's own min_comments selects all that is old enough, and the last."""
    wait = wait_for_age(points, min_comments=1)

    assert (tuple(point.days for point in wait) if wait else None) == days


def test_the_plan_of_a_recent_study_names_the_wait_for_age() -> None:
    """The quota suffices for thirty days of comments in a week, but the youngest videos need two weeks."""
    fresh = study(search(first_day=date(2026, 10, 20)), first_day=date(2026, 10, 20), last_day=date(2026, 11, 19))
    made = plan(fresh, assumed(fresh, NOW, videos_per_day={"climate": 130}), NOW)

    assert age_sentence(made, fresh) == (
        "After 7 days the quota is no limit: comments that are still missing then wait until their videos are 12 days "
        "old, the last of them for up to 14 days from now."
    )


def test_an_old_study_waits_for_its_quota_alone() -> None:
    """All of its videos are old enough now."""
    old = study()
    made = plan(old, assumed(old, NOW, videos_per_day={"climate": 1_000}), NOW)

    assert age_sentence(made, old) is None
