"""`tt up` and the demo's UI: start Dagster's webserver and daemon, and stop them with the command."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from tt_pipeline.cli.console import say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.coverage import check_places
from tt_pipeline.errors import UsageError
from tt_pipeline.orchestration import dagster_home, end_dead_runs, open_instance
from tt_pipeline.settings import Settings, hand_on

_HOST = "127.0.0.1"
_STOP_S = 20
_QUIET = ("--log-level", "warning")
"""The UI shows ticks and runs; on the terminal they would hide warnings."""


def serve_dagster(settings: Settings, *, port: int) -> None:
    """Run the UI and the daemon until interrupted, only on 127.0.0.1 because the UI has no login.

    Raises:
        UsageError: The port is in use, perhaps by a daemon of the same data dir.
        Exit: Dagster ended with an error.
    """
    _check_port(port)
    check_places(settings)
    home = dagster_home(settings.files)
    with open_instance(settings.files) as instance:
        end_dead_runs(instance, settings.files, nobody_serves=True)
    # Run in a folder without .env, because Dagster would prefer it over the current settings.
    hand_on(DAGSTER_HOME=str(home), **settings.as_environment())
    say(f"The Dagster UI is starting at http://{_HOST}:{port}. Stop it with Ctrl-C.")
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "-m", "tt_pipeline.definitions"]
    with program([*command, "-h", _HOST, "-p", str(port), *_QUIET], folder=home) as process:
        if process.wait():
            raise typer.Exit(Exit.FAILED)


def _check_port(port: int) -> None:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise UsageError(f"Port {port} is in use, perhaps by this UI; otherwise choose another with --port.") from error


@contextmanager
def program(
    command: Sequence[str], *, stdout: int | None = None, stderr: int | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program; it and its child processes end with the context, even when this process is terminated."""
    with _interruptible():
        yield from _running(command, stdout=stdout, stderr=stderr, folder=folder)


def _running(
    command: Sequence[str], *, stdout: int | None, stderr: int | None, folder: Path | None
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 — our own interpreter and modules
        command, stdout=stdout, stderr=stderr, text=True, start_new_session=True, cwd=folder
    )
    try:
        yield process
    finally:
        end(process)
        if process.stdout:
            process.stdout.close()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make SIGTERM and SIGINT raise KeyboardInterrupt; a shell that starts us with & would ignore SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(process: subprocess.Popen[str]) -> None:
    """Interrupt a program and its child processes; terminate and kill them if that takes too long."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=_STOP_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return
