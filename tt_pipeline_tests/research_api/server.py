"""Below the client in tests: documents, a scripted server, a gate that records, and ready-made queries."""

import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from tt_pipeline.clock import next_midnight
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.query import Condition, Query
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.research_api.page import Answer
from tt_pipeline.vocabulary import Bucket, ConditionField, Operation
from tt_pipeline_tests.frozen_clock import FrozenClock

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 11, 2)
KEY, SECRET, TOKEN = "awtestclientkey01", "sim-secret-not-real", "clt.sim0001aQ9wZr3Tt7Kq2Lm5Np8Vx"
WILD_BEES = Query(
    all_of=(Condition(field=ConditionField.HASHTAG_NAME, operation=Operation.EQ, values=("wildbees",)),),
)
_DOCUMENTS = Path(__file__).parent / "documents"

Reply = httpx.Response | Exception
Handler = Callable[[httpx.Request], httpx.Response]


def document(situation: str) -> httpx.Response:
    """The answer in the folder of a situation; the name of its file is the HTTP status."""
    (file,) = (_DOCUMENTS / situation).iterdir()
    kind = {".json": "application/json", ".html": "text/html", ".txt": "text/plain"}[file.suffix]
    return httpx.Response(int(file.stem), content=file.read_bytes(), headers={"Content-Type": kind})


def answer(situation: str, **override: Any) -> Answer:
    """The same answer, as the protocol receives it."""
    response = document(situation)
    came = Answer(status=response.status_code, body=response.content, fetched_at=NOON)
    return replace(came, **override)


def page_of(*ids: int, cursor: int | None = 100, has_more: bool = False, **data: Any) -> httpx.Response:
    """A good answer of a video query."""
    content = {"videos": [{"id": number} for number in ids], "cursor": cursor, "has_more": has_more, **data}
    return httpx.Response(200, json={"data": content, "error": {"code": "ok", "message": "", "log_id": "L"}})


def refused(status: int, code: str, message: str = "") -> httpx.Response:
    """An answer that is an error."""
    return httpx.Response(status, json={"error": {"code": code, "message": message, "log_id": "L"}})


def dead_search_id() -> httpx.Response:
    """The answer to a search_id that is too new or too old."""
    return refused(400, "invalid_params", "Search Id 77 is invalid or expired")


@dataclass
class Script:
    """Answers research requests in the written order and token requests always; records the requests."""

    replies: Iterable[Reply]
    tokens: Iterable[Reply] = ()
    requests: list[httpx.Request] = field(default_factory=list)
    token_requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._left: Iterator[Reply] = iter(self.replies)
        self._tokens_left: Iterator[Reply] = iter(self.tokens)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        with self._lock:
            if request.url.path == "/v2/oauth/token/":
                self.token_requests += 1
                return _response_of(next(self._tokens_left, document("token")))
            self.requests.append(request)
            return _response_of(next(self._left))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """JSON bodies of the research requests."""
        return [json.loads(request.content) for request in self.requests]

    def steps(self, *keys: str) -> list[tuple[Any, ...]]:
        """Some keys of every request body, None if missing."""
        return [tuple(body.get(key) for key in keys) for body in self.bodies]


def _response_of(reply: Reply) -> httpx.Response:
    if isinstance(reply, Exception):
        raise reply
    return reply


@dataclass
class WatchedGate:
    """Lets `allowed` requests pass; records reservations and settlements."""

    allowed: int = 1_000_000
    reserved: list[tuple[Bucket, str]] = field(default_factory=list)
    settled: list[dict[str, Any]] = field(default_factory=list)

    def reserve(self, bucket: Bucket, endpoint: str) -> "WatchedReservation":
        """Permit or refuse a request."""
        if len(self.reserved) >= self.allowed:
            raise QuotaExhausted(bucket, used=self.allowed, limit=self.allowed, resets_at=next_midnight(NOON))
        self.reserved.append((bucket, endpoint))
        return WatchedReservation(self)

    @property
    def codes(self) -> list[str]:
        """The code that each request was settled with."""
        return [settlement["code"] for settlement in self.settled]


@dataclass
class WatchedReservation:
    """Fails the test if it is settled twice."""

    gate: WatchedGate
    is_settled: bool = False

    def settle(
        self, *, status: int | None, code: str, log_id: str | None, records: int, slots: int, seconds: float
    ) -> None:
        """Record the settlement."""
        assert not self.is_settled, "a reservation was settled twice"
        self.is_settled = True
        self.gate.settled.append(
            {"status": status, "code": code, "log_id": log_id, "records": records, "slots": slots, "seconds": seconds}
        )


def client(server: Handler, **further: Any) -> ResearchApi:
    """A client of the server that never waits for its pace; no request leaves the process."""
    usual: dict[str, Any] = {"clock": FrozenClock(NOON), "requests_per_second": math.inf}
    return ResearchApi(KEY, SECRET, transport=httpx.MockTransport(server), **usual | further)
