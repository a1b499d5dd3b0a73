"""Several requests under way at once, and a clean stop."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def each_in_flight(items: Iterable[Item], work: Callable[[Item], None], *, at_most: int) -> None:
    """Do the work for every item, at most so many at once, in the items' order.

    Raises:
        Exception: The first error of any of them, after those under way have ended; nothing new is begun meanwhile.
    """
    waiting, turn, stop = iter(items), threading.Lock(), threading.Event()

    def next_item() -> list[Item]:
        with turn:
            return [] if stop.is_set() else [item for item, _ in zip(waiting, range(1), strict=False)]

    def work_off() -> None:
        while batch := next_item():
            try:
                work(batch[0])
            except BaseException:
                stop.set()
                raise

    with ThreadPoolExecutor(at_most, thread_name_prefix="in-flight") as threads:
        lanes = [threads.submit(work_off) for _ in range(at_most)]
    errors = [error for lane in lanes if (error := lane.exception())]
    if errors:
        raise errors[0]
