"""Tokens: how they are issued and how long they are valid."""

import re

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.simulator.builders import error_of, session, wide_body

TOKEN_INVALID = (401, "access_token_invalid", "The access token is invalid or not found in the request.")


def test_a_token_is_issued_for_two_hours() -> None:
    """The answer is flat: token, seconds, type."""
    answer = session().ask_token()
    token = answer.json()["access_token"]
    assert re.fullmatch(r"clt\.[A-Za-z0-9]{34}", token)
    assert answer.json() == {"access_token": token, "expires_in": 7200, "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("form", "status", "code", "description"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", "Client key or secret is incorrect."),
        ({"client_key": "wrong"}, 401, "invalid_client", "Client key or secret is incorrect."),
        ({"client_key": ""}, 400, "invalid_request", "The request parameters are malformed."),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", "Grant type is not supported."),
    ],
)
def test_a_refused_token_has_a_flat_error(form: dict[str, str], status: int, code: str, description: str) -> None:
    """OAuth errors have another form than all others, and may have status 200."""
    strict, lax = session().ask_token(**form), session(Knobs(oauth_error_status=200)).ask_token(**form)
    assert (strict.status_code, lax.status_code) == (status, 200)
    assert strict.json() | {"log_id": ""} == {"error": code, "error_description": description, "log_id": ""}


def test_a_token_dies_by_the_clock() -> None:
    """A token works a second before 7200 and not after it; a new one works."""
    at = session()
    at.simulator.clock.advance(seconds=7_199)
    assert at.query(wide_body()).status_code == 200
    at.simulator.clock.advance(seconds=1)
    assert error_of(at.query(wide_body())) == TOKEN_INVALID
    at.token = at.ask_token().json()["access_token"]
    assert at.query(wide_body()).status_code == 200


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer clt.invented", "Basic abc"])
def test_without_a_token_every_request_is_refused(header: str | None) -> None:
    """A request without a valid token gets a 401 and is not charged."""
    at = session()
    headers = {} if header is None else {"Authorization": header}
    refused = at.client.post("/v2/research/video/query/", headers=headers, json=wide_body())
    assert error_of(refused) == TOKEN_INVALID
    assert refused.json()["data"] == {}
    assert at.simulator.charged() == 0


def test_the_scheme_may_be_lower_case_and_the_slash_may_miss() -> None:
    """`bearer` is accepted, and so is the path without its last slash."""
    at = session()
    headers = {"Authorization": f"bearer {at.token}"}
    answer = at.client.post("/v2/research/video/query", params={"fields": "id"}, headers=headers, json=wide_body())
    assert answer.status_code == 200


def test_a_new_token_may_end_the_old_one() -> None:
    """With token_single_active only one token is valid; by default both are."""
    for single, status in ((False, 200), (True, 401)):
        at = session(Knobs(token_single_active=single))
        at.ask_token()
        assert at.query(wide_body()).status_code == status


def test_tokens_and_secrets_are_not_in_the_log() -> None:
    """The log has the token requests without tokens and secrets."""
    at = session()
    entry = at.simulator.log[0]
    assert (entry.endpoint, entry.charged, entry.body) == ("oauth_token", False, None)
    assert "sim-secret" not in repr(at.simulator.log)


def test_other_methods_are_not_allowed() -> None:
    """Every endpoint accepts POST only."""
    assert session().client.get("/v2/research/video/query/").status_code == 405
