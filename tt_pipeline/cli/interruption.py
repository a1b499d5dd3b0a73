"""SIGINT and SIGTERM: both raise KeyboardInterrupt, and the exit code says which of them came."""

import logging
import os
import select
import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from tt_pipeline.cli.exits import Exit

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_PATIENCE_S: Final = 3.0
"""DuckDB may wait for a query of hours after a signal has interrupted it (seen on 1.5), and Python can do nothing."""

_AFTER_THE_CALLBACK_S: Final = 0.02


@dataclass(slots=True)
class Interruption:
    """Knows which signals came, also while another library handles them, as Dagster does during a run.

    Attributes:
        received: Where Python writes their numbers; None in a thread, where no signal arrives.
    """

    received: int | None
    _numbers: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def has_come(self) -> bool:
        """Whether one of them has come."""
        return bool(self._come())

    @property
    def exit_code(self) -> Exit:
        """143 after a SIGTERM, else 130."""
        return Exit.TERMINATED if signal.SIGTERM in self._come() else Exit.INTERRUPTED

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal: raise KeyboardInterrupt in the main thread."""
        self._numbers.add(number)  # uvicorn's loop takes away the place where Python writes it
        # If the signal comes while SQLAlchemy closes a connection of Dagster's, it logs a traceback and goes on.
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL + 1)
        raise KeyboardInterrupt

    def handle_again(self, ignored: "sys.UnraisableHookArgs") -> None:
        """Handle a signal once more whose KeyboardInterrupt was raised where Python ignores it, as in a callback."""
        if ignored.exc_type is KeyboardInterrupt and self.has_come:
            threading.Thread(target=self._interrupt_soon, args=(min(self._come()),), daemon=True).start()
        else:
            sys.__unraisablehook__(ignored)

    def end_if_stuck(self, message: str) -> None:
        """End the process with the message if a signal came and the main thread stands still afterwards.

        While another library handles signals, as Dagster does during a run, it decides how long the end may take.
        """
        if self.received is None:
            return
        select.select([self.received], [], [])
        before = None
        while not self._is_over.wait(_PATIENCE_S):
            frame = sys._current_frames()[threading.main_thread().ident or 0]  # noqa: SLF001 — documented
            stands_at = (id(frame), frame.f_lasti)
            is_ours = any(signal.getsignal(number) == self.handle for number in self._come())
            if is_ours and stands_at == before:
                os.write(2, f"{message}\n".encode())
                os._exit(self.exit_code)
            before = stands_at if is_ours else None

    def end(self) -> None:
        """Let `end_if_stuck` return."""
        self._is_over.set()

    def _interrupt_soon(self, number: int) -> None:
        if not self._is_over.wait(_AFTER_THE_CALLBACK_S):
            interrupt_main(signal.Signals(number))

    def _come(self) -> set[int]:
        with self._lock:
            while self.received is not None and (more := _read(self.received)):
                self._numbers.update(number for number in more if number in _SIGNALS)
            return self._numbers


@contextmanager
def interruptible(message: str) -> Iterator[Interruption]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt; a signal that the caller ignores stays ignored.

    Args:
        message: What to say if the process must be ended because a library does not return.
    """
    if threading.current_thread() is not threading.main_thread():
        yield Interruption(None)
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    received, announced = os.pipe()
    os.set_blocking(received, False)
    os.set_blocking(announced, False)
    interruption = Interruption(received)
    watch = threading.Thread(target=interruption.end_if_stuck, args=(message,), name="interruption", daemon=True)
    watch.start()
    # Python writes the number of each signal here before any handler runs, whoever has set the handler.
    earlier = signal.set_wakeup_fd(announced, warn_on_full_buffer=False)
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, interruption.handle)
    hook, sys.unraisablehook = sys.unraisablehook, interruption.handle_again
    try:
        yield interruption
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(earlier)
        interruption.end()
        os.write(announced, b"\0")  # no signal; the watch stops waiting for one
        watch.join()
        os.close(announced)
        os.close(received)


def _read(received: int) -> bytes:
    try:
        return os.read(received, 4096)
    except BlockingIOError:
        return b""
