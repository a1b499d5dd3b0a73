"""The bearer token: fetched with the client credentials, kept in memory, shared by all threads of a client.

Here belongs how a token is got and when a new one is due. It is never written anywhere, and neither token nor secret
stands in a message or a repr.

Source: https://developers.tiktok.com/doc/client-access-token-management (2026)
"""

import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, quote_plus

from tt_pipeline.clock import Clock
from tt_pipeline.errors import ApiError, InvalidCredentials, ServerFailure, TransientApiError, UnexpectedResponse
from tt_pipeline.ids import whole_number
from tt_pipeline.research_api.page import Answer, JsonObject
from tt_pipeline.research_api.retry import NO_TOKEN, with_retries

_ASKED: Final = "access token"
_LIFETIME_S: Final = 7200
_RENEWED_EARLIER: Final = timedelta(minutes=5)
_WAITS_S: Final = (2, 10, 30, 60)
_FITS_A_HEADER: Final = re.compile(r"[!-~]+")
_WRONG_CREDENTIALS: Final = frozenset({"invalid_client"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Client key and secret; neither is shown."""

    client_key: str = field(repr=False)
    client_secret: str = field(repr=False)

    def form(self) -> dict[str, str]:
        """The form that is sent for a token."""
        return {
            "client_key": self.client_key,
            "client_secret": self.client_secret,
            "grant_type": "client_credentials",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What opens the API for two hours.

    Attributes:
        stale_from: From when on a new one is fetched instead.
    """

    value: str = field(repr=False)
    stale_from: datetime


def read_token(answer: Answer, *, base_url: str, credentials: Credentials) -> Token:
    """Understand the answer to a token request, whose errors are flat and may come under HTTP 200.

    Raises:
        InvalidCredentials: Nothing but other credentials helps.
        ServerFailure: There is no token in it; token requests fail now and then.
    """
    told = _json(answer.body)
    code, log_id = str(told.get("error") or ""), str(told.get("log_id") or "") or None
    if code in _WRONG_CREDENTIALS:
        raise InvalidCredentials(base_url, code, log_id)
    value = str(told.get("access_token") or "")
    if code or answer.status >= HTTPStatus.MULTIPLE_CHOICES or not _FITS_A_HEADER.fullmatch(value):
        message = str(told.get("error_description") or "no token in the answer")
        raise ServerFailure(
            _ASKED,
            status=answer.status,
            code=code,
            message=_without_secrets(message, credentials),
            log_id=log_id,
        )
    lifetime = timedelta(seconds=_lifetime_s(told))
    return Token(value=value, stale_from=answer.fetched_at + lifetime - min(_RENEWED_EARLIER, lifetime / 2))


class TokenKeeper:
    """Holds the one token of a client; safe between threads.

    Args:
        fetch: Sends the form and returns the answer.
    """

    def __init__(
        self, credentials: Credentials, *, base_url: str, fetch: Callable[[dict[str, str]], Answer], clock: Clock
    ) -> None:
        self._credentials, self._base_url, self._fetch, self._clock = credentials, base_url, fetch, clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self) -> Token:
        """The token to send, a new one when it is due.

        Raises:
            InvalidCredentials: Client key or secret is wrong.
            ServerUnreachable: Nobody listens.
            ServerFailure, UnexpectedResponse: No token after some tries.
        """
        with self._lock:
            if self._token is None or self._clock.now() >= self._token.stale_from:
                self._token = self._fetched()
            return self._token

    def refused(self, token: Token) -> None:
        """The server no longer takes this token; the next call of `current` fetches another."""
        with self._lock:
            if self._token is token:
                self._token = None

    def _fetched(self) -> Token:
        def attempt(_: Sequence[TransientApiError]) -> Token:
            answer = self._fetch(self._credentials.form())
            return read_token(answer, base_url=self._base_url, credentials=self._credentials)

        try:
            return with_retries(attempt, _wait_s, clock=self._clock)
        except ServerFailure as error:
            raise _given_up(error) from error


def _given_up(error: ServerFailure) -> ApiError:
    if error.status is None or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        message = " ".join(part for part in (error.code, error.message) if part)
        return ServerFailure(_ASKED, status=error.status, code=NO_TOKEN, message=message, log_id=error.log_id)
    return UnexpectedResponse(_ASKED, status=error.status, code=error.code, message=error.message, log_id=error.log_id)


def _wait_s(failures: Sequence[TransientApiError]) -> float | None:
    return dict(enumerate(_WAITS_S, start=1)).get(len(failures))


def _json(body: bytes) -> JsonObject:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lifetime_s(told: JsonObject) -> int:
    return whole_number(told.get("expires_in")) or _LIFETIME_S


def _without_secrets(message: str, credentials: Credentials) -> str:
    """The server's words, should they repeat the form that was sent: as typed, and as a form encodes it."""
    for secret in (credentials.client_secret, credentials.client_key):
        for form in (secret, quote_plus(secret), quote(secret)):
            message = message.replace(form, "…")
    return message
