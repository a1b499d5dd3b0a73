"""POST /v2/oauth/token/: a client's credentials are exchanged for a token.

Unlike all other errors, those of this endpoint are not in an `error` object.

Source: https://developers.tiktok.com/doc/client-access-token-management/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tt_pipeline.simulator.records import encode
from tt_pipeline.simulator.responses import OK, HttpResponse, log_id
from tt_pipeline.simulator.state import State

TOKEN = "oauth_token"  # noqa: S105 — the endpoint's name in the log
_REQUIRED = ("client_key", "client_secret", "grant_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """The credentials that get a token."""

    client_key: str
    client_secret: str = field(repr=False)


def issue_token(state: State, credentials: ClientCredentials, form: Mapping[str, str]) -> HttpResponse:
    """Answer and log a request for a token; it costs no quota."""
    response = _answer(state, credentials, form)
    state.log_request(TOKEN, response, charged=False, body=None)
    return response


def _answer(state: State, credentials: ClientCredentials, form: Mapping[str, str]) -> HttpResponse:
    if not all(form.get(name) for name in _REQUIRED):
        return _refused(state, "invalid_request", "The request parameters are malformed.")
    if form["grant_type"] != "client_credentials":
        return _refused(state, "unsupported_grant_type", "Grant type is not supported.")
    if (form["client_key"], form["client_secret"]) != (credentials.client_key, credentials.client_secret):
        return _refused(state, "invalid_client", "Client key or secret is incorrect.", status=401)
    knobs = state.knobs
    token = state.tokens.issue(state.clock.second(), ttl_s=knobs.token_ttl_s, single_active=knobs.token_single_active)
    success = {"access_token": token, "expires_in": int(knobs.token_ttl_s), "token_type": "Bearer"}
    return HttpResponse(status=200, code=OK, body=encode(success))


def _refused(state: State, code: str, description: str, *, status: int = 400) -> HttpResponse:
    new_log_id = log_id(state.clock.now(), state.random)
    error = {"error": code, "error_description": description, "log_id": new_log_id}
    return HttpResponse(status=state.knobs.oauth_error_status or status, code=code, body=encode(error))
