"""Several requests at once, and a clean stop."""

import threading

import pytest

from tt_pipeline.ingestion.in_flight import each_in_flight, lanes_for


def test_every_item_is_processed_once() -> None:
    """Threads neither lose nor repeat an item."""
    done: list[int] = []
    each_in_flight(range(500), done.append, at_most=lambda: 8, lanes=8)

    assert sorted(done) == list(range(500))


def test_no_more_are_in_flight_than_allowed() -> None:
    """With a limit of three, three run at once and a fourth never does."""
    meeting, under_way, most = threading.Barrier(3, timeout=10), [0], [0]
    lock = threading.Lock()

    def work(_: int) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        meeting.wait()
        with lock:
            under_way[0] -= 1

    each_in_flight(range(9), work, at_most=lambda: 3, lanes=8)

    assert most == [3]


def test_after_an_error_nothing_new_is_begun() -> None:
    """The first error is raised after the running calls have ended."""
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 3:
            raise ValueError(item)

    with pytest.raises(ValueError, match="3"):
        each_in_flight(range(10_000), work, at_most=lambda: 2, lanes=8)

    assert len(begun) < 10_000


def test_the_pace_decides_how_many() -> None:
    """A fast server needs one call at a time, so a kill loses one; a slow one needs several for the same pace."""
    assert (lanes_for(5, 0), lanes_for(5, 0.01), lanes_for(5, 0.5), lanes_for(200, 0.3)) == (1, 1, 3, 60)
