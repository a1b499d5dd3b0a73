"""What a perfect client would hold, computed without any page, cursor or quota: for tests to compare with."""

from datetime import date
from typing import Any

from tt_pipeline.simulator.profiles import find_public, profile
from tt_pipeline.simulator.refusals import Refused
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.threads import comment_slots, is_deleted


def visible_ids(state: State, query: dict[str, Any], first_day: date, last_day: date) -> list[int]:
    """The ids a search shows now, highest first."""
    return [video.id for video in state.slots(query, (first_day, last_day)) if not state.is_hidden(video)]


def slot_count(state: State, query: dict[str, Any], first_day: date, last_day: date) -> int:
    """How many slots a search scans now."""
    return len(state.slots(query, (first_day, last_day)))


def reachable_comments(state: State, video_id: int) -> list[int]:
    """The ids of a video's comments that pages can show now, in their order: those within the cap."""
    slots = comment_slots(state, video_id)[: state.knobs.comment_cap]
    return [comment.id for comment in slots if not is_deleted(state, comment)]


def shown_profile(state: State, username: str) -> dict[str, Any] | None:
    """What user info says now; nothing for an account it refuses."""
    try:
        creator = find_public(state, username)
    except Refused:
        return None
    return profile(creator, state.clock.second())
