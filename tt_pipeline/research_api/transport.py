"""Send requests over one HTTP client, with one token and one request rate for all threads.

This module only does I/O: `protocol.py` reads answers, and `retry.py` decides on retries.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import httpx

from tt_pipeline.clock import Clock
from tt_pipeline.codebook.endpoints import TOKEN_PATH, Endpoint
from tt_pipeline.errors import (
    AnswerFromElsewhere,
    AnswerRejected,
    ApiError,
    RateLimited,
    ServerFailure,
    ServerUnreachable,
    TokenInvalid,
    TransientApiError,
)
from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.research_api.answer_limits import (
    AnswerLimits,
    AnswerTooLarge,
    Deadlines,
    UnknownEncoding,
    body_within,
)
from tt_pipeline.research_api.auth import Credentials, Token, TokenKeeper
from tt_pipeline.research_api.drift import DriftWatch
from tt_pipeline.research_api.gate import Reservation, SendGate
from tt_pipeline.research_api.http_client import open_client
from tt_pipeline.research_api.pacing import Breaker, Pacer
from tt_pipeline.research_api.page import Answer, JsonObject, Page
from tt_pipeline.research_api.protocol import not_from_the_api, open_answer, read_page
from tt_pipeline.research_api.retry import NO_ANSWER, REJECTED, UNREACHABLE, RetryPolicy, with_retries
from tt_pipeline.settings import proxy_of

log = logging.getLogger(__name__)

_TIMEOUT: Final = httpx.Timeout(connect=10, read=300, write=60, pool=300)  # gateways have taken 4 minutes to time out
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """One request as it will be sent.

    Attributes:
        description: The request in words, for errors.
        fields: The `fields` parameter; "" for none.
        upload: Name and bytes of a file; the body is then sent as a form.
        has_fresh_search_id: Its search_id, if any, was issued to this process, not to an earlier one.
    """

    endpoint: Endpoint
    body: JsonObject
    description: str
    fields: str = ""
    upload: tuple[str, bytes] | None = None
    has_fresh_search_id: bool = True


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """The result of a request, for the gate."""

    status: int | None = None
    code: str = NO_ANSWER
    log_id: str | None = None
    records: int = 0
    slots: int = 0


class Transport:
    """Sends requests; thread-safe."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str,
        clock: Clock,
        policy: RetryPolicy,
        requests_per_second: float,
        transport: httpx.BaseTransport | None,
        drift: DriftWatch,
        limits: AnswerLimits,
    ) -> None:
        self._base_url, self._clock, self._policy, self._drift = base_url, clock, policy, drift
        self._limits, self._deadlines = limits, Deadlines()
        self._pacer, self._breaker = Pacer(requests_per_second, clock=clock), Breaker(clock=clock)
        self._tokens = TokenKeeper(credentials, base_url=base_url, fetch=self._fetch_token, clock=clock)
        self._has_answered = False
        self._http = open_client(base_url, timeout=_TIMEOUT, transport=transport)
        self._deadlines.watch(self._http)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sign_in(self) -> None:
        """Fetch a token unless there is a valid one; costs no quota.

        Raises:
            NotAuthorized, ServerUnreachable, ApiError: The server gave no token.
        """
        self._tokens.current()

    def send(self, request: ApiRequest, gate: SendGate) -> Page:
        """Send a request, with retries as the policy allows; each try is reserved at the gate.

        Raises:
            QuotaExhausted: The gate or the server reports that no quota is left.
            TtPipelineError: The answer is an error; see `errors.py`.
        """

        def attempt(failures: Sequence[TransientApiError]) -> Page:
            return self._attempt(request, gate, failures)

        def wait_s(failures: Sequence[TransientApiError]) -> float | None:
            return self._policy.wait_s(failures, has_fresh_search_id=request.has_fresh_search_id)

        return with_retries(attempt, wait_s, clock=self._clock)

    def _attempt(self, request: ApiRequest, gate: SendGate, failures: Sequence[TransientApiError]) -> Page:
        self._breaker.check(request.description)
        token = self._tokens.current()
        self._pacer.wait()
        reservation = gate.reserve(request.endpoint.bucket, request.endpoint.name)
        try:
            page = self._exchange(request, token, reservation, failures)
        except ApiError as error:
            self._breaker.note(has_failed=isinstance(error, ServerFailure | AnswerRejected))
            if isinstance(error, TokenInvalid):
                self._tokens.refused(token)
            error.rejected = (*(failures[-1].rejected if failures else ()), *error.rejected)
            raise
        self._breaker.note(has_failed=False)
        self._drift.look(request.endpoint, page.records)
        return page

    def _exchange(
        self, request: ApiRequest, token: Token, reservation: Reservation, failures: Sequence[TransientApiError]
    ) -> Page:
        outcome, sent_at = _Outcome(), self._clock.now()
        try:
            return self._sent(request, token, outcome, failures)
        finally:
            reservation.settle(
                status=outcome.status,
                code=outcome.code,
                log_id=outcome.log_id,
                records=outcome.records,
                slots=outcome.slots,
                seconds=max(0.0, (self._clock.now() - sent_at).total_seconds()),  # the clock may be set back
            )

    def _sent(
        self, request: ApiRequest, token: Token, outcome: _Outcome, failures: Sequence[TransientApiError]
    ) -> Page:
        try:
            answer = self._post(request, token)
        except (ServerUnreachable, ApiError) as error:
            outcome.code = getattr(error, "code", UNREACHABLE)
            raise
        mute = sum(isinstance(failure, RateLimited) and not failure.code for failure in failures)
        opened = open_answer(request.endpoint, answer, unreadable_before=mute)
        outcome.status, outcome.code, outcome.log_id = answer.status, opened.code or "unreadable", opened.log_id
        page = read_page(request.endpoint, request.body, answer, opened, description=request.description)
        outcome.records, outcome.slots = len(page.records), page.slots
        return replace(page, rejected=failures[-1].rejected) if failures else page

    def _post(self, request: ApiRequest, token: Token) -> Answer:
        headers = {"Authorization": f"Bearer {token.value}"}
        params = {"fields": request.fields} if request.fields else {}
        path = request.endpoint.path
        if request.upload is None:
            built = self._http.build_request("POST", path, params=params, headers=headers, json=request.body)
        else:
            files = {"file_data": (*request.upload, "text/plain")}
            built = self._http.build_request(
                "POST", path, params=params, headers=headers, data=request.body, files=files
            )
        answer = self._answer(request.description, built)
        body, scrubbed = self._tokens.scrubbed(answer.body)
        return replace(answer, body=body, scrubbed=scrubbed) if scrubbed else answer

    def _fetch_token(self, form: dict[str, str]) -> Answer:
        headers = {"Cache-Control": "no-cache"}
        request = self._http.build_request("POST", TOKEN_PATH, data=form, headers=headers)
        return self._answer("access token", request, has_token=True)

    def _answer(self, description: str, request: httpx.Request, *, has_token: bool = False) -> Answer:
        with self._deadlines.within(self._limits.seconds):
            try:
                response = self._http.send(request, stream=True)
                try:
                    body = body_within(response, self._limits.bytes, self._deadlines)
                finally:
                    response.close()
            except AnswerTooLarge as error:
                reason = f"the answer is larger than TT_MAX_ANSWER_BYTES={self._limits.bytes}"
                begun = b"" if has_token else self._tokens.scrubbed(error.begun)[0]
                kept = RejectedAnswer.of(begun, reason, is_cut=True)
                raise self._rejected(
                    description, response.status_code, reason, kept=kept
                ) from None  # the cause is unscrubbed
            except UnknownEncoding as error:
                raise self._rejected(
                    description, response.status_code, f"the answer cannot be read: {error}"
                ) from error
            except httpx.RequestError as error:
                raise self._failure(description, error) from error
        self._has_answered = True
        answer = Answer(
            status=response.status_code,
            body=body,
            fetched_at=self._clock.now(),
            retry_after_s=_seconds(response.headers.get("Retry-After")),
        )
        if problem := not_from_the_api(answer, redirects_to=response.headers.get("Location")):
            raise AnswerFromElsewhere(description, self._base_url, self._tokens.without_secrets(problem))
        return answer

    def _failure(self, description: str, error: httpx.RequestError) -> ServerUnreachable | ApiError:
        if self._deadlines.is_over():
            seconds = f"{self._limits.seconds:g}"
            return self._rejected(description, None, f"the answer took longer than TT_ANSWER_SECONDS={seconds}")
        if not isinstance(error, _NOT_SENT):
            return ServerFailure(description, code=NO_ANSWER, message=type(error).__name__)
        if not self._has_answered:
            return ServerUnreachable(self._base_url, str(error), proxy=proxy_of(self._base_url))
        return ServerFailure(description, code=UNREACHABLE, message=str(error))

    @staticmethod
    def _rejected(
        description: str, status: int | None, reason: str, *, kept: RejectedAnswer | None = None
    ) -> AnswerRejected:
        error = AnswerRejected(description, status=status, code=REJECTED, message=reason)
        error.rejected = (kept or RejectedAnswer.of(b"", reason, is_cut=True),)
        return error


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:  # a date instead of seconds: the policy's own waits apply
        return None
