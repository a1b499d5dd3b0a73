"""What people say of their searches on the command line."""

from datetime import date

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.planning import Estimate, assumed, plan, read_overrides
from tt_pipeline.studies import Sample, Study
from tt_pipeline.vocabulary import ConditionField
from tt_pipeline_tests.planning.builders import FIRST, NOW, asked, search, study

IDS = search("ids", query=asked(ConditionField.VIDEO_ID, "1", "2"), last_day=date(2026, 10, 10))


def kinds() -> Study:
    """Two searches that are listed, one of them to a cap, a sample and a list of ids."""
    drawn = search("drawn", sample=Sample(random=20))
    return study(search("climate"), search("capped", max_videos_per_day=500), drawn, IDS)


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ((), {}),
        (("40",), {"climate": 40, "capped": 40}),
        (("climate=9",), {"climate": 9}),
        (("climate=9", "40", "drawn=0.5"), {"climate": 9, "capped": 40, "drawn": 0.5}),
    ],
)
def test_a_number_is_for_one_search_or_for_all_that_are_listed(
    written: tuple[str, ...], given: dict[str, float]
) -> None:
    """A name goes before a plain number, which says nothing of samples and lists of ids."""
    assert read_overrides(written, kinds()) == given


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("climat=9", "it has climate, capped, drawn, ids. Did you mean climate?"),
        ("ids=9", "ids has a list of ids"),
        ("climate=many", "--videos-per-day climate=many: say a number, or NAME=NUMBER for one search."),
        ("-1", "say a number"),
        ("nan", "say a number"),
    ],
)
def test_what_is_no_number_of_a_search_is_named(written: str, problem: str) -> None:
    """The message says what was written, and names the nearest search."""
    with pytest.raises(UsageError, match=problem.replace("(", r"\(")):
        read_overrides([written], kinds())


def test_what_is_given_holds_for_its_search_alone() -> None:
    """The others stay assumed; a sample finds no more than it draws at its looks."""
    of = study(*kinds().searches, first_day=FIRST)
    made = plan(of, assumed(of, NOW, videos_per_day={"climate": 9, "drawn": 1_000}), NOW)

    told = {outlook.search: (outlook.videos_per_day.likely, outlook.is_given) for outlook in made.searches}
    assert told == {
        "climate": (9, True),
        "capped": (10, False),
        "drawn": (40, True),
        "ids": (pytest.approx(1.7 / 10), False),
    }
    assert made.searches[0].videos_per_day == Estimate.within(9, 0.25)
