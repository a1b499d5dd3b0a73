"""Every error of the API: the request, the client's error, and the counts of both sides."""

import pytest

from tt_pipeline.errors import ApiError
from tt_pipeline_tests.contract.error_cases import CASES, Case
from tt_pipeline_tests.contract.lab import Lab, Outcome, outcome_of

ERRORS_OF_ANSWERS = ("TokenInvalid", "SearchIdRefused", "SearchRejected", "WindowTooHeavy", "UnexpectedResponse")
"""Errors that tell of one answer."""


def name_of(case: Case) -> str:
    """The row and its variant."""
    return ": ".join(part for part in (case.row, case.face) if part)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_an_error_is_handled_as_in_the_table(lab: Lab, case: Case) -> None:
    """Status, code and text decide about retries, waits, cost and result."""
    lab.change_knobs(**case.knobs)
    if case.script:
        lab.play(case.script())
    outcome = outcome_of(lambda: case.ask(lab.client()))

    seen = {
        "wire": lab.wire,
        "becomes": str(outcome),
        "waited_s": lab.clock.slept_s,
        "charged": sum(is_charged for _, is_charged in lab.charges_in_ledger),
        "tokens": lab.tokens,
    }
    assert seen == {name: getattr(case, name) for name in seen}
    if not case.script:
        ours, theirs = lab.charges
        assert ours == theirs
    if case.becomes.endswith(ERRORS_OF_ANSWERS):
        check_message(lab, outcome)


def check_message(lab: Lab, outcome: Outcome) -> None:
    """Status, code, log_id and message are those of the last answer, and the text has all of them."""
    error, last = outcome.error, lab.shared_server.exchanges[-1]
    assert isinstance(error, ApiError)
    assert f"{error.status} {error.code or 'unreadable'}" == last.answer
    assert all(str(fact) in str(error) for fact in (error.request, error.status, error.code, error.message))
    assert error.log_id is None or error.log_id in str(error)
    assert (error.log_id or "").encode() in last.answered
