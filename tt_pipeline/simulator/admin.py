"""How do other processes control the simulator?

Requests under `/_sim/` read its state and truth, set its clock and knobs, and delete things. These addresses are no
part of TikTok's API: they need no token, cost no quota, and are served on 127.0.0.1 only, to programs.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from tt_pipeline.same_origin import SameOrigin
from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.records import encode
from tt_pipeline.simulator.responses import Refused
from tt_pipeline.simulator.state import LoggedRequest, State
from tt_pipeline.simulator.visibility import reachable_comments, shown_profile, slot_count, visible_videos
from tt_pipeline.vocabulary import Bucket

Json = dict[str, Any]


def admin_routes(state: State) -> BaseRoute:
    """The routes under `/_sim/`."""

    def get(path: str, read: Callable[[State, Request], Json]) -> Route:
        return Route(path, _get_view(state, read), methods=["GET"])

    def post(path: str, do: Callable[[State, Json], Json]) -> Route:
        return Route(path, _post_view(state, do), methods=["POST"])

    routes = [
        get("/state", _get_state),
        get("/log", _get_log),
        get("/sent", _get_sent),
        get("/truth/comments/{video_id:int}", _get_comments),
        get("/truth/user/{username}", _get_user),
        post("/truth", _get_truth),
        post("/delete", _delete),
        post("/knobs", _change_knobs),
        post("/clock", _set_clock),
    ]
    return Mount("/_sim", routes=routes, middleware=[Middleware(SameOrigin)])


def _get_view(state: State, read: Callable[[State, Request], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def view(request: Request) -> Response:
        return _respond(lambda: read(state, request))

    return view


def _post_view(state: State, do: Callable[[State, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def view(request: Request) -> Response:
        raw = await request.body()
        return _respond(lambda: do(state, _object(raw)))

    return view


def _respond(read: Callable[[], Json]) -> Response:
    """The result as JSON, or 400 with the problem."""
    try:
        status, result = 200, read()
    except Refused as refusal:
        status, result = 400, {"problem": refusal.message}
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        status, result = 400, {"problem": f"{type(error).__name__}: {error}"}
    return Response(encode(result), status, media_type="application/json")


def _object(raw: bytes) -> Json:
    value = json.loads(raw or b"{}")
    if not isinstance(value, dict):
        raise TypeError("the body must be a JSON object")
    return value


def _get_state(state: State, _request: Request) -> Json:
    world, day = state.world, state.today()
    return {
        "now": state.clock.now().isoformat(),
        "seed": world.seed,
        "first_day": world.first_day.isoformat(),
        "last_day": world.last_day.isoformat(),
        "videos_per_day": world.videos_per_day,
        "creators": len(world.people.creators),
        "requests": len(state.log),
        "charged": {bucket.value: asdict(state.quota.usage(bucket, day)) for bucket in Bucket},
        "knobs": _knobs(state.knobs),
    }


def _knobs(knobs: Knobs) -> Json:
    result = {field.name: getattr(knobs, field.name) for field in fields(knobs)}
    return result | {
        "renamed": dict(knobs.renamed),
        "missing_key_rates": dict(knobs.missing_key_rates),
        "faults": [asdict(fault) for fault in knobs.faults],
    }


def _get_log(state: State, request: Request) -> Json:
    """The logged requests after number `since`."""
    since = int(request.query_params.get("since", "0"))
    return {"requests": [_logged(entry) for entry in state.log[max(since, 0) :]]}


def _logged(entry: LoggedRequest) -> Json:
    return asdict(entry) | {"at": entry.at.isoformat()}


def _get_sent(state: State, _request: Request) -> Json:
    """The ids of all videos and comments, and the accounts of all profiles, that responses contained so far."""
    sent = state.sent
    return {
        "video_ids": sorted(sent.video_ids),
        "comment_ids": sorted(sent.comment_ids),
        "usernames": sorted(sent.usernames),
    }


def _get_comments(state: State, request: Request) -> Json:
    return {"ids": reachable_comments(state, request.path_params["video_id"])}


def _get_user(state: State, request: Request) -> Json:
    return {"user": shown_profile(state, request.path_params["username"])}


def _get_truth(state: State, body: Json) -> Json:
    """The visible ids, their creators and the slots of a search: `query`, `first_day`, `last_day` (YYYY-MM-DD)."""
    first_day, last_day = date.fromisoformat(body["first_day"]), date.fromisoformat(body["last_day"])
    videos = visible_videos(state, body["query"], first_day, last_day)
    return {
        "ids": [video.id for video in videos],
        "usernames": sorted({state.knobs.present_username(video.creator.username) for video in videos}),
        "slots": slot_count(state, body["query"], first_day, last_day),
    }


def _delete(state: State, body: Json) -> Json:
    """Delete the given `video_id`, `comment_id` or `username`."""
    state.deletions.add(**body)
    return body


def _change_knobs(state: State, body: Json) -> Json:
    state.use_knobs(state.knobs.changed(body))
    return _knobs(state.knobs)


def _set_clock(state: State, body: Json) -> Json:
    """`set` is the new instant, in UTC if it has no offset; `advance_s` moves the clock."""
    if "set" in body:
        instant = datetime.fromisoformat(body["set"])
        state.clock.set_to(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    if "advance_s" in body:
        state.clock.advance(seconds=float(body["advance_s"]))
    return {"now": state.clock.now().isoformat()}
