"""Marts of threads and discussions return the answers that were computed by hand."""

from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    OCTOBER,
    comment,
    comment_page,
    land,
    later,
    load,
    page,
    rows,
    snowflake,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import comment_coverage

MISSING = snowflake(4711)
MINUTE = 60
DESIGN = "is_sampled, weight, stratum, inclusion_probability"


def _comment(number: int, answers: int | None, minutes: int, **further: Any) -> dict[str, object]:
    """A comment some minutes after OCTOBER."""
    at = int(OCTOBER.timestamp()) + minutes * MINUTE
    parent: dict[str, Any] = {} if answers is None else {"parent_comment_id": answers}
    return comment(number, create_time=at, **parent, **further)


@pytest.fixture
def talk(landing: Path, writer_file: Path) -> Path:
    """Comments of a video: a thread of depth three, a single comment, and two replies to a missing comment."""
    first = snowflake(1001)
    comments = [
        _comment(1, None, 10, like_count=5, reply_count=4),
        _comment(2, first, 40),
        _comment(3, snowflake(1002), 70),
        _comment(4, first, 20),
        _comment(5, None, 5),
        _comment(6, MISSING, 90),
        _comment(7, snowflake(1006), 100),
    ]
    files = [
        land(landing, [page(video(1, create_time=int(OCTOBER.timestamp()), comment_count=9))]),
        land(landing, [comment_page(*comments)], load_id="comments/2026-10-02/run-1"),
    ]
    load(writer_file, files)
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.comment_coverage", comment_coverage(snowflake(1), "complete"))
    return writer_file


def test_threads_are_as_deep_as_their_farthest_reply(talk: Path) -> None:
    """A reply to a missing comment has depth one, and its thread is an orphan with the missing id."""
    found = rows(
        talk,
        f"select * exclude ({DESIGN}) from marts.comment_threads order by replies desc, depth desc",
    )
    assert [tuple(row.values()) for row in found] == [
        (str(snowflake(1001)), str(snowflake(1)), False, 3, 2, _at(10), _at(20), _at(70), 10 / 60, 5, 4),
        (str(MISSING), str(snowflake(1)), True, 2, 2, None, _at(90), _at(100), None, None, None),
        (str(snowflake(1005)), str(snowflake(1)), False, 0, 0, _at(5), None, None, None, 3, 0),
    ]


def test_every_comment_is_in_one_thread(talk: Path) -> None:
    """The sizes of all threads add up to the number of comments, orphans included."""
    sql = "select sum(replies)::bigint + count(*) filter (not is_orphan) as comments from marts.comment_threads"
    assert rows(talk, sql) == [{"comments": 7}]


def test_a_discussion_shows_how_soon_it_began(talk: Path) -> None:
    """The oldest stored comment is five minutes younger than the video; one of five replies has a missing parent."""
    found = rows(talk, f"select * exclude ({DESIGN}) from marts.discussions")
    assert [tuple(row.values()) for row in found] == [
        (str(snowflake(1)), OCTOBER, 7, 5, 1, _at(5), _at(100), 5 / 60, 9, "complete")
    ]


def _at(minutes: int) -> object:
    return OCTOBER + (later(minutes=minutes) - later())
