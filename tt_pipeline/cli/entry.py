"""The beginning and the end of every command: signals, the one message, the exit code.

It imports little, because a signal that comes during the second in which the commands are imported must not print a
traceback either.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final

from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.interruption import interruptible

_LAND_NOTHING: Final = frozenset({"browse", "simulate", "up", "init"})
_STOPPED: Final = "Stopped."
_INTERRUPTED: Final = "Interrupted. Landed pages are kept; run the same command again to continue."


def start() -> None:
    """Be the process of one command.

    An interrupted process ends here at once. Python's own end runs code of all modules once more, and one whose import
    was broken off could wait there for ever; it also reports some handled signals as its cause of death.
    """
    try:
        main()
    except SystemExit as end:
        if end.code in (Exit.INTERRUPTED, Exit.TERMINATED):
            os._exit(end.code)
        raise


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; whatever ends it prints one message and sets the exit code, without a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in words if not word.startswith("-")), "")
    message = _STOPPED if command in _LAND_NOTHING else _INTERRUPTED
    with interruptible(message) as interruption:
        try:
            from tt_pipeline.cli.app import run

            code = run(words, interruption)
        except KeyboardInterrupt:
            code = Exit.INTERRUPTED
        if code == Exit.INTERRUPTED:
            code = interruption.exit_code
            _show(message)
    sys.exit(code)


def _show(message: str) -> None:
    from tt_pipeline.cli.console import flush_output, problem

    problem(message)
    flush_output()
