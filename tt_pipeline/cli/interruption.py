"""SIGINT and SIGTERM: both raise KeyboardInterrupt, and the exit code says which of them came."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from tt_pipeline.cli.exits import Exit

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Interruption:
    """Knows which signals came, also while another library handles them, as Dagster does during a run."""

    received: int | None

    @property
    def exit_code(self) -> Exit:
        """143 after a SIGTERM, else 130; and 130 in a thread, where no signal arrives."""
        if self.received is None:
            return Exit.INTERRUPTED
        numbers = b""
        while more := _read(self.received):
            numbers += more
        return Exit.TERMINATED if signal.SIGTERM in numbers else Exit.INTERRUPTED


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt; a signal that the caller ignores stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield Interruption(None)
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    received, announced = os.pipe()
    os.set_blocking(received, False)
    os.set_blocking(announced, False)
    # Python writes the number of each signal here before any handler runs, whoever has set the handler.
    earlier = signal.set_wakeup_fd(announced, warn_on_full_buffer=False)
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        yield Interruption(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(earlier)
        os.close(announced)
        os.close(received)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _read(received: int) -> bytes:
    try:
        return os.read(received, 4096)
    except BlockingIOError:
        return b""
