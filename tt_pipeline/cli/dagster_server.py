"""`tt up` and the demo's UI: Dagster's own programs, started and stopped with the command."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from tt_pipeline.cli.console import OUT
from tt_pipeline.cli.exits import Exit
from tt_pipeline.errors import UsageError
from tt_pipeline.orchestration import dagster_home, end_dead_runs, open_instance
from tt_pipeline.settings import Settings, hand_on

_HOST = "127.0.0.1"
_STOP_S = 20
_QUIET = ("--log-level", "warning")
"""Ticks and runs are told in the UI; here they would bury what needs a person."""


def serve_dagster(settings: Settings, *, port: int) -> None:
    """Run UI and daemon until interrupted, on 127.0.0.1 alone: the UI has no login.

    Raises:
        UsageError: The port is taken; a second daemon over the same data dir would follow.
        Exit: Dagster ended by itself, with an error.
    """
    _check_port(port)
    home = dagster_home(settings.files)
    with open_instance(settings.files) as instance:
        end_dead_runs(instance, settings.files, nobody_serves=True)
    # From a folder without .env: Dagster would read it over the settings that are in force here.
    hand_on(DAGSTER_HOME=str(home), **settings.as_environment())
    OUT.print(f"[bold]http://{_HOST}:{port}[/bold] is the Dagster UI in a moment. Stop it with Ctrl-C.")
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "dev", "-m", "tt_pipeline.definitions"]
    with program([*command, "-h", _HOST, "-p", str(port), *_QUIET], folder=home) as process:
        if process.wait():
            raise typer.Exit(Exit.FAILED)


def _check_port(port: int) -> None:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise UsageError(f"Port {port} is taken; if it is not this UI already, name another with --port.") from error


@contextmanager
def program(
    command: Sequence[str], *, stdout: int | None = None, stderr: int | None = None, folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program with its children; all of them end with this, also when this process is told to end."""
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
