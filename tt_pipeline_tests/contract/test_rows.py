"""Nothing that is known of the API is forgotten: every row of every table has a case, or a reason why it needs none."""

from typing import Any, Final

import pytest

from tt_pipeline_tests.contract.rows import CONTRADICTIONS, ERRORS, QUIRKS
from tt_pipeline_tests.contract.test_contradictions_of_answers import answered
from tt_pipeline_tests.contract.test_contradictions_of_queries import asked
from tt_pipeline_tests.contract.test_error_table import CASES
from tt_pipeline_tests.contract.test_quirks import quirk

NO_CODE: Final = {
    10: "what region_code means is said in the data dictionary; the value is passed on as it came",
    19: "no table keeps the address of an effect's photo; the landed page does",
    34: "about people, not programs",
    40: "TikTok Shop is not asked",
    42: "when stored data is checked again is not the client's to know",
    43: "about another client",
}
"""Rows that concern no code here, and why."""


@pytest.mark.parametrize(
    ("rows", "shown", "reasons"),
    [
        (ERRORS, {case.row for case in CASES}, {}),
        (QUIRKS, quirk.shown, {}),
        (CONTRADICTIONS, asked.shown | answered.shown, NO_CODE),
    ],
    ids=["errors", "quirks", "contradictions"],
)
def test_every_row_is_shown_or_concerns_no_code(rows: Any, shown: set[Any], reasons: dict[int, str]) -> None:
    """Each row has a case or a reason, and none has both."""
    assert set(rows) == shown | reasons.keys()
    assert shown.isdisjoint(reasons)


def test_the_tables_are_whole() -> None:
    """Rows of the error table with its rules, of the quirks and of the contradictions, as many as are known."""
    assert (len(ERRORS), len(QUIRKS), [*CONTRADICTIONS]) == (19, 22, [*range(1, 49)])
