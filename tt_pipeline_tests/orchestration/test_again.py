"""The instants from which `tt collect --again` counts what it has already collected again."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tt_pipeline.coverage import Workspace
from tt_pipeline.orchestration.again import AgainFile
from tt_pipeline.orchestration.collect_request import CollectRequest, forget_old_yes
from tt_pipeline.planning import Repeat
from tt_pipeline.planning.confirmed import Confirmations
from tt_pipeline.planning.repeats import RepeatReason
from tt_pipeline.safe_files import lease
from tt_pipeline_tests.frozen_clock import FrozenClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(folder: Path, *, days: float = 0) -> AgainFile:
    """The file as a command opens it so many days after noon."""
    return AgainFile(folder / "again.json", FrozenClock(NOON + timedelta(days=days)))


def test_the_same_request_continues_although_another_came_between(tmp_path: Path) -> None:
    """Each request has an instant of its own."""
    at(tmp_path).since("videos/climate")
    at(tmp_path, days=1).since("videos/green")

    assert at(tmp_path, days=2).since("videos/climate") == NOON
    assert at(tmp_path, days=2).since("videos/green") == NOON + timedelta(days=1)


def test_a_finished_request_begins_anew(tmp_path: Path) -> None:
    """Only its own instant is forgotten."""
    for request in ("videos/climate", "videos/green"):
        at(tmp_path).since(request)
    at(tmp_path).finished("videos/climate")

    assert at(tmp_path, days=1).since("videos/climate") == NOON + timedelta(days=1)
    assert at(tmp_path, days=1).since("videos/green") == NOON


@pytest.mark.parametrize("is_finished", [False, True])
def test_two_processes_lose_no_request(tmp_path: Path, is_finished: bool) -> None:  # noqa: FBT001 — a case
    """A change waits for the process that is changing the file, and then begins with what that one wrote."""
    mine = at(tmp_path)
    mine.since("videos/climate")
    change = mine.finished if is_finished else mine.since
    with ThreadPoolExecutor() as threads:
        with lease(tmp_path / "again.json.lock"):
            waiting = threads.submit(change, "videos/climate")
            with suppress(FutureTimeout):
                waiting.result(timeout=0.2)
            was_waiting = not waiting.done()
            elsewhere = at(tmp_path / "elsewhere")
            elsewhere.since("videos/green")
            elsewhere.file.replace(tmp_path / "again.json")
        waiting.result()

    assert was_waiting
    assert mine.is_unfinished("videos/green")
    assert mine.is_unfinished("videos/climate") is not is_finished


@pytest.mark.parametrize(("days", "is_asked"), [(7, False), (7.1, True)])
def test_a_yes_ends_with_its_command(tmp_path: Path, days: float, is_asked: bool) -> None:  # noqa: FBT001 — a case
    """A command that was left alone for a week requests all its days again, so its price needs another yes."""
    request = CollectRequest(assets=("videos/climate",), again=True)
    repeat = Repeat(asset="videos/climate", days=(NOON.date(),), reason=RepeatReason.AGAIN, requests=90)
    agreed = Confirmations(tmp_path / "confirmed.json")
    agreed.add([repeat], command=f"{request}")
    at(tmp_path).since(f"{request}")

    workspace = SimpleNamespace(
        files=SimpleNamespace(internal=tmp_path), clock=FrozenClock(NOON + timedelta(days=days))
    )
    forget_old_yes(cast("Workspace", workspace), request)

    assert (agreed.missing([repeat], limit=50, command=f"{request}") == [repeat]) is is_asked


@pytest.mark.parametrize(("days", "continues"), [(7, True), (7.1, False)])
def test_a_request_that_was_left_alone_begins_anew(tmp_path: Path, days: float, continues: bool) -> None:  # noqa: FBT001 — a case
    """After a week without its command, what was collected since is no part of it."""
    at(tmp_path).since("videos/climate")

    assert (at(tmp_path, days=days).since("videos/climate") == NOON) is continues


def test_a_request_that_is_continued_every_day_may_take_long(tmp_path: Path) -> None:
    """The week counts from the last run of its command."""
    assert {at(tmp_path, days=day).since("videos/climate") for day in range(20)} == {NOON}


@pytest.mark.parametrize(
    "stored",
    [b"", b"[]", b"7", b"\xff", b"[" * 100_000, b'{"videos/climate": 7, "x": ["2026", null], "y": ["a"], "z": {}}'],
)
def test_a_damaged_file_costs_a_second_look_and_no_more(tmp_path: Path, stored: bytes) -> None:
    """The request begins anew, and the file is whole again."""
    (tmp_path / "again.json").write_bytes(stored)

    assert at(tmp_path).since("videos/climate") == NOON
    assert at(tmp_path, days=1).since("videos/climate") == NOON
