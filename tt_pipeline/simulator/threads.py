"""What of a video's comments is there now: written by now, under a video that can be looked at, not deleted."""

from collections import Counter

from tt_pipeline.simulator.comments import Comment
from tt_pipeline.simulator.draws import chance
from tt_pipeline.simulator.index import deleted_at
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video import Video


def comment_slots(state: State, video_id: int) -> list[Comment]:
    """All comments under a video, deleted ones too, the most liked first; none when it is gone or they are closed."""
    return [] if are_closed(state, video_id) else _written(state, state.world.video(video_id))


def are_closed(state: State, video_id: int) -> bool:
    """Whether the video's owner has closed its comments."""
    return chance(state.world.seed, "closed", video_id) < state.knobs.closed_comments_rate


def reply_slots(state: State, comment_id: int) -> list[Comment]:
    """All replies to a comment, deleted ones too."""
    written = _written(state, state.world.commented_video(comment_id))
    return [comment for comment in written if comment.parent_id == comment_id]


def find_comment(state: State, comment_id: int) -> Comment | None:
    """The comment with this id, if it is there now."""
    written = _written(state, state.world.commented_video(comment_id))
    return next((item for item in written if item.id == comment_id and not is_deleted(state, item)), None)


def is_deleted(state: State, comment: Comment) -> bool:
    """Whether a comment's slot is empty."""
    if comment.id in state.deletions.comment_ids or comment.author.username in state.deletions.usernames:
        return True
    dies_at = deleted_at(comment.create_time, comment.deletion_share, state.knobs.deletion_rate)
    return dies_at <= state.clock.second()


def reply_counts(state: State, video_id: int) -> Counter[int]:
    """How many replies each comment under a video has now."""
    slots = comment_slots(state, video_id)
    return Counter(item.parent_id for item in slots if item.parent_id != video_id and not is_deleted(state, item))


def _written(state: State, video: Video | None) -> list[Comment]:
    if not state.exists(video):
        return []
    now_s = state.clock.second()
    return [comment for comment in state.world.comments(video) if comment.create_time <= now_s]
