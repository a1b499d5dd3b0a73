"""POST /v2/research/user/info/: what an account shows of itself, live.

Source: https://developers.tiktok.com/doc/research-api-specs-query-user-info/
"""

from tt_pipeline.codebook.fields import USER_FIELDS
from tt_pipeline.simulator.answers import Reply
from tt_pipeline.simulator.flow import Call
from tt_pipeline.simulator.profiles import find_public, profile
from tt_pipeline.simulator.rendering import shuffled
from tt_pipeline.simulator.request_parsing import read_fields, read_text
from tt_pipeline.simulator.state import State


def user_info(state: State, call: Call) -> Reply:
    """One account's profile, without its username."""
    fields = read_fields(call.fields, USER_FIELDS, state.knobs)
    creator = find_public(state, read_text(call.body, "username"))
    record = profile(creator, state.clock.second())
    told = {name: record[name] for name in fields if name in record}
    return Reply(data=shuffled(told, state.random))
