"""The admin door under `/_sim/`: look at the simulator from outside, set its clock and knobs, delete things.

It is no part of the API: it needs no token, costs nothing, and is open on the loopback address alone.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.records import encode
from tt_pipeline.simulator.responses import Refused
from tt_pipeline.simulator.state import LoggedRequest, State
from tt_pipeline.simulator.visibility import reachable_comments, shown_profile, slot_count, visible_ids
from tt_pipeline.vocabulary import Bucket

Told = dict[str, Any]


def admin_routes(state: State) -> BaseRoute:
    """Everything under `/_sim/`."""

    def get(path: str, tell: Callable[[State, Request], Told]) -> Route:
        return Route(path, _answering(state, tell), methods=["GET"])

    def post(path: str, do: Callable[[State, Told], Told]) -> Route:
        return Route(path, _answering_body(state, do), methods=["POST"])

    routes = [
        get("/state", _tell_state),
        get("/log", _tell_log),
        get("/truth/comments/{video_id:int}", _tell_comments),
        get("/truth/user/{username}", _tell_user),
        post("/truth", _tell_truth),
        post("/delete", _delete),
        post("/knobs", _turn),
        post("/clock", _set_clock),
    ]
    return Mount("/_sim", routes=routes)


def _answering(state: State, tell: Callable[[State, Request], Told]) -> Callable[[Request], Awaitable[Response]]:
    async def view(request: Request) -> Response:
        return _told(lambda: tell(state, request))

    return view


def _answering_body(state: State, do: Callable[[State, Told], Told]) -> Callable[[Request], Awaitable[Response]]:
    async def view(request: Request) -> Response:
        raw = await request.body()
        return _told(lambda: do(state, _object(raw)))

    return view


def _told(tell: Callable[[], Told]) -> Response:
    """What was told, or 400 with what is wrong."""
    try:
        status, told = 200, tell()
    except Refused as refusal:
        status, told = 400, {"problem": refusal.message}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        status, told = 400, {"problem": f"{type(error).__name__}: {error}"}
    return Response(encode(told), status, media_type="application/json")


def _object(raw: bytes) -> Told:
    value = json.loads(raw or b"{}")
    if not isinstance(value, dict):
        raise TypeError("the body must be a JSON object")
    return value


def _tell_state(state: State, _request: Request) -> Told:
    world, day = state.world, state.today()
    return {
        "now": state.clock.now().isoformat(),
        "seed": world.seed,
        "first_day": world.first_day.isoformat(),
        "last_day": world.last_day.isoformat(),
        "videos_per_day": world.videos_per_day,
        "creators": len(world.people.creators),
        "requests": len(state.log),
        "charged": {bucket.value: asdict(state.quota.spent(bucket, day)) for bucket in Bucket},
        "knobs": _knobs(state.knobs),
    }


def _knobs(knobs: Knobs) -> Told:
    told = {field.name: getattr(knobs, field.name) for field in fields(knobs)}
    return told | {
        "missing_key_rates": dict(knobs.missing_key_rates),
        "faults": [asdict(fault) for fault in knobs.faults],
    }


def _tell_log(state: State, request: Request) -> Told:
    """The requests after number `since`."""
    since = int(request.query_params.get("since", "0"))
    return {"requests": [_logged(entry) for entry in state.log[max(since, 0) :]]}


def _logged(entry: LoggedRequest) -> Told:
    return asdict(entry) | {"at": entry.at.isoformat()}


def _tell_comments(state: State, request: Request) -> Told:
    return {"ids": reachable_comments(state, request.path_params["video_id"])}


def _tell_user(state: State, request: Request) -> Told:
    return {"user": shown_profile(state, request.path_params["username"])}


def _tell_truth(state: State, body: Told) -> Told:
    """The ids and slots of a search of any length: `query`, `first_day` and `last_day` (YYYY-MM-DD)."""
    first_day, last_day = date.fromisoformat(body["first_day"]), date.fromisoformat(body["last_day"])
    return {
        "ids": visible_ids(state, body["query"], first_day, last_day),
        "slots": slot_count(state, body["query"], first_day, last_day),
    }


def _delete(state: State, body: Told) -> Told:
    """Delete one `video_id`, `comment_id` or `username`."""
    state.deletions.add(**body)
    return body


def _turn(state: State, body: Told) -> Told:
    state.turn(state.knobs.changed(body))
    return _knobs(state.knobs)


def _set_clock(state: State, body: Told) -> Told:
    """`set` it to an instant, or `advance_s` it by seconds."""
    if "set" in body:
        instant = datetime.fromisoformat(body["set"])
        state.clock.set_to(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    if "advance_s" in body:
        state.clock.advance(seconds=float(body["advance_s"]))
    return {"now": state.clock.now().isoformat()}
