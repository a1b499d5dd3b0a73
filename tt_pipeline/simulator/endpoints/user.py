"""POST /v2/research/user/…: an account's profile, followers, following, and liked, pinned and reposted videos.

Source: https://developers.tiktok.com/doc/research-api-specs-query-user-info/ and its neighbours
"""

from collections.abc import Sequence
from datetime import timedelta

from tt_pipeline.simulator.people import Creator, Follow
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.simulator.records import encode, profile, shuffled, video_record
from tt_pipeline.simulator.request_parsing import ParsedRequest, read_count, read_fields, read_number, read_text
from tt_pipeline.simulator.responses import Reply, closed_list, invalid_count_or_cursor
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video_model import Video
from tt_pipeline.simulator.visibility import find_public_account
from tt_pipeline.vocabulary import USER_FIELDS, VIDEO_FIELDS

_DEFAULT_COUNT = 20
_NOT_HERE = {"favorites_count", "effect_ids", "playlist_id", "voice_to_text"}
_FIELDS = tuple(name for name in VIDEO_FIELDS if name not in _NOT_HERE)
_MOST_PINNED = 3
_MOST_LISTED = 180
_LISTED_DAYS = 20


def user_info(state: State, request: ParsedRequest) -> Reply:
    """One account's profile, without its username."""
    fields = read_fields(request.fields, USER_FIELDS, state.knobs)
    creator = find_public_account(state, read_text(request.body, "username"))
    record = profile(creator, state.clock.second())
    told = {name: record[name] for name in fields if name in record}
    return Reply(data=shuffled(told, state.random))


def list_followers(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's followers."""
    creator = find_public_account(state, read_text(request.body, "username"))
    count = min(creator.followers, state.knobs.followers_cap)
    return _page_of_follows(state, request, state.world.followers(creator, count), "user_followers")


def list_following(state: State, request: ParsedRequest) -> Reply:
    """One page of the accounts that an account follows, if it shows them."""
    creator = find_public_account(state, read_text(request.body, "username"))
    if not creator.following_open:
        raise closed_list("following")
    count = min(creator.following, state.knobs.followers_cap)
    return _page_of_follows(state, request, state.world.following(creator, count), "user_following")


def _page_of_follows(state: State, request: ParsedRequest, follows: list[Follow], list_key: str) -> Reply:
    """The follows at or before the cursor; the next cursor is the next follow's second, so ties may come twice."""
    count = read_count(request.body, _DEFAULT_COUNT)
    now_s = int(state.clock.second())
    cursor = read_number(request.body, "cursor", 0) or now_s
    left = [follow for follow in follows if follow.second <= min(cursor, now_s)]
    shown, rest = left[:count], left[count:]
    last_second = shown[-1].second if shown else cursor
    return Reply(
        list_key=list_key if shown else None,
        records=[encode({"username": follow.username, "display_name": follow.display_name}) for follow in shown],
        data={"cursor": rest[0].second if rest else last_second, "has_more": bool(rest)},
    )


def list_pinned(state: State, request: ParsedRequest) -> Reply:
    """The at most three videos that an account pinned: its most viewed of late."""
    fields = read_fields(request.fields, _FIELDS, state.knobs)
    creator = find_public_account(state, read_text(request.body, "username"))
    own = [video for video in state.world.videos_by(creator) if state.exists(video)]
    pinned = sorted(own, key=lambda video: -video.views)[: creator.index % (_MOST_PINNED + 1)]
    return Reply(list_key="pinned_videos_list", records=_records(state, pinned, fields))


def list_reposted(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's reposts, if it shows them; the cursor is an index."""
    fields, count, creator = _read(state, request)
    cursor = read_number(request.body, "cursor", 0)
    if not creator.reposts_open:
        raise closed_list("reposted videos")
    listed = _pointed_at(state, creator, "reposts")
    if cursor > len(listed):
        raise invalid_count_or_cursor()
    shown = listed[cursor : cursor + count]
    reached = cursor + len(shown)
    return Reply(
        list_key=state.knobs.repost_key,
        records=_records(state, [video for video in shown if state.exists(video)], fields),
        data={"cursor": reached, "has_more": reached < len(listed)},
    )


def list_liked(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's likes, if it is one of the few that show them; the cursor is an instant."""
    fields, count, creator = _read(state, request)
    unit = 1_000 if state.knobs.liked_cursor_ms else 1
    before_s = read_number(request.body, "cursor", 0) // unit or int(state.clock.second())
    if not creator.likes_open:
        raise closed_list("liked videos")
    left = [video for video in _pointed_at(state, creator, "likes") if video.create_time <= before_s]
    shown, rest = left[:count], left[count:]
    last_s = shown[-1].create_time if shown else before_s
    return Reply(
        list_key="user_liked_videos",
        records=_records(state, [video for video in shown if state.exists(video)], fields),
        data={"cursor": (rest[0].create_time if rest else last_s) * unit, "has_more": bool(rest)},
    )


def _read(state: State, request: ParsedRequest) -> tuple[tuple[str, ...], int, Creator]:
    fields = read_fields(request.fields, _FIELDS, state.knobs)
    return (
        fields,
        read_count(request.body, _DEFAULT_COUNT),
        find_public_account(state, read_text(request.body, "username")),
    )


def _pointed_at(state: State, creator: Creator, verb: str) -> list[Video]:
    """Videos of others, of this world's latest days, newest first."""
    random = seeded_random(state.world.seed, verb, creator.index)
    days = [state.world.last_day - timedelta(days=age) for age in range(min(_LISTED_DAYS, state.world.days))]
    posted = [video for day in days for video in state.world.videos(day)]
    count = min(int(random.lognormvariate(2.5, 1.2)), _MOST_LISTED, len(posted))
    drawn = random.sample(posted, count)
    return sorted(drawn, key=lambda video: (-video.create_time, -video.id))


def _records(state: State, videos: Sequence[Video], fields: tuple[str, ...]) -> list[bytes]:
    now_s = state.clock.second()
    records = (video_record(video, now_s, state.knobs) for video in videos)
    told = ({name: record[name] for name in fields if name in record} for record in records)
    return [encode(shuffled(record, state.random)) for record in told]
