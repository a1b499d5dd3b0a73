"""POST /v2/research/video/comment/list/: the comments of a video, or the replies to a comment.

Source: https://developers.tiktok.com/doc/research-api-specs-query-video-comments/
"""

from collections import Counter
from typing import Any

from tt_pipeline.codebook.fields import COMMENT_FIELDS
from tt_pipeline.simulator.answers import Reply
from tt_pipeline.simulator.comments import Comment
from tt_pipeline.simulator.counts import grown
from tt_pipeline.simulator.flow import Call
from tt_pipeline.simulator.refusals import bad_count_or_cursor, bad_params, closed_comments
from tt_pipeline.simulator.rendering import encode, shuffled
from tt_pipeline.simulator.request_parsing import read_count, read_fields, read_number
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.threads import are_closed, comment_slots, is_deleted, reply_counts, reply_slots

_DEFAULT_COUNT = 10


def list_comments(state: State, call: Call) -> Reply:
    """One page of comments, the most liked first, replies among them."""
    fields = read_fields(call.fields, (*COMMENT_FIELDS, "display_name"), state.knobs)
    count, cursor = read_count(call.body, _DEFAULT_COUNT), read_number(call.body, "cursor", 0)
    if ("video_id" in call.body) == ("comment_id" in call.body):
        raise bad_params("Exactly one of video_id and comment_id is required")
    if cursor + count > state.knobs.comment_cap:
        raise bad_count_or_cursor()
    slots = _slots(state, call)
    if cursor > len(slots):
        raise bad_count_or_cursor()
    if not slots:
        return _nothing(read_number(call.body, next(name for name in ("video_id", "comment_id") if name in call.body)))
    scanned = slots[cursor : cursor + count]
    reached = cursor + len(scanned)
    told = [comment for comment in scanned if not is_deleted(state, comment)]
    replies = reply_counts(state, slots[0].video_id) if "reply_count" in fields else Counter[int]()
    if "comment_id" in call.body:
        fields = (*fields, "display_name")
    return Reply(
        list_key="comments",
        records=[encode(_record(state, comment, fields, replies)) for comment in told],
        data={"cursor": reached, "has_more": reached < len(slots)},
    )


def _slots(state: State, call: Call) -> list[Comment]:
    if "video_id" in call.body:
        video_id = read_number(call.body, "video_id")
        if are_closed(state, video_id):
            raise closed_comments(video_id)
        return comment_slots(state, video_id)
    return reply_slots(state, read_number(call.body, "comment_id"))


def _nothing(asked_id: int) -> Reply:
    """No comments: half of such answers lack the list and have no cursor."""
    if asked_id % 2:
        return Reply(data={"cursor": None, "has_more": False})
    return Reply(list_key="comments", data={"cursor": 0, "has_more": False})


def _record(state: State, comment: Comment, fields: tuple[str, ...], replies: Counter[int]) -> dict[str, Any]:
    age_s = state.clock.second() - comment.create_time
    record = {
        "id": comment.id,
        "video_id": comment.video_id,
        "parent_comment_id": comment.parent_id,
        "text": comment.text,
        "like_count": int(comment.likes * grown(86_400, age_s) + 0.5),
        "reply_count": replies[comment.id],
        "create_time": comment.create_time,
        "display_name": comment.author.display_name,
    }
    return shuffled({name: record[name] for name in dict.fromkeys(fields)}, state.random)
