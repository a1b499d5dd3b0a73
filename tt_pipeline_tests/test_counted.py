"""A number and its noun agree."""

import pytest

from tt_pipeline.counted import counted, with_noun


@pytest.mark.parametrize(
    ("number", "noun", "verb", "shown"),
    [
        (1, "row", "", "1 row"),
        (0, "row", "", "0 rows"),
        (7065, "row", "", "7,065 rows"),
        (1, "search", "are", "1 search is"),
        (2, "search", "are", "2 searches are"),
        (2, "query", "", "2 queries"),
        (2, "day", "have", "2 days have"),
        (1, "day", "have", "1 day has"),
    ],
)
def test_noun_and_verb_follow_the_number(number: int, noun: str, verb: str, shown: str) -> None:
    """One is singular, everything else plural."""
    assert counted(number, noun, verb) == shown


@pytest.mark.parametrize(("number", "shown"), [("1", "1 request"), ("1.2", "1.2 requests"), ("3 M", "3 M requests")])
def test_a_formatted_number_decides_by_what_is_shown(number: str, shown: str) -> None:
    """An estimate of 0.98 that is shown as 1 is singular too."""
    assert with_noun(number, "request") == shown
