"""Several requests under way at once, and a clean stop."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def each_in_flight(items: Iterable[Item], work: Callable[[Item], None], *, at_most: int) -> None:
    """Do the work for every item, at most so many at once, in the items' order.

    Raises:
        Exception: The first error of any of them, after those under way have ended; nothing new is begun meanwhile.
    """
    waiting, turn, stop = iter(items), threading.Lock(), threading.Event()

    def taken() -> Iterator[Item]:
        while not stop.is_set():
            with turn:
                batch = list(islice(waiting, 1))
            if not batch:
                return
            yield batch[0]

    def work_off() -> None:
        for item in taken():
            try:
                work(item)
            except BaseException:
                stop.set()
                raise

    with ThreadPoolExecutor(at_most, thread_name_prefix="in-flight") as threads:
        lanes = [threads.submit(work_off) for _ in range(at_most)]
    errors = [error for lane in lanes if (error := lane.exception())]
    if errors:
        raise errors[0]
