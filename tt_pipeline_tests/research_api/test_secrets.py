"""No secret is in a message, a repr or a log."""

import logging
import traceback

import httpx
import pytest
from pydantic import SecretStr

from tt_pipeline.errors import TtPipelineError
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.research_api.auth import Credentials, read_token
from tt_pipeline_tests.research_api.server import (
    FIRST_DAY,
    KEY,
    LAST_DAY,
    SECRET,
    TOKEN,
    WILD_BEES,
    Reply,
    Script,
    answer,
    client,
    document,
)

ECHO = httpx.Response(400, json={"error": "invalid_request", "error_description": f"{SECRET} is not a secret"})


@pytest.mark.parametrize(
    ("replies", "tokens"),
    [
        ([document("internal_error_a"), httpx.ReadTimeout("slow"), document("gateway_timeout_html")], []),
        ([document("token_named_in_message"), document("token_named_in_message")], []),
        ([httpx.ConnectError("refused")] * 3, []),
        ([], [document("oauth_invalid_client")]),
        ([], [ECHO] * 5),
        ([], [httpx.ConnectError("refused")]),
        ([document("html_404")], []),
        ([document("scope_not_authorized")], []),
        ([document("daily_quota_limit_exceeded")], []),
    ],
)
def test_no_error_and_no_log_line_shows_a_secret(
    replies: list[Reply], tokens: list[Reply], caplog: pytest.LogCaptureFixture
) -> None:
    """Secret and token are in no traceback and in no log line, also of other libraries."""
    with caplog.at_level(logging.DEBUG), pytest.raises(TtPipelineError) as caught:
        list(client(Script(replies, tokens)).video_pages(WILD_BEES, FIRST_DAY, LAST_DAY))
    text = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)) + caplog.text
    assert [secret for secret in (SECRET, TOKEN) if secret in text] == []


def test_no_repr_shows_a_secret() -> None:
    """Client, credentials, token and page have no secret in their repr."""
    credentials = Credentials(client_key=KEY, client_secret=SECRET)
    token = read_token(answer("token"), base_url="x", credentials=credentials)
    api = client(Script([document("user_info")]))
    page = api.user_info("lena")
    shown = (credentials, token, api, page, api._transport, vars(api), vars(api._transport))
    text = "".join(map(repr, shown))
    assert [secret for secret in (KEY, SECRET, TOKEN) if secret in text] == []


def test_a_secret_may_come_wrapped() -> None:
    """The settings pass the secret as pydantic's SecretStr."""
    script = Script([document("user_info")])
    api = ResearchApi(KEY, SecretStr(SECRET), transport=httpx.MockTransport(script))
    assert len(api.user_info("lena").records) == 1
