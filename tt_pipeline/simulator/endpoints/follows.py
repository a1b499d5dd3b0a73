"""POST /v2/research/user/followers/ and …/following/: who follows whom, latest first, by second.

Source: https://developers.tiktok.com/doc/research-api-specs-query-user-followers/
"""

from tt_pipeline.simulator.answers import Reply
from tt_pipeline.simulator.flow import Call
from tt_pipeline.simulator.follows import Follow, followers_of, following_of
from tt_pipeline.simulator.profiles import find_public
from tt_pipeline.simulator.refusals import closed_list
from tt_pipeline.simulator.rendering import encode
from tt_pipeline.simulator.request_parsing import read_count, read_number, read_text
from tt_pipeline.simulator.state import State

_DEFAULT_COUNT = 20


def list_followers(state: State, call: Call) -> Reply:
    """One page of an account's followers."""
    creator = find_public(state, read_text(call.body, "username"))
    count = min(creator.followers, state.knobs.followers_cap)
    return _page(state, call, followers_of(state.world, creator, count), "user_followers")


def list_following(state: State, call: Call) -> Reply:
    """One page of the accounts that an account follows, if it shows them."""
    creator = find_public(state, read_text(call.body, "username"))
    if not creator.following_open:
        raise closed_list("following")
    count = min(creator.following, state.knobs.followers_cap)
    return _page(state, call, following_of(state.world, creator, count), "user_following")


def _page(state: State, call: Call, follows: list[Follow], list_key: str) -> Reply:
    """The follows at or before the cursor; the next cursor is the next follow's second, so ties may come twice."""
    count = read_count(call.body, _DEFAULT_COUNT)
    now_s = int(state.clock.second())
    cursor = read_number(call.body, "cursor", 0) or now_s
    left = [follow for follow in follows if follow.second <= min(cursor, now_s)]
    shown, rest = left[:count], left[count:]
    last_second = shown[-1].second if shown else cursor
    return Reply(
        list_key=list_key if shown else None,
        records=[encode({"username": follow.username, "display_name": follow.display_name}) for follow in shown],
        data={"cursor": rest[0].second if rest else last_second, "has_more": bool(rest)},
    )
