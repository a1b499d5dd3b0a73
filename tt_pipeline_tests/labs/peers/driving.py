"""Common to all drivers: read the task, stay on this machine, write the collected records.

Runs in the peers' environments: the standard library only.
"""

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Any

from tt_pipeline_tests.labs.peers.task import Collected, Task

OFFICIAL_URL = "https://open.tiktokapis.com"
LOOPBACK = "127.0.0.1"


class _StrangeAddressError(BaseException):
    """A client tried to leave the machine; no client's `except` or retry may catch this."""


def drive(collect: Callable[[Task], Collected]) -> None:
    """Do the task of standard input; output of the client goes to standard error."""
    sys.addaudithook(_only_loopback)
    with redirect_stdout(sys.stderr):
        collected = collect(Task(**json.load(sys.stdin)))
    json.dump(asdict(collected), sys.stdout)


def _only_loopback(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" and args[0] != LOOPBACK:
        raise _StrangeAddressError(args[0])
    if event == "socket.connect" and args[1][0] != LOOPBACK:
        raise _StrangeAddressError(args[1])
