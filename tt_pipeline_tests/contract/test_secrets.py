"""After a run with every failure, no file, message or log contains the secret or a token."""

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from starlette.responses import JSONResponse, Response

from tt_pipeline.errors import TtPipelineError
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.research_api import Category, Page, ResearchApi
from tt_pipeline.simulator import Fault, FaultKind, Simulator
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.contract.lab import FIRST_DAY, Lab, outcome_of, search, small_world
from tt_pipeline_tests.contract.shared_server import Exchange, error

SECRET = "sim-secret-0d9f1c-not-real"
KEY = "sim-key-77ab-not-real"
"""Unlike the usual ones, these stand nowhere by chance."""


@pytest.fixture
def guarded(lab: Lab) -> Lab:
    """A lab with its own credentials."""
    lab.simulator = Simulator(
        small_world(), now=lab.clock.now, knobs=lab.simulator.knobs, client_key=KEY, client_secret=SECRET
    )
    lab.credentials = (KEY, SECRET)
    lab.shared_server.put_on(lab.simulator)
    return lab


def tokens_of(lab: Lab) -> set[str]:
    """Every token that was issued."""
    answered = [json.loads(exchange.answered) for exchange in lab.shared_server.exchanges if exchange.is_token]
    return {token["access_token"] for token in answered if "access_token" in token}


def leaks(lab: Lab, shown: str | bytes, *further: str) -> list[str]:
    """The secrets in a text, and further texts that must not be in it."""
    text = shown if isinstance(shown, bytes) else shown.encode()
    tokens = tokens_of(lab)
    assert tokens
    return [secret for secret in (SECRET, *tokens, *further) if secret.encode() in text]


def text_of(records: list[logging.LogRecord]) -> str:
    """Messages, arguments and tracebacks of log records."""
    formatter = logging.Formatter()
    return "\n".join(f"{formatter.format(record)} {record.args!r} {vars(record)!r}" for record in records)


def echo(exchange: Exchange) -> Response | None:
    """A server that repeats the secret or token that it refuses."""
    if exchange.is_token:
        form = exchange.sent.decode()
        return JSONResponse({"error": "invalid_request", "error_description": f"wrong: {form} {SECRET} {KEY}"}, 400)
    return error(400, "invalid_params", f"bad header {exchange.headers['authorization']}")


def echo_token(exchange: Exchange) -> Response | None:
    """A server that repeats the token that it refuses."""
    return None if exchange.is_token else error(400, "invalid_params", f"bad {exchange.headers['authorization']}")


ECHOES = {"echo": echo, "echo_token": echo_token}
CALLS: dict[str, Callable[[ResearchApi], Iterator[Page]]] = {
    "videos": search,
    "comments": lambda api: api.comment_pages(7),
    "user": lambda api: iter([api.user_info("nobody")]),
    "followers": lambda api: api.follower_pages("nobody"),
    "likes": lambda api: api.liked_pages("nobody"),
    "playlist": lambda api: api.playlist_pages(7),
    "upload": lambda api: iter([api.create_validation_task([2**63], Category.VIDEO)]),  # type: ignore[list-item]
}


KINDS = (*(kind.value for kind in FaultKind), *ECHOES)


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [*(("videos", kind) for kind in KINDS), *product(list(CALLS)[1:], ("token_invalid", "html_504", *ECHOES))],
)
def test_no_error_repr_or_log_line_shows_a_secret(
    guarded: Lab, endpoint: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Error, traceback, pages, client and all log lines have no secret, for any failure."""
    guarded.client().sign_in()
    if kind in set(FaultKind):
        guarded.change_knobs(faults=(Fault(kind=FaultKind(kind), always=True, slow_s=0),))
    else:
        guarded.play(ECHOES[kind])
    api = guarded.client()
    with caplog.at_level(logging.DEBUG):
        outcome = outcome_of(lambda: CALLS[endpoint](api))

    shown = [repr(each) for each in (api, outcome, vars(api), vars(api._transport), vars(api._transport._tokens))]
    if isinstance(outcome.error, TtPipelineError):
        shown += traceback.format_exception(outcome.error)
        shown += [repr(vars(outcome.error)), str(outcome.error)]
    assert leaks(guarded, "\n".join([*shown, text_of(caplog.records)])) == []


def test_no_file_shows_a_secret(guarded: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Landed files, index, ledger and log of a collection with faults have no secret."""
    guarded.change_knobs(
        faults=(
            Fault(kind=FaultKind.TOKEN_INVALID, every=7),
            Fault(kind=FaultKind.ERROR_500, every=5, times=10),
            Fault(kind=FaultKind.HTML_504, nth=4),
            Fault(kind=FaultKind.TRUNCATED_JSON, nth=9),
            Fault(kind=FaultKind.DAILY_429, nth=60),
        )
    )
    with caplog.at_level(logging.DEBUG):
        guarded.collect()
        with guarded.session() as session:
            reports = [collect_users(session, [FIRST_DAY]), collect_comments(session, [FIRST_DAY])]

    assert any(report.stopped_because for report in reports)
    files = [file for file in guarded.folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".zst", ".sqlite"}
    assert [file for file in files if leaks(guarded, content_of(file), KEY)] == []
    assert leaks(guarded, text_of(caplog.records) + repr(reports), KEY) == []
