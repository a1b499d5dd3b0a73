"""For the tests of public clients: a world, a task that requests everything, its truth, and a way to run a client."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.codebook.fields import USER_FIELDS
from tt_pipeline.simulator import Simulator, World, running
from tt_pipeline.simulator.people import Creator, Follow, Standing
from tt_pipeline_tests.labs.peers.task import Collected, Task

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
LAST_DAY = date(2026, 11, 18)
THIRTY_DAYS = date(2026, 10, 20)
FORTY_DAYS = date(2026, 10, 10)
QUERY = {
    "and": [{"operation": "IN", "field_name": "region_code", "field_values": ["DE", "FR", "US", "GB", "BR"]}],
    "not": [{"operation": "EQ", "field_name": "video_length", "field_values": ["EXTRA_LONG"]}],
}


@cache
def world() -> World:
    """Forty-five days of some sixty videos, and two hundred deleted ones every fortnight: three empty pages."""
    return World(last_day=date(2026, 11, 20), days=45, videos_per_day=60)


def whole_task(simulator: Simulator, first_day: date) -> Task:
    """Everything that a client can request: a long search, busy and silent videos, accounts of every standing."""
    videos = sorted(
        simulator.truth_videos(QUERY, first_day, LAST_DAY), key=lambda id_: len(simulator.truth_comments(id_))
    )
    followed = _first(_shows_follows)
    linked = _first(lambda creator: creator.standing is Standing.PUBLIC and creator.bio_url is not None)
    one_of_each_standing = {creator.standing: creator.username for creator in world().people.creators}.values()
    return Task(
        base_url="",
        query=QUERY,
        first_day=f"{first_day:%Y%m%d}",
        last_day=f"{LAST_DAY:%Y%m%d}",
        commented=(*videos[:4], *videos[-4:]),
        usernames=("nobody.at.all", followed, linked, *one_of_each_standing),
        profile_fields=USER_FIELDS,
        followed=(followed,),
    )


def _shows_follows(creator: Creator) -> bool:
    pages_of_both = 150 < creator.followers < 1_000 and creator.following > 150
    return creator.standing is Standing.PUBLIC and creator.following_open and pages_of_both


def _first(is_wanted: Callable[[Creator], bool]) -> str:
    return next(creator.username for creator in world().people.creators if is_wanted(creator))


def truth(simulator: Simulator, task: Task) -> Collected:
    """The records of a perfect client, in the order of `in_order`."""
    first_day, last_day = date.fromisoformat(task.first_day), date.fromisoformat(task.last_day)
    return Collected(
        videos=sorted(simulator.truth_videos(task.query, first_day, last_day)),
        comments=sorted(id_ for video_id in task.commented for id_ in simulator.truth_comments(video_id)),
        profiles={username: _profile(simulator, username, task.profile_fields) for username in task.usernames},
        followers=_usernames(task, World.followers, lambda creator: creator.followers),
        following=_usernames(task, World.following, lambda creator: creator.following),
    )


def _profile(simulator: Simulator, username: str, fields: tuple[str, ...]) -> dict[str, Any] | None:
    profile = simulator.truth_user(username)
    return profile and {name: value for name, value in profile.items() if name in fields}


def _usernames(
    task: Task, follows_of: Callable[[World, Creator, int], list[Follow]], count: Callable[[Creator], int]
) -> list[str]:
    creators = (world().people.by_username[username] for username in task.followed)
    return sorted({follow.username for creator in creators for follow in follows_of(world(), creator, count(creator))})


def in_order(collected: Collected) -> Collected:
    """Sorted lists, which show repeated ids; follows of one second may repeat, so they are a set."""
    return replace(
        collected,
        videos=sorted(collected.videos),
        comments=sorted(collected.comments),
        followers=sorted(set(collected.followers)),
        following=sorted(set(collected.following)),
    )


def collected_by(peer: str, simulator: Simulator, task: Task) -> Collected:
    """Run a client's driver in its own environment, without the machine's variables."""
    python = ROOT / ".venv" / "peers" / peer / "bin" / "python"
    if not python.exists():
        pytest.skip("`make peers` builds the peers' environments")
    driver = f"tt_pipeline_tests.labs.peers.drivers.{peer.replace('-', '_')}"
    with running(simulator) as base_url:
        answer = subprocess.run(
            [python, "-m", driver],
            input=json.dumps(asdict(replace(task, base_url=base_url))),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=ROOT,
            env={},
            timeout=120,
        )
    return in_order(Collected(**json.loads(answer.stdout)))
