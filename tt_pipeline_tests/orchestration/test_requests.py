"""Due work becomes one run for each span of days, and no work is in two runs."""

from datetime import date

import dagster as dg

from tt_pipeline.coverage.due_work import Work
from tt_pipeline.coverage.windows import Window
from tt_pipeline.orchestration.names import DAY_TAG
from tt_pipeline.orchestration.requests import Batch, batches, run_requests
from tt_pipeline.vocabulary import Bucket

TODAY = date(2026, 11, 20)
THIRD = Window(first_day=date(2026, 11, 17), last_day=date(2026, 11, 17))
TWELFTH = Window(first_day=date(2026, 11, 8), last_day=date(2026, 11, 8))


def work(asset: str, window: Window) -> Work:
    """One piece of due work."""
    return Work(asset=asset, window=window, reason="a look is due")


def test_searches_of_the_same_days_share_a_run_with_their_creators() -> None:
    """Looks and creators of the same days are one run; comments are another run."""
    due = [
        work("videos/climate", THIRD),
        work("videos/football", THIRD),
        work("videos/climate", TWELFTH),
        work("comments", TWELFTH),
    ]

    assert batches(due, with_users=True) == [
        Batch(assets=("videos/climate", "videos/football", "users"), window=THIRD),
        Batch(assets=("videos/climate", "users"), window=TWELFTH),
        Batch(assets=("comments",), window=TWELFTH),
    ]


def test_creators_wait_for_all_searches_of_their_days() -> None:
    """Searches with different days are separate runs, before the run with the creators of all their days."""
    both = Window(first_day=TWELFTH.first_day, last_day=THIRD.last_day)

    assert batches([work("videos/climate", both), work("videos/football", THIRD)], with_users=True) == [
        Batch(assets=("videos/climate",), window=both),
        Batch(assets=("videos/football",), window=THIRD),
        Batch(assets=("users",), window=both),
    ]


def test_followers_are_a_run_without_assets_of_the_main_quota() -> None:
    """Lists of the main bucket are one run, lists of the social bucket another one."""
    due = [
        work("users", THIRD),
        work("social/pinned", THIRD),
        work("social/followers", THIRD),
        work("social/liked", THIRD),
        work("social/following", THIRD),
    ]
    waiting = batches(due, with_users=True)
    requests = run_requests(waiting, day=TODAY, tick="daily", unfinished=[])

    assert waiting == [
        Batch(assets=("users",), window=THIRD),
        Batch(assets=("social/pinned", "social/liked"), window=THIRD),
        Batch(assets=("social/followers", "social/following"), window=THIRD),
    ]
    assert [batch.bucket for batch in waiting] == [Bucket.MAIN, Bucket.MAIN, Bucket.SOCIAL]
    assert [DAY_TAG in request.tags for request in requests] == [True, True, False]


def test_a_run_on_its_way_is_not_requested_again() -> None:
    """Neither the schedule nor the sensor repeats a queued or started run."""
    batch = Batch(assets=("videos/climate",), window=THIRD)
    (request,) = run_requests([batch], day=TODAY, tick="daily", unfinished=[])

    assert request.asset_selection == [dg.AssetKey(["videos", "climate"])]
    assert request.run_key == "2026-11-20:daily:videos/climate:2026-11-17"
    assert run_requests([batch], day=TODAY, tick="later", unfinished=[request.tags]) == []
