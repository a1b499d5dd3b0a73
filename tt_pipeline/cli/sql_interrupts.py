"""Ctrl-C at the prompt of `tt sql`: it ends a line or a query, and not the command."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self


class Cancelled(KeyboardInterrupt):
    """Ctrl-C while somebody types."""


class Interrupts:
    """Raises `Cancelled` while somebody types, and remembers a Ctrl-C that comes at another time.

    Attributes:
        has_come: Whether Ctrl-C came since the person began to type.
    """

    def __init__(self) -> None:
        self.has_come = self._is_typing = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    @contextmanager
    def while_typing(self) -> Iterator[None]:
        """Raise `Cancelled` at Ctrl-C."""
        self.has_come, self._is_typing = False, True
        try:
            yield
        finally:
            self._is_typing = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True
        if self._is_typing:
            raise Cancelled
