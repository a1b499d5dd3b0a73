"""`tt up` and the demo's UI: Dagster's own programs, started and stopped with the command."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tt_pipeline.cli.console import OUT
from tt_pipeline.orchestration.instance import dagster_home
from tt_pipeline.settings import Settings, hand_on

_HOST = "127.0.0.1"
_STOP_S = 20


def serve_dagster(settings: Settings, *, port: int) -> None:
    """Run UI and daemon until interrupted, on 127.0.0.1 alone: the UI has no login."""
    hand_on(DAGSTER_HOME=str(dagster_home(settings.files)))
    OUT.print(f"[bold]http://{_HOST}:{port}[/bold] is the Dagster UI in a moment. Stop it with Ctrl-C.")
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "-m", "tt_pipeline.definitions"]
    with program([*command, "-h", _HOST, "-p", str(port)]) as process:
        process.wait()


@contextmanager
def program(
    command: Sequence[str], *, stdout: int | None = None, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program with its children; all of them end with this, also when this process is told to end."""
    with _interruptible():
        yield from _running(command, stdout=stdout, stderr=stderr)


def _running(command: Sequence[str], *, stdout: int | None, stderr: int | None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 — our own interpreter and modules
        command, stdout=stdout, stderr=stderr, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        end(process)
        if process.stdout:
            process.stdout.close()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make SIGTERM and SIGINT end what runs here in order; a shell that starts us with & lets SIGINT be ignored."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(process: subprocess.Popen[str]) -> None:
    """Interrupt a program and its children; kill them when that takes too long."""
    for polite in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, polite)
            process.wait(timeout=_STOP_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
