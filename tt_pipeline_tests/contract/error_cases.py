"""Cases for each row of the table of errors in docs/research-api.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tt_pipeline.research_api import Category, Page, ResearchApi
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline_tests.contract.lab import search, small_world
from tt_pipeline_tests.contract.shared_server import Nth, error, html

STANDINGS = {creator.standing.value: creator.username for creator in small_world().people.creators}
CLOSED = next(c.username for c in small_world().people.creators if c.standing == "public" and not c.likes_open)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One row of the table, or one of its faces.

    Attributes:
        wire: Status and code of the answer to each request.
        becomes: The client's error, or the reason why its last page is the last.
        waited_s: The waits between the tries.
        charged: Charged requests in the ledger; the simulator counts the same, unless a script answered.
        tokens: The number of token requests.
    """

    row: str
    face: str = ""
    knobs: Mapping[str, Any] = field(default_factory=dict)
    script: Callable[[], Nth] | None = None
    ask: Callable[[ResearchApi], Iterator[Page]] = search
    wire: list[str]
    becomes: str
    waited_s: Sequence[float] = field(default_factory=list)
    charged: int
    tokens: int = 1


def one(kind: FaultKind, **where: Any) -> dict[str, Any]:
    """A fault for one request, by default the second."""
    return {"faults": (Fault(kind=kind, **where or {"nth": 2}),)}


def each(kind: FaultKind, times: int | None = None) -> dict[str, Any]:
    """A fault for every request."""
    return one(kind, always=True, times=times)


def about(username: str) -> Callable[[ResearchApi], Iterator[Page]]:
    """Request an account."""
    return lambda api: iter([api.user_info(username)])


def hand_in(api: ResearchApi) -> Iterator[Page]:
    """Submit an invalid id."""
    api.create_validation_task([2**63], Category.VIDEO)
    return iter(())


