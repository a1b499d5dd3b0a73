"""POST /v2/research/user/…: an account's profile, followers, following, and liked, pinned and reposted videos.

Source: https://developers.tiktok.com/doc/research-api-specs-query-user-info/ and its neighbours
"""

from collections.abc import Sequence
from datetime import timedelta

from tt_pipeline.codebook.fields import USER_FIELDS, VIDEO_FIELDS
from tt_pipeline.simulator.endpoints.paging import page_by_position, page_by_second
from tt_pipeline.simulator.people import Creator, Follow
from tt_pipeline.simulator.randomness import seeded_random
from tt_pipeline.simulator.records import encode, profile, selected, shuffled, video_record
from tt_pipeline.simulator.request_parsing import ParsedRequest, read_count, read_fields, read_number, read_text
from tt_pipeline.simulator.responses import Reply, closed_list
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video_model import Video
from tt_pipeline.simulator.visibility import find_public_account

_DEFAULT_COUNT = 20
_ONLY_IN_SEARCHES = {"favorites_count", "effect_ids", "playlist_id", "voice_to_text"}
_LIST_FIELDS = tuple(name for name in VIDEO_FIELDS if name not in _ONLY_IN_SEARCHES)
_MOST_PINNED = 3
_MOST_LISTED = 180
_LISTED_DAYS = 20


def user_info(state: State, request: ParsedRequest) -> Reply:
    """One account's profile, without its username."""
    fields = read_fields(request.fields, USER_FIELDS, state.knobs)
    creator = _account(state, request)
    state.sent.usernames.add(state.knobs.present_username(creator.username))
    record = profile(creator, state.clock.second())
    return Reply(data=shuffled(selected(record, fields), state.random))


def _account(state: State, request: ParsedRequest) -> Creator:
    return find_public_account(state, read_text(request.body, "username"))


def list_followers(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's followers."""
    creator = _account(state, request)
    count = min(creator.followers, state.knobs.followers_cap)
    return _page_of_follows(state, request, state.world.followers(creator, count), "user_followers")


def list_following(state: State, request: ParsedRequest) -> Reply:
    """One page of the accounts that an account follows, if it shows them."""
    creator = _account(state, request)
    if not creator.following_open:
        raise closed_list("following")
    count = min(creator.following, state.knobs.followers_cap)
    return _page_of_follows(state, request, state.world.following(creator, count), "user_following")


def _page_of_follows(state: State, request: ParsedRequest, follows: list[Follow], list_key: str) -> Reply:
    count = read_count(request.body, _DEFAULT_COUNT)
    now_s = int(state.clock.second())
    cursor = read_number(request.body, "cursor", 0) or now_s
    past = [follow for follow in follows if follow.second <= now_s]
    page = page_by_second(past, lambda follow: follow.second, cursor=cursor, count=count)
    return Reply(
        list_key=list_key if page.items else None,
        records=[encode(_follow_record(state, item)) for item in page.items],
        data=page.position,
    )


def _follow_record(state: State, follow: Follow) -> dict[str, str]:
    return {"username": state.knobs.present_username(follow.username), "display_name": follow.display_name}


def list_pinned(state: State, request: ParsedRequest) -> Reply:
    """The videos that an account pinned, at most three: its most viewed of the last 30 days."""
    fields = read_fields(request.fields, _LIST_FIELDS, state.knobs)
    creator = _account(state, request)
    own = [video for video in state.world.videos_by(creator) if state.exists(video)]
    pinned = sorted(own, key=lambda video: -video.views)[: creator.index % (_MOST_PINNED + 1)]
    return Reply(list_key="pinned_videos_list", records=_records(state, pinned, fields))


def list_reposted(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's reposts, if it shows them; the cursor is a position."""
    fields, count, creator = _read(state, request)
    cursor = read_number(request.body, "cursor", 0)
    if not creator.reposts_open:
        raise closed_list("reposted videos")
    page = page_by_position(_videos_of_others(state, creator, "reposts"), cursor=cursor, count=count)
    return Reply(list_key=state.knobs.repost_key, records=_records(state, page.items, fields), data=page.position)


def list_liked(state: State, request: ParsedRequest) -> Reply:
    """One page of an account's likes, if it shows them, which few do; the cursor is an instant."""
    fields, count, creator = _read(state, request)
    unit = 1_000 if state.knobs.liked_cursor_ms else 1
    cursor = read_number(request.body, "cursor", 0) // unit or int(state.clock.second())
    if not creator.likes_open:
        raise closed_list("liked videos")
    liked = _videos_of_others(state, creator, "likes")
    page = page_by_second(liked, lambda video: video.create_time, cursor=cursor, count=count)
    return Reply(
        list_key="user_liked_videos",
        records=_records(state, page.items, fields),
        data=page.position | {"cursor": page.next_cursor * unit},
    )


def _read(state: State, request: ParsedRequest) -> tuple[tuple[str, ...], int, Creator]:
    fields = read_fields(request.fields, _LIST_FIELDS, state.knobs)
    return fields, read_count(request.body, _DEFAULT_COUNT), _account(state, request)


def _videos_of_others(state: State, creator: Creator, list_name: str) -> list[Video]:
    """The videos of others that an account likes or reposts, from this world's latest days, newest first."""
    random = seeded_random(state.world.seed, list_name, creator.index)
    days = [state.world.last_day - timedelta(days=age) for age in range(min(_LISTED_DAYS, state.world.days))]
    posted = [video for day in days for video in state.world.videos(day)]
    count = min(int(random.lognormvariate(2.5, 1.2)), _MOST_LISTED, len(posted))
    drawn = random.sample(posted, count)
    return sorted(drawn, key=lambda video: (-video.create_time, -video.id))


def _records(state: State, videos: Sequence[Video], fields: tuple[str, ...]) -> list[bytes]:
    """The records of those videos that still exist."""
    now_s = state.clock.second()
    shown = [video for video in videos if state.exists(video)]
    state.sent.video_ids.update(video.id for video in shown)
    records = (video_record(video, now_s, state.knobs) for video in shown)
    return [encode(shuffled(selected(record, fields), state.random)) for record in records]
