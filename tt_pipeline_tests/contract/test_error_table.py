"""Every error of the API: what is sent, what the client makes of it, what both sides call it and count."""

import pytest

from tt_pipeline.errors import ApiError
from tt_pipeline_tests.contract.error_cases import CASES, Case
from tt_pipeline_tests.contract.lab import Lab, Outcome, outcome_of

TOLD = ("TokenInvalid", "SearchIdRefused", "SearchRejected", "WindowTooHeavy", "UnexpectedResponse")
"""Errors that tell of one answer."""


def name_of(case: Case) -> str:
    """The row and its face."""
    return ": ".join(part for part in (case.row, case.face) if part)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_an_error_is_what_the_table_says(lab: Lab, case: Case) -> None:
    """What is sent again, after how long, what it costs and what becomes of it follows from status, code and text."""
    lab.change_knobs(**case.knobs)
    if case.script:
        lab.play(case.script())
    outcome = outcome_of(lambda: case.ask(lab.client()))

    seen = {
        "wire": lab.wire,
        "becomes": str(outcome),
        "waited_s": lab.clock.slept_s,
        "booked": sum(is_charged for _, is_charged in lab.booked),
        "tokens": lab.tokens,
    }
    assert seen == {name: getattr(case, name) for name in seen}
    if not case.script:
        ours, theirs = lab.charges
        assert ours == theirs
    if case.becomes.endswith(TOLD):
        check_message(lab, outcome)


def check_message(lab: Lab, outcome: Outcome) -> None:
    """Status, code, log_id and message are those of the last answer, and all of them are in the text."""
    error, last = outcome.error, lab.stage.exchanges[-1]
    assert isinstance(error, ApiError)
    assert f"{error.status} {error.code or 'unreadable'}" == last.told
    assert all(str(fact) in str(error) for fact in (error.request, error.status, error.code, error.message))
    assert error.log_id is None or error.log_id in str(error)
    assert (error.log_id or "").encode() in last.answered
