"""`tt up` and the demo's UI: start Dagster's webserver and daemon, and stop them with the command."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.study_watch import LocationWatch, StudyWatch
from tt_pipeline.cli.terminal_filter import FollowedLog
from tt_pipeline.cli.up_steps import StepFailed, count_queued, prepare, run_step
from tt_pipeline.counted import counted
from tt_pipeline.coverage import make_places
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import AlreadyServed, UsageError
from tt_pipeline.safe_files import shared_lease_if_free, write_whole
from tt_pipeline.settings import Settings, check_folders, hand_on
from tt_pipeline.vocabulary import LOCATION

_HOST = "127.0.0.1"
_STOP_S = 20
_LOOK_EVERY_S = 1
_ARENAS = "2"
"""Heaps of a process: the C library gives each thread one, up to 8 for each core, which keep what they have once used.
Two save 14 MB of the four processes."""
_QUIET = ("--log-level", "warning")
"""The UI shows ticks and runs; on the terminal they would hide warnings."""


def serve_dagster(settings: Settings, *, port: int) -> None:
    """Run the UI and the daemon until interrupted.

    The UI has no login: it listens on 127.0.0.1 only, and refuses what pages of other sites send.

    Raises:
        AlreadyServed: Another process serves the data dir.
        UsageError: The port is in use.
        StudyEnded: The study was ended, so nothing can be collected or shown.
        Exit: A later tt_pipeline has used the data dir, DAGSTER_HOME is not its instance, or Dagster ended with an
            error; the reason was said.
    """
    settings.files.check_not_ended()
    base_url, log_file = f"http://{_HOST}:{port}", settings.files.dagster_log
    with _only_server(settings.files, base_url) as lease:
        check_port(port)
        check_folders(settings)
        make_places(settings)
        hand_on(**settings.as_environment())
        try:
            home, *obstacles = run_step(prepare)
        except StepFailed as failure:
            problem(failure.says)
            raise typer.Exit(failure.code) from failure
        watch = StudyWatch(settings, base_url)
        watch.begin()
        hand_on(DAGSTER_HOME=home, MALLOC_ARENA_MAX=_ARENAS)
        for sentence in obstacles:
            problem(sentence)
        say(f"The Dagster UI is starting at {base_url}. Stop it with Ctrl-C.")
        say(f"Here you see what needs you. {log_file} has everything that Dagster writes.")
        try:
            with (
                settings.files.dagster_log.open("ab") as log,
                _dagster(Path(home), port, lease, log.fileno()) as programs,
            ):
                _attend(programs, watch, FollowedLog(settings.files.dagster_log))
        except KeyboardInterrupt:
            say_what_waits()
            raise
        check_port(port)  # another program took it while the UI was starting
        problem(f"One of Dagster's services has ended by itself; {log_file} says why.")
        raise typer.Exit(Exit.FAILED)


@contextmanager
def _dagster(home: Path, port: int, lease: int, log: int) -> Iterator[Sequence[subprocess.Popen[str]]]:
    """Dagster's three services: the code server, which can load edited definitions again, the UI and the daemon.

    They inherit the lease: if this process is killed, the data dir counts as served until they end. They run in a
    folder without .env, because Dagster would prefer it over the current settings.
    """
    with TemporaryDirectory(prefix="tt-") as folder, ExitStack() as services:
        socket_file, workspace = Path(folder) / "code.sock", Path(folder) / "workspace.yaml"
        server = {"socket": f"{socket_file}", "location_name": LOCATION}
        workspace.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
        named = ["-m", LOCATION, "--location-name", LOCATION]
        code = ["dagster", "code-server", "start", "--socket", f"{socket_file}", *named]
        ui = ["tt_pipeline.cli.guarded_webserver", "-h", _HOST, "-p", f"{port}", "-w", f"{workspace}"]
        daemon = ["tt_pipeline.cli.quiet_daemon", "run", "-w", f"{workspace}"]

        def start(*words: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-W", "ignore", "-m", *words]
            return services.enter_context(
                program(command, stdout=log, stderr=subprocess.STDOUT, folder=home, inherits=(lease,))
            )

        started = [start(*code, *_QUIET)]
        _wait_for(socket_file, started[0])
        yield [*started, start(*ui, "--dagster-log-level", "warning"), start(*daemon, *_QUIET)]


def _wait_for(socket_file: Path, process: subprocess.Popen[str]) -> None:
    """Until the code server can be reached, or has ended."""
    while not socket_file.exists() and process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_EVERY_S / 10)


def _attend(programs: Sequence[subprocess.Popen[str]], watch: StudyWatch, log: FollowedLog) -> None:
    """Until one of Dagster's services ends, show their warnings and errors, and let them load an edited study.

    Also tell when they cannot load the definitions, because Dagster runs no sensor of what it cannot load.
    """
    is_running, location = True, LocationWatch(watch.base_url)
    while is_running:
        with suppress(subprocess.TimeoutExpired):
            programs[0].wait(_LOOK_EVERY_S)
        is_running = all(process.poll() is None for process in programs)
        for line in log.new_lines():
            problem(line)
        if is_running:
            if watch.look():
                location.look_now()
            location.look()


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


def say_what_waits() -> None:
    """Say how many runs stay in the queue, after Dagster has ended."""
    with suppress(StepFailed):
        if waiting := run_step(count_queued):
            it, goes = ("it", "goes") if waiting == 1 else ("they", "go")
            say(f"{counted(waiting, 'run', 'are')} queued; {it} {goes} on when `tt up` runs again.")


def check_port(port: int) -> None:
    """Check that the UI can listen on a port.

    Raises:
        UsageError: Another program does.
    """
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise UsageError(f"Port {port} is in use, perhaps by another `tt up`; choose another with --port.") from error


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
