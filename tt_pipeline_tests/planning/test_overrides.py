"""How many videos a day searches find, from the command line."""

from datetime import date

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.planning import Estimate, assumed, plan, read_overrides
from tt_pipeline.studies import Sample, Study
from tt_pipeline.vocabulary import ConditionField
from tt_pipeline_tests.planning.builders import FIRST, NOW, query_for, search, study

IDS = search("ids", query=query_for(ConditionField.VIDEO_ID, "1", "2"), last_day=date(2026, 10, 10))


def kinds() -> Study:
    """Two searches that list videos, one of them up to a cap, a sample and a list of ids."""
    drawn = search("drawn", sample=Sample(random=20))
    return study(search("climate"), search("capped", max_videos_per_day=500), drawn, IDS)


@pytest.mark.parametrize(
    ("written", "overrides"),
    [
        ((), {}),
        (("40",), {"climate": 40, "capped": 40}),
        (("climate=9",), {"climate": 9}),
        (("climate=9", "40", "drawn=0.5"), {"climate": 9, "capped": 40, "drawn": 0.5}),
    ],
)
def test_a_number_overrides_one_search_or_all_that_list_videos(
    written: tuple[str, ...], overrides: dict[str, float]
) -> None:
    """A number with a name wins over a plain one, which does not apply to samples and lists of ids."""
    assert read_overrides(written, kinds()) == overrides


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("climat=9", "it has climate, capped, drawn, ids. Did you mean climate?"),
        ("ids=9", "ids has a list of ids"),
        ("climate=many", "--videos-per-day climate=many: say a number up to 1,000,000,000, or NAME=NUMBER"),
        ("-1", "say a number"),
        ("nan", "say a number"),
        ("1e308", "say a number"),
    ],
)
def test_an_invalid_override_is_named(written: str, problem: str) -> None:
    """The message repeats the option and names the nearest search."""
    with pytest.raises(UsageError, match=problem.replace("(", r"\(")):
        read_overrides([written], kinds())


def test_an_override_changes_its_search_alone() -> None:
    """The others stay assumed; a sample finds at most what it draws at its looks."""
    of = study(*kinds().searches, first_day=FIRST)
    made = plan(of, assumed(of, NOW, videos_per_day={"climate": 9, "drawn": 1_000}), NOW)

    found = {search.search: (search.videos_per_day.likely, search.is_given) for search in made.searches}
    assert found == {
        "climate": (9, True),
        "capped": (10, False),
        "drawn": (40, True),
        "ids": (pytest.approx(1.7 / 10), False),
    }
    assert made.searches[0].videos_per_day == Estimate.within(9, 0.25)
