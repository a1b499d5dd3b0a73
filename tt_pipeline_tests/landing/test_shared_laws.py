"""Machines that share a landing zone end with the same files, whatever happens to them on the way."""

from hypothesis import given

from tt_pipeline_tests.landing.lives import ACTIONS, Action, problems


@given(ACTIONS)
def test_machines_end_equal_and_lose_no_page_that_has_landed(actions: list[Action]) -> None:
    """After any order of pages, kills, outages, pauses, deletions and damage, all folders and the bucket agree.

    A page whose landing was reported is there once, unless it was deleted; a deleted one is nowhere.
    """
    assert problems(actions) == {}