OK, DEAD = "200 ok", "400 invalid_params"
REFUSED_ID = (5, 10, 15, 20, 25)
MESSAGES = (
    "Something is wrong. Please try again later.",
    "Something went wrong. Please try again later.",
    "Server Internal Error",
)
CASES = (
    # success needs the code ok, whatever the status
    Case(row="ok", wire=[OK, OK], becomes="complete", charged=2),
    Case(
        row="ok",
        face="under 500",
        ask=lambda api: api.playlist_pages(7_615_533_644_417_438_599),
        knobs={"missing_key_rates": {}},
        wire=["500 ok"],
        becomes="complete",
        charged=1,
    ),
    Case(row="ok", face="an error under 200", knobs=one(FaultKind.ERROR_WITH_200),
         wire=[OK, "200 internal_error", OK], becomes="complete", waited_s=[30], charged=3),
    # 401: one new token and one replay, at any time
    Case(row="access_token_invalid", knobs=one(FaultKind.TOKEN_INVALID), wire=[OK, "401 access_token_invalid", OK],
         becomes="complete", waited_s=[0], charged=2, tokens=2),
    Case(row="access_token_invalid", face="the new one too", knobs=each(FaultKind.TOKEN_INVALID),
         wire=["401 access_token_invalid"] * 2, becomes="TokenInvalid", waited_s=[0], charged=0, tokens=2),
    # 401: the project is not approved
    Case(row="scope_not_authorized", knobs=each(FaultKind.SCOPE_NOT_AUTHORIZED), wire=["401 scope_not_authorized"],
         becomes="ScopeNotAuthorized", charged=0),
    Case(row="scope_permission_missed", script=lambda: Nth({1: error(401, "scope_permission_missed")}),
         wire=["401 scope_permission_missed"], becomes="ScopeNotAuthorized", charged=0),
    # 400: 5 tries, 5·n s; then the search restarts
    Case(row="search_id refused", face="too fresh", knobs={"search_warmup_s": 12},
         wire=[OK, DEAD, DEAD, OK], becomes="complete", waited_s=[5, 10], charged=4),
    Case(row="search_id refused", face="dead", knobs={"search_ttl_s": 0},
         wire=[OK, *[DEAD] * 6, OK, *[DEAD] * 6, OK], becomes="complete", waited_s=[*REFUSED_ID] * 2, charged=15),
    Case(row="cursor refused", knobs=one(FaultKind.CURSOR_INVALID), wire=[OK, DEAD, OK],
         becomes="complete", waited_s=[5], charged=3),
    Case(row="cursor refused", face="for good", knobs=each(FaultKind.CURSOR_INVALID),
         wire=[DEAD] * 6, becomes="SearchIdRefused", waited_s=[*REFUSED_ID], charged=6),
    # 400: a result about an account, not a failure
    *(
        Case(row="account refused", face=standing,
             ask=about(STANDINGS[standing]), wire=[DEAD], becomes=standing, charged=1)
        for standing in ("not_found", "refused", "private")
    ),
    Case(row="account refused", face="not public",
         ask=lambda api: api.liked_pages(CLOSED), wire=[DEAD], becomes="refused", charged=1),
    *(
        Case(row="account refused", face=f"{status}", ask=about("lena"),
             script=lambda status=status: Nth({1: error(status, "invalid_params")}),  # type: ignore[misc]
             wire=[f"{status} invalid_params"], becomes=becomes, charged=1)
        for status, becomes in ((403, "refused"), (404, "not_found"))
    ),
    # 400: our mistake, never sent again
    Case(row="invalid_params", knobs={"max_conditions": 0}, wire=[DEAD], becomes="SearchRejected",
         charged=1),
    # 429: wait seconds, doubling to a minute
    Case(row="rate_limit_exceeded", knobs=each(FaultKind.BURST_429, times=4),
         wire=[*["429 rate_limit_exceeded"] * 4, OK, OK], becomes="complete", waited_s=[10, 20, 40, 60], charged=2),
    Case(row="rate_limit_exceeded", face="of the simulator's own count", knobs={"rate_per_minute": 1},
         wire=[OK, *["429 rate_limit_exceeded"] * 3, OK], becomes="complete", waited_s=[10, 20, 40], charged=2),
    Case(row="rate_limit_exceeded", face="with Retry-After",
         script=lambda: Nth({n: error(429, "rate_limit_exceeded", headers={"Retry-After": text})
                             for n, text in ((1, "7"), (2, "4000"), (3, "tomorrow"))}),
         wire=[*["429 rate_limit_exceeded"] * 3, OK, OK], becomes="complete", waited_s=[7, 300, 40], charged=2),
    # 429: nothing more before 00:00 UTC
    Case(row="daily_quota_limit_exceeded", knobs=one(FaultKind.DAILY_429),
         wire=[OK, "429 daily_quota_limit_exceeded"], becomes="QuotaExhausted", charged=1),
    Case(row="daily_quota_limit_exceeded", face="of the simulator's own count", knobs={"quota_main": 1},
         wire=[OK, "429 daily_quota_limit_exceeded"], becomes="QuotaExhausted", charged=1),
    # 500: a few charged tries, then fewer days
    Case(row="internal_error", knobs=one(FaultKind.ERROR_500), wire=[OK, "500 internal_error", OK],
         becomes="complete", waited_s=[30], charged=3),
    Case(row="internal_error", face="for good", knobs=each(FaultKind.ERROR_500), wire=["500 internal_error"] * 3,
         becomes="WindowTooHeavy", waited_s=[30, 60], charged=3),
    Case(row="internal_error", face="without a message", knobs=one(FaultKind.ERROR_500_NO_MESSAGE),
         wire=[OK, "500 internal_error", OK], becomes="complete", waited_s=[30], charged=3),
    Case(row="internal_error", face="that costs nothing is counted all the same", ask=about(CLOSED),
         script=lambda: Nth({1: error(500, "internal_error")}), wire=["500 internal_error", OK], becomes="complete",
         waited_s=[30], charged=2),
    Case(row="timeout", knobs=one(FaultKind.TIMEOUT_504), wire=[OK, "504 timeout", OK], becomes="complete",
         waited_s=[30], charged=3),
    # never sent again
    *(
        Case(row="invalid_param, invalid_request", face=code,
             script=lambda code=code: Nth({1: error(400, code)}),  # type: ignore[misc]
             wire=[f"400 {code}"], becomes="SearchRejected", charged=1)
        for code in ("invalid_param", "invalid_request")
    ),
    Case(row="invalid_file_upload", ask=hand_in, wire=["400 invalid_file_upload"], becomes="SearchRejected", charged=1),
    # HTML: like a 500
    Case(row="HTML 5xx", face="504", knobs=one(FaultKind.HTML_504), wire=[OK, "504 unreadable", OK],
         becomes="complete", waited_s=[30], charged=3),
    Case(row="HTML 5xx", face="502, 503, and 504 again",
         script=lambda: Nth({2: html(502), 3: html(503), 4: html(504)}),
         wire=[OK, "502 unreadable", "503 unreadable", "504 unreadable"], becomes="WindowTooHeavy",
         waited_s=[30, 60], charged=4),
    # like access_token_invalid
    Case(row="invalid_token", script=lambda: Nth({2: error(401, "invalid_token")}),
         wire=[OK, "401 invalid_token", OK], becomes="complete", waited_s=[0], charged=2, tokens=2),
    # 500 in all its words
    Case(row="three messages of a 500",
         script=lambda: Nth({n: error(500, "internal_error", text) for n, text in enumerate(MESSAGES, start=1)}),
         wire=["500 internal_error"] * 3, becomes="WindowTooHeavy", waited_s=[30, 60], charged=3),
    # HTTP decides about a code that nobody knows
    *(
        Case(row="unknown code", face=f"{status}",
             script=lambda status=status: Nth({n: error(status, "new") for n in range(1, 10)}),  # type: ignore[misc]
             wire=[f"{status} new"] * tries, becomes=becomes, waited_s=waited, charged=tries, tokens=tokens)
        for status, tries, becomes, waited, tokens in (
            (200, 1, "UnexpectedResponse", [], 1),
            (400, 1, "SearchRejected", [], 1),
            (418, 1, "UnexpectedResponse", [], 1),
            (500, 3, "WindowTooHeavy", [30, 60], 1),
        )
    ),
    # three times taken for a burst, then for the end of the day
    Case(row="unreadable 429", knobs=each(FaultKind.UNREADABLE_429, times=3),
         wire=[*["429 unreadable"] * 3, OK, OK], becomes="complete", waited_s=[10, 20, 40], charged=2),
    Case(row="unreadable 429", face="again and again", knobs=each(FaultKind.UNREADABLE_429),
         wire=["429 unreadable"] * 4, becomes="QuotaExhausted", waited_s=[10, 20, 40], charged=0),
)  # fmt: skip
