"""POST /v2/research/video/query/: pages of a frozen search, or a random draw.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/
"""

from collections.abc import Sequence

from tt_pipeline.codebook.fields import VIDEO_FIELDS
from tt_pipeline.simulator.answers import Reply
from tt_pipeline.simulator.flow import Call
from tt_pipeline.simulator.refusals import bad_count_or_cursor, bad_params
from tt_pipeline.simulator.request_parsing import (
    Body,
    read_count,
    read_fields,
    read_number,
    read_search_id,
    read_window,
)
from tt_pipeline.simulator.searches import FrozenSearch, search_key
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video import Video

_DEFAULT_COUNT = 20


def query_videos(state: State, call: Call) -> Reply:
    """One page of the videos that match."""
    fields = read_fields(call.fields, VIDEO_FIELDS, state.knobs)
    window = read_window(call.body)
    count, cursor = read_count(call.body, _DEFAULT_COUNT), read_number(call.body, "cursor", 0)
    is_random = call.body.get("is_random", False)
    if not isinstance(is_random, bool):
        raise bad_params("is_random is invalid")
    if is_random:
        return _draw(state, fields, state.slots(call.body.get("query"), window), count)
    search_id, search = _find_search(state, call.body, count)
    if cursor > len(search.slots):
        raise bad_count_or_cursor()
    scanned = search.slots[cursor : cursor + count]
    reached = cursor + len(scanned)
    return Reply(
        list_key="videos",
        records=_records(state, fields, scanned),
        data={"cursor": reached, "has_more": reached < len(search.slots)}
        | ({"search_id": str(search_id)} if search.slots else {}),
    )


def _find_search(state: State, body: Body, count: int) -> tuple[int, FrozenSearch]:
    """The search a request goes on with, or a new one, or a recent one of the same query."""
    state.query(body.get("query"))
    window = read_window(body)
    key = search_key(body["query"], *window, count)
    now_s = state.clock.second()
    asked = read_search_id(body)
    if asked is not None:
        search = state.searches.resumed(asked, key, now_s, state.knobs)
        return (state.searches.remember(search) if state.knobs.search_id_rotates else int(asked)), search
    search_id = state.searches.reusable(key, now_s, state.knobs)
    if search_id is None:
        found = state.slots(body["query"], window)
        search_id = state.searches.remember(FrozenSearch(key=key, created_s=now_s, slots=found))
    return search_id, state.searches.get(search_id)


def _draw(state: State, fields: tuple[str, ...], slots: list[Video], count: int) -> Reply:
    """A new sample each time; nothing to go on with."""
    visible = [video for video in slots if not state.is_hidden(video)]
    drawn = state.random.sample(visible, min(count, len(visible)))
    data = {"cursor": len(drawn), "has_more": False}
    return Reply(list_key="videos", records=_records(state, fields, drawn), data=data)


def _records(state: State, fields: tuple[str, ...], videos: Sequence[Video]) -> list[bytes]:
    now_s = state.clock.second()
    return [state.printer.encoded(video, fields, now_s) for video in videos if not state.is_hidden(video)]
