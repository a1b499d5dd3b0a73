"""Accounts as they show themselves: who can be looked at, and what is then told."""

from typing import Any

from tt_pipeline.simulator.people import Creator, Standing
from tt_pipeline.simulator.refusals import no_such_user, private_user, refused_user
from tt_pipeline.simulator.state import State

_DAY_S = 86_400
_COUNTED_FROM_S = 1_760_000_000
"""Followers and videos are counted from here: at this second they were what the world says."""


def find_public(state: State, username: str) -> Creator:
    """The account with a handle.

    Raises:
        Refused: There is none, it is private, or it is not given.
    """
    creator = state.world.creator(username)
    if creator is None or creator.standing is Standing.NOT_FOUND or username in state.deletions.usernames:
        raise no_such_user(username)
    if creator.standing is Standing.PRIVATE:
        raise private_user(username)
    if creator.standing is Standing.REFUSED:
        raise refused_user()
    return creator


def profile(creator: Creator, now_s: float) -> dict[str, Any]:
    """What user info tells now; followers, likes and videos grow a little every day."""
    days = max(now_s - _COUNTED_FROM_S, 0) / _DAY_S
    growth = 1 + days * 0.0004
    avatar = f"https://p16-sign-sim.example/avt/{creator.index:06x}~c5_168x168.jpeg"
    told = {
        "display_name": creator.display_name,
        "bio_description": creator.bio,
        "avatar_url": f"{avatar}?x-expires={int(now_s) // _DAY_S * _DAY_S + 2 * _DAY_S}&x-signature=sim",
        "is_verified": creator.is_verified,
        "follower_count": int(creator.followers * growth),
        "following_count": creator.following,
        "likes_count": int(creator.likes * growth),
        "video_count": creator.past_videos + int(days * 30 * (creator.index + 8) ** -0.85),
    }
    return told if creator.bio_url is None else told | {"bio_url": creator.bio_url}
