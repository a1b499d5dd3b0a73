"""POST /v2/research/video/…: pages of a search, a random draw, and the comments of a video or replies to a comment.

Source: https://developers.tiktok.com/doc/research-api-specs-query-videos/ and
https://developers.tiktok.com/doc/research-api-specs-query-video-comments/
"""

from collections import Counter
from collections.abc import Sequence

from tt_pipeline.codebook.fields import COMMENT_FIELDS, VIDEO_FIELDS
from tt_pipeline.simulator.commenting import Comment
from tt_pipeline.simulator.endpoints.paging import page_by_position
from tt_pipeline.simulator.records import comment_record, encode, selected, shuffled
from tt_pipeline.simulator.request_parsing import (
    Body,
    ParsedRequest,
    read_count,
    read_fields,
    read_number,
    read_search_id,
    read_window,
)
from tt_pipeline.simulator.responses import Reply, closed_comments, invalid_count_or_cursor, invalid_params
from tt_pipeline.simulator.search_ids import FrozenSearch, search_key
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video_model import Video
from tt_pipeline.simulator.visibility import (
    comment_slots,
    comments_are_closed,
    is_comment_deleted,
    reply_counts,
    reply_slots,
)

_DEFAULT_COUNT = 20
_DEFAULT_COMMENTS = 10


def query_videos(state: State, request: ParsedRequest) -> Reply:
    """One page of the videos that match."""
    fields = read_fields(request.fields, VIDEO_FIELDS, state.knobs)
    window = read_window(request.body)
    count, cursor = read_count(request.body, _DEFAULT_COUNT), read_number(request.body, "cursor", 0)
    is_random = request.body.get("is_random", False)
    if not isinstance(is_random, bool):
        raise invalid_params("is_random is invalid")
    if is_random:
        return _draw(state, fields, state.slots(request.body.get("query"), window), count)
    search_id, search = _find_search(state, request.body, count)
    page = page_by_position(search.slots, cursor=cursor, count=count)
    named = {"search_id": str(search_id)} if search.slots else {}
    return Reply(list_key="videos", records=_records(state, fields, page.items), data=page.position | named)


def _find_search(state: State, body: Body, count: int) -> tuple[int, FrozenSearch]:
    """The search that a request continues, or a recent one of the same query, or a new one."""
    state.query(body.get("query"))
    window = read_window(body)
    key = search_key(body["query"], *window, count)
    now_s = state.clock.second()
    requested = read_search_id(body)
    if requested is not None:
        search = state.searches.resume(requested, key, now_s, state.knobs)
        return (state.searches.remember(search) if state.knobs.search_id_rotates else int(requested)), search
    search_id = state.searches.find_reusable(key, now_s, state.knobs)
    if search_id is None:
        found = state.slots(body["query"], window)
        search_id = state.searches.remember(FrozenSearch(key=key, created_s=now_s, slots=found))
    return search_id, state.searches.get(search_id)


def _draw(state: State, fields: tuple[str, ...], slots: list[Video], count: int) -> Reply:
    """A new random sample for each request; it has no further pages."""
    visible = [video for video in slots if not state.is_hidden(video)]
    drawn = state.draws.sample(visible, min(count, len(visible)))
    data = {"cursor": len(drawn), "has_more": False}
    return Reply(list_key="videos", records=_records(state, fields, drawn), data=data)


def _records(state: State, fields: tuple[str, ...], videos: Sequence[Video]) -> list[bytes]:
    now_s = state.clock.second()
    shown = [video for video in videos if not state.is_hidden(video)]
    state.sent.video_ids.update(video.id for video in shown)
    return [state.video_encoder.encode_video(video, fields, now_s) for video in shown]


def list_comments(state: State, request: ParsedRequest) -> Reply:
    """One page of comments, most liked first, with the replies among them."""
    fields = read_fields(request.fields, (*COMMENT_FIELDS, "display_name"), state.knobs)
    count, cursor = read_count(request.body, _DEFAULT_COMMENTS), read_number(request.body, "cursor", 0)
    if ("video_id" in request.body) == ("comment_id" in request.body):
        raise invalid_params("Exactly one of video_id and comment_id is required")
    if cursor + count > state.knobs.comment_cap:
        raise invalid_count_or_cursor()
    slots = _comments_of(state, request)
    page = page_by_position(slots, cursor=cursor, count=count)
    if not slots:
        return _no_comments(request)
    shown = [comment for comment in page.items if not is_comment_deleted(state, comment)]
    state.sent.comment_ids.update(comment.id for comment in shown)
    replies = reply_counts(state, slots[0].video_id) if "reply_count" in fields else Counter[int]()
    if "comment_id" in request.body:
        fields = (*fields, "display_name")
    now_s = state.clock.second()
    records = (comment_record(comment, now_s, replies[comment.id], state.knobs) for comment in shown)
    return Reply(
        list_key="comments",
        records=[encode(shuffled(selected(record, fields), state.random)) for record in records],
        data=page.position,
    )


def _comments_of(state: State, request: ParsedRequest) -> list[Comment]:
    if "video_id" in request.body:
        video_id = read_number(request.body, "video_id")
        if comments_are_closed(state, video_id):
            raise closed_comments(video_id)
        return comment_slots(state, video_id)
    return reply_slots(state, read_number(request.body, "comment_id"))


def _no_comments(request: ParsedRequest) -> Reply:
    """No comments: half of such responses, by the requested id, lack the list and have no cursor."""
    name = "video_id" if "video_id" in request.body else "comment_id"
    if read_number(request.body, name) % 2:
        return Reply(data={"cursor": None, "has_more": False})
    return Reply(list_key="comments", data={"cursor": 0, "has_more": False})
