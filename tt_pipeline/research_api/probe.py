"""One token request, to learn whether the server knows us and agrees about the time; costs no quota.

Here belongs the single question of `tt doctor`; collecting gets its tokens in `auth.py`, which tries again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.endpoints import TOKEN_PATH
from tt_pipeline.errors import ServerUnreachable
from tt_pipeline.research_api.auth import Credentials, read_token
from tt_pipeline.research_api.page import Answer

_TIMEOUT_S: Final = 20
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProbe:
    """What a server that accepts the credentials tells of itself.

    Attributes:
        ahead: How much this machine's clock is ahead of the server's, to the second; None when it does not say.
    """

    ahead: timedelta | None


def probe_server(
    credentials: Credentials, *, base_url: str, clock: Clock, transport: httpx.BaseTransport | None = None
) -> ServerProbe:
    """Ask once for a token, and throw it away.

    Args:
        clock: The machine's, not a shifted one.

    Raises:
        InvalidCredentials: Client key or secret is wrong.
        ServerUnreachable: Nobody answers.
        ServerFailure: Whoever answers gives no token.
    """
    is_local = urlsplit(base_url).hostname in _LOOPBACK
    with httpx.Client(timeout=_TIMEOUT_S, transport=transport, trust_env=not is_local) as http:
        try:
            response = http.post(f"{base_url}{TOKEN_PATH}", data=credentials.form())
        except httpx.RequestError as error:
            raise ServerUnreachable(base_url, str(error) or type(error).__name__) from error
    came = Answer(status=response.status_code, body=response.content, fetched_at=clock.now())
    read_token(came, base_url=base_url, credentials=credentials)
    told = _date(response.headers.get("Date", ""))
    return ServerProbe(ahead=None if told is None else came.fetched_at - told)


def _date(header: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(header)
    except ValueError:
        return None
    return told if told.tzinfo else None
