"""One token request that checks the credentials and compares clocks with the server; costs no quota.

`tt doctor` uses it; collecting gets its tokens from `auth.py`, which retries.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.endpoints import TOKEN_PATH
from tt_pipeline.codebook.limits import MAX_ANSWER_BYTES
from tt_pipeline.errors import AnswerFromElsewhere, ServerUnreachable
from tt_pipeline.research_api.answer_limits import (
    AnswerTooLarge,
    Deadlines,
    UnknownEncoding,
    body_within,
)
from tt_pipeline.research_api.auth import Credentials, read_token
from tt_pipeline.research_api.http_client import open_client
from tt_pipeline.research_api.page import Answer
from tt_pipeline.research_api.protocol import not_from_the_api
from tt_pipeline.settings import proxy_of

_TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProbe:
    """What is known of a server that accepts the credentials.

    Attributes:
        ahead: How much this machine's clock is ahead of the server's, to the second; None without a Date header.
    """

    ahead: timedelta | None


def probe_server(
    credentials: Credentials, *, base_url: str, clock: Clock, transport: httpx.BaseTransport | None = None
) -> ServerProbe:
    """Request a token once and discard it.

    Args:
        clock: The machine's clock, not a shifted one.

    Raises:
        InvalidCredentials: Client key or secret is wrong.
        ServerUnreachable: No server answers.
        AnswerFromElsewhere: A web page or a redirect answers instead of the API.
        ServerFailure: The answer has no token.
    """
    deadlines = Deadlines()
    with open_client(base_url, timeout=_TIMEOUT_S, transport=transport) as http:
        deadlines.watch(http)
        request = http.build_request("POST", TOKEN_PATH, data=credentials.form())
        try:
            with deadlines.within(_TIMEOUT_S):
                response = http.send(request, stream=True)
                body = body_within(response, MAX_ANSWER_BYTES, deadlines)
        except (httpx.RequestError, AnswerTooLarge, UnknownEncoding) as error:
            problem = str(error) or type(error).__name__
            raise ServerUnreachable(base_url, problem, proxy=proxy_of(base_url)) from error
    answer = Answer(status=response.status_code, body=body, fetched_at=clock.now())
    if elsewhere := not_from_the_api(answer, redirects_to=response.headers.get("Location")):
        raise AnswerFromElsewhere("access token", base_url, elsewhere)
    read_token(answer, base_url=base_url, credentials=credentials)
    server_time = _date(response.headers.get("Date", ""))
    return ServerProbe(ahead=None if server_time is None else answer.fetched_at - server_time)


def _date(header: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(header)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
