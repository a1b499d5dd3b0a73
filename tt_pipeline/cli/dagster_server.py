"""`tt up` and the demo's UI: start Dagster's webserver and daemon, and stop them with the command."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.study_watch import StudyWatch
from tt_pipeline.cli.terminal_filter import FollowedLog
from tt_pipeline.cli.tonight import obstacles
from tt_pipeline.coverage import make_places
from tt_pipeline.errors import AlreadyServed, UsageError
from tt_pipeline.orchestration import LOCATION, end_dead_runs, home_of, open_instance
from tt_pipeline.safe_files import shared_lease_if_free, write_whole
from tt_pipeline.settings import DataDir, Settings, check_folders, hand_on

_HOST = "127.0.0.1"
_STOP_S = 20
_LOOK_EVERY_S = 1
_QUIET = ("--log-level", "warning")
"""The UI shows ticks and runs; on the terminal they would hide warnings."""


def serve_dagster(settings: Settings, *, port: int) -> None:
    """Run the UI and the daemon until interrupted.

    The UI has no login: it listens on 127.0.0.1 only, and refuses what pages of other sites send.

    Raises:
        AlreadyServed: Another process serves the data dir.
        UsageError: The port is in use.
        ForeignInstance: DAGSTER_HOME is not the instance of this data dir.
        Exit: Dagster ended with an error.
    """
    base_url, home = f"http://{_HOST}:{port}", home_of(settings.files, settings.dagster_home)
    with _only_server(settings.files, base_url) as lease:
        _check_port(port)
        check_folders(settings)
        make_places(settings)
        with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
            end_dead_runs(instance, settings.files)
        watch = StudyWatch(settings, base_url)
        watch.begin()
        # Run in a folder without .env, because Dagster would prefer it over the current settings.
        hand_on(**{**settings.as_environment(), "DAGSTER_HOME": str(home)})
        for sentence in obstacles(settings):
            problem(sentence)
        say(f"The Dagster UI is starting at {base_url}. Stop it with Ctrl-C.")
        say(f"Here you see what needs you. {settings.files.dagster_log} has everything that Dagster writes.")
        command = [sys.executable, "-W", "ignore", "-m", "tt_pipeline.cli.dagster_dev", "-m", LOCATION]
        address = ["-h", _HOST, "-p", str(port)]
        # Dagster inherits the lease: if this process is killed, the data dir counts as served until Dagster ends.
        with settings.files.dagster_log.open("ab") as log:
            output = {"stdout": log.fileno(), "stderr": subprocess.STDOUT}
            with program([*command, *address, *_QUIET], folder=home, inherits=(lease,), **output) as process:
                _attend(process, watch, FollowedLog(settings.files.dagster_log))
        if process.returncode:
            raise typer.Exit(Exit.FAILED)


def _attend(process: subprocess.Popen[str], watch: StudyWatch, log: FollowedLog) -> None:
    """Until Dagster ends, show its warnings and errors, and let it load the definitions of an edited study."""
    is_running = True
    while is_running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_EVERY_S)
        is_running = process.poll() is None
        for line in log.new_lines():
            problem(line)
        if is_running:
            watch.look()


@contextmanager
def _only_server(files: DataDir, base_url: str) -> Iterator[int]:
    """Hold the lease for serving the data dir; yields its descriptor.

    Raises:
        AlreadyServed: Another process has it.
    """
    note = files.internal / "up.txt"
    with shared_lease_if_free(files.internal / "up.lock") as lease:
        if lease is None:
            raise AlreadyServed(files.root, note.read_text().strip() if note.exists() else "it is just starting")
        write_whole(note, f"{base_url} (process {os.getpid()})\n")
        yield lease


def _check_port(port: int) -> None:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise UsageError(f"Port {port} is in use, perhaps by this UI; otherwise choose another with --port.") from error


@contextmanager
def program(
    command: Sequence[str],
    *,
    stdout: int | None = None,
    stderr: int | None = None,
    folder: Path | None = None,
    inherits: Sequence[int] = (),
) -> Iterator[subprocess.Popen[str]]:
    """Run a program; it and its child processes end with the context, even when this process is terminated."""
    with _interruptible():
        yield from _running(command, stdout=stdout, stderr=stderr, folder=folder, inherits=inherits)


def _running(
    command: Sequence[str], *, stdout: int | None, stderr: int | None, folder: Path | None, inherits: Sequence[int]
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 — our own interpreter and modules
        command, stdout=stdout, stderr=stderr, text=True, start_new_session=True, cwd=folder, pass_fds=inherits
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
