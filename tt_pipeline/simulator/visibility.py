"""Which comments and accounts can a client see now, and what would it have after reading every page?

The last four functions compute the values with which tests compare, without pages, cursors or quota. `archive.py`
decides which videos searches find.
"""

from collections import Counter
from datetime import date
from typing import Any

from tt_pipeline.simulator.archive import deleted_at
from tt_pipeline.simulator.commenting import Comment
from tt_pipeline.simulator.people import Creator, Standing
from tt_pipeline.simulator.randomness import seeded_share
from tt_pipeline.simulator.records import profile
from tt_pipeline.simulator.responses import Refused, no_such_user, private_user, refused_user
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video_model import Video


def find_public_account(state: State, username: str) -> Creator:
    """The account with a username.

    Raises:
        Refused: It does not exist, is private, or the API does not return it.
    """
    creator = _by_present_username(state, username)
    if creator is None or creator.standing is Standing.NOT_FOUND or creator.username in state.deletions.usernames:
        raise no_such_user(username)
    if creator.standing is Standing.PRIVATE:
        raise private_user(username)
    if creator.standing is Standing.REFUSED:
        raise refused_user()
    return creator


def _by_present_username(state: State, username: str) -> Creator | None:
    earlier = {present: earlier for earlier, present in state.knobs.renamed.items()}
    return None if username in state.knobs.renamed else state.world.creator(earlier.get(username, username))


def comment_slots(state: State, video_id: int) -> list[Comment]:
    """All comments of a video, deleted ones included, most liked first; none if they are closed or it is hidden."""
    return [] if comments_are_closed(state, video_id) else _comments_until_now(state, state.world.video(video_id))


def comments_are_closed(state: State, video_id: int) -> bool:
    """Whether the video's owner has closed its comments."""
    return seeded_share(state.world.seed, "closed", video_id) < state.knobs.closed_comments_rate


def reply_slots(state: State, comment_id: int) -> list[Comment]:
    """All replies to a comment, deleted ones included."""
    written = _comments_until_now(state, state.world.commented_video(comment_id))
    return [comment for comment in written if comment.parent_id == comment_id]


def find_comment(state: State, comment_id: int) -> Comment | None:
    """The comment with this id; None if it does not exist, is deleted or its video is not visible."""
    written = _comments_until_now(state, state.world.commented_video(comment_id))
    return next((item for item in written if item.id == comment_id and not is_comment_deleted(state, item)), None)


def is_comment_deleted(state: State, comment: Comment) -> bool:
    """Whether responses leave out a comment because it or its author was deleted."""
    if comment.id in state.deletions.comment_ids or comment.author.username in state.deletions.usernames:
        return True
    second = deleted_at(comment.create_time, comment.deletion_share, state.knobs.deletion_rate)
    return second <= state.clock.second()


def reply_counts(state: State, video_id: int) -> Counter[int]:
    """How many replies each comment under a video has now."""
    slots = comment_slots(state, video_id)
    return Counter(
        item.parent_id for item in slots if item.parent_id != video_id and not is_comment_deleted(state, item)
    )


def _comments_until_now(state: State, video: Video | None) -> list[Comment]:
    if not state.exists(video):
        return []
    now_s = state.clock.second()
    return [comment for comment in state.world.comments(video) if comment.create_time <= now_s]


def visible_videos(state: State, query: dict[str, Any], first_day: date, last_day: date) -> list[Video]:
    """The videos that all pages of a search return now, highest id first."""
    return [video for video in state.slots(query, (first_day, last_day)) if not state.is_hidden(video)]


def slot_count(state: State, query: dict[str, Any], first_day: date, last_day: date) -> int:
    """How many slots a search has now, those of hidden videos included."""
    return len(state.slots(query, (first_day, last_day)))


def reachable_comments(state: State, video_id: int) -> list[int]:
    """The ids of the comments that pages return for a video now, in page order, up to `comment_cap`."""
    slots = comment_slots(state, video_id)[: state.knobs.comment_cap]
    return [comment.id for comment in slots if not is_comment_deleted(state, comment)]


def shown_profile(state: State, username: str) -> dict[str, Any] | None:
    """The profile that user info returns now; None where it answers with an error."""
    try:
        creator = find_public_account(state, username)
    except Refused:
        return None
    return profile(creator, state.clock.second())
