"""Runs several requests at once, only as many as the request rate needs, and stops cleanly after an error."""

import math
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def each_in_flight(
    items: Iterable[Item], work: Callable[[Item], None], *, at_most: Callable[[], int], lanes: int
) -> None:
    """Start the work for every item, in the order of the items, several at once.

    Args:
        at_most: Returns how many items may be in work now; called again whenever one has ended.
        lanes: The largest number of items in work at any time.

    Raises:
        Exception: The first error of any item, after all started work has ended; no other item is started.
    """
    changed, under_way = threading.Condition(), [0]
    errors: list[BaseException] = []

    def run(item: Item) -> None:
        try:
            work(item)
        except BaseException as error:  # noqa: BLE001 — it is raised below, in the calling thread
            errors.append(error)
        finally:
            with changed:
                under_way[0] -= 1
                changed.notify()

    threads = ThreadPoolExecutor(lanes, thread_name_prefix="in-flight")
    try:
        for item in items:
            with changed:
                changed.wait_for(lambda: errors or under_way[0] < min(lanes, at_most()))
                if errors:
                    break
                under_way[0] += 1
            threads.submit(run, item)
        with changed:
            changed.wait_for(lambda: not under_way[0])
    finally:
        # The first interruption waits for the requests in flight, because they are charged; a second one does not wait.
        threads.shutdown()
    if errors:
        raise errors[0]


def lanes_for(rate_per_s: float, latency_s: float) -> int:
    """How many requests must be in flight to keep up a rate: rate times latency (Little's law).

    More would not be faster, and a killed process loses those in flight.
    """
    return max(1, math.ceil(rate_per_s * latency_s))
