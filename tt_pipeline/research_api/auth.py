"""The bearer token: fetched with the client credentials, kept in memory, shared by all threads of a client.

This module fetches tokens and decides when a new one is due. A token is never stored, and neither token nor secret
appears in a message or a repr.

Source: https://developers.tiktok.com/doc/client-access-token-management (2026)
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, quote_plus

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.limits import LONGEST_LOG_ID, LONGEST_TOKEN_SECONDS
from tt_pipeline.errors import AnswerRejected, InvalidCredentials, ServerFailure, TransientApiError
from tt_pipeline.ids import whole_number
from tt_pipeline.json_text import NotJson, one_line, read_json
from tt_pipeline.research_api.page import Answer, JsonObject
from tt_pipeline.research_api.retry import NO_TOKEN, TOKEN_WAITS_S, with_retries

_DESCRIPTION: Final = "access token"
_LIFETIME_S: Final = 7200
_RENEWED_EARLIER: Final = timedelta(minutes=5)
_FITS_A_HEADER: Final = re.compile(r"[!-~]+")
_LONGEST_TEXT: Final = 300
_LONGEST_TOKEN: Final = 4_096
_SHORTEST_SECRET: Final = 7
_INSTEAD: Final = b"[removed]"
_MAY_BE_ESCAPED: Final = re.compile(rb"\\(?:[/\"\\]|u)")
_WRONG_CREDENTIALS: Final = frozenset({"invalid_client"})


PASSED: Final = "the arguments client_key and client_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Client key and secret; `repr` shows neither.

    Attributes:
        source: Where they come from, for the message if they are wrong.
    """

    client_key: str = field(repr=False)
    client_secret: str = field(repr=False)
    source: str = PASSED

    def form(self) -> dict[str, str]:
        """The form fields of a token request."""
        return {
            "client_key": self.client_key,
            "client_secret": self.client_secret,
            "grant_type": "client_credentials",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token, which is valid for two hours.

    Attributes:
        stale_from: From this instant on a new token is fetched.
    """

    value: str = field(repr=False)
    stale_from: datetime


def read_token(answer: Answer, *, base_url: str, credentials: Credentials) -> Token:
    """Read the answer to a token request; its errors have a flat shape and may come with HTTP 200.

    Raises:
        InvalidCredentials: Client key or secret is wrong.
        ServerFailure: The answer has no token; token requests fail now and then.
    """
    fields = _json(answer.body)
    code = _without_secrets(one_line(fields.get("error") or "", longest=_LONGEST_TEXT), credentials)
    log_id = _without_secrets(one_line(fields.get("log_id") or "", longest=LONGEST_LOG_ID), credentials) or None
    if code in _WRONG_CREDENTIALS:
        raise InvalidCredentials(base_url, code, log_id, source=credentials.source)
    value = fields.get("access_token")
    is_usable = isinstance(value, str) and len(value) <= _LONGEST_TOKEN and _FITS_A_HEADER.fullmatch(value)
    if code or answer.status >= HTTPStatus.MULTIPLE_CHOICES or not is_usable:
        message = one_line(fields.get("error_description") or "no token in the answer", longest=_LONGEST_TEXT)
        raise ServerFailure(
            _DESCRIPTION,
            status=answer.status,
            code=code,
            message=_without_secrets(message, credentials),
            log_id=log_id,
        )
    lifetime = timedelta(seconds=_lifetime_s(fields))
    return Token(value=str(value), stale_from=answer.fetched_at + lifetime - min(_RENEWED_EARLIER, lifetime / 2))


class TokenKeeper:
    """Keeps the one token of a client and renews it; thread-safe.

    Args:
        fetch: Sends the form fields and returns the answer.
    """

    def __init__(
        self, credentials: Credentials, *, base_url: str, fetch: Callable[[dict[str, str]], Answer], clock: Clock
    ) -> None:
        self._credentials, self._base_url, self._fetch, self._clock = credentials, base_url, fetch, clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._issued: list[Token] = []

    def current(self) -> Token:
        """A valid token, fetched anew when it is due.

        Raises:
            InvalidCredentials: Client key or secret is wrong.
            ServerUnreachable: No server answers.
            ServerFailure: There was no token after several tries.
        """
        with self._lock:
            if self._token is None or self._clock.now() >= self._token.stale_from:
                self._token = self._fetched()
                self._issued.append(self._token)
            return self._token

    def refused(self, token: Token) -> None:
        """Forget a token that the server refused; the next call of `current` fetches another."""
        with self._lock:
            if self._token is token:
                self._token = None

    def scrubbed(self, body: bytes) -> tuple[bytes, int]:
        """A body without the client secret and the tokens of this process, and how many copies were replaced."""
        found = 0
        for secret in _written(self._secrets()):
            if secret in body:
                found += body.count(secret)
                body = body.replace(secret, _INSTEAD)
        if _MAY_BE_ESCAPED.search(body):
            for plain in _long(self._secrets()):
                body, more = _escaped(plain).subn(_INSTEAD, body)
                found += more
        return body, found

    def without_secrets(self, text: str) -> str:
        """A text for a message, without the client secret and the tokens of this process."""
        return self.scrubbed(text.encode(errors="replace"))[0].decode()

    def _secrets(self) -> list[str]:
        return [self._credentials.client_secret, *(token.value for token in self._issued)]

    def _fetched(self) -> Token:
        def attempt(_: Sequence[TransientApiError]) -> Token:
            answer = self._fetch(self._credentials.form())
            return read_token(answer, base_url=self._base_url, credentials=self._credentials)

        try:
            return with_retries(attempt, _wait_s, clock=self._clock)
        except (ServerFailure, AnswerRejected) as error:
            raise _final_error(error) from error


def _final_error(error: ServerFailure | AnswerRejected) -> ServerFailure:
    """Without a token no request can be sent, whatever the answer was."""
    message = " ".join(part for part in (error.code, error.message) if part)
    return ServerFailure(_DESCRIPTION, status=error.status, code=NO_TOKEN, message=message, log_id=error.log_id)


def _wait_s(failures: Sequence[TransientApiError]) -> float | None:
    return dict(enumerate(TOKEN_WAITS_S, start=1)).get(len(failures))


def _json(body: bytes) -> JsonObject:
    try:
        fields = read_json(body).value
    except NotJson:
        return {}
    return fields if isinstance(fields, dict) else {}


def _lifetime_s(fields: JsonObject) -> int:
    seconds = whole_number(fields.get("expires_in"))
    return min(seconds, LONGEST_TOKEN_SECONDS) if seconds and seconds > 0 else _LIFETIME_S


def _without_secrets(message: str, credentials: Credentials) -> str:
    """The server's message without the credentials."""
    for secret in _written([credentials.client_secret, credentials.client_key]):
        message = message.replace(secret.decode(), "…")
    return message


def _written(secrets: Iterable[str]) -> set[bytes]:
    """Secrets as a server may repeat them: as they are, and URL-encoded. Short ones could be parts of words."""
    return {form.encode() for secret in _long(secrets) for form in (secret, quote_plus(secret), quote(secret))}


def _long(secrets: Iterable[str]) -> list[str]:
    return [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]


@cache
def _escaped(secret: str) -> re.Pattern[bytes]:
    """The secret in JSON, where any character may be written as an escape."""
    return re.compile("".join(f"(?:{'|'.join(_forms(character))})" for character in secret).encode())


def _forms(character: str) -> Iterable[str]:
    yield re.escape(character)
    yield f"(?i:{re.escape(json.dumps(character)[1:-1])})"
    if character.isascii():
        yield rf"\\(?i:u{ord(character):04x})"
    if character == "/":
        yield r"\\/"
