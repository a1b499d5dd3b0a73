"""A signal ends every command with one message and its exit code, at any moment."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tt_pipeline_tests.builders import cases, free_port
from tt_pipeline_tests.journeys.conftest import Place

pytestmark = pytest.mark.journey

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
SELDOM = cases({number.name: number for number in CODES}, "SIGTERM")
INTERRUPTED = "Interrupted. Landed pages are kept; run the same command again to continue.\n"
FOR_HOURS = "select count(*) from range(100000000000000) where range % 7 = 8"


def started(place: Place, *arguments: str, folder: Path | None = None) -> "subprocess.Popen[str]":
    """Start a command in a separate process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "tt_pipeline.cli", *arguments],
        env=inherited | place.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=True,
    )


def wait_for_module(process: "subprocess.Popen[str]", name: str) -> None:
    """Wait until the process has loaded a compiled module, so that it is importing or working."""
    maps, ends_at = Path(f"/proc/{process.pid}/maps"), time.monotonic() + 60
    while name not in maps.read_text():
        assert time.monotonic() < ends_at
        time.sleep(0.001)


def ended(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    """Exit code and stderr after a signal; a process that stands still is ended, and fails the test."""
    process.send_signal(number)
    with contextlib.suppress(subprocess.TimeoutExpired):
        _, message = process.communicate(timeout=120)
        return process.returncode, message
    process.kill()
    pytest.fail(f"still there 120 s after the signal: {process.communicate()}")


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize(
    ("loaded", "command"),
    cases(
        {
            "plan while it is imported": ("_pydantic_core", ["plan"]),
            "plan": ("_polars_runtime", ["plan"]),
            "check": ("_pydantic_core", ["check"]),
            "status": ("_polars_runtime", ["status"]),
            "doctor": ("_duckdb", ["doctor"]),
            "rebuild": ("_duckdb", ["rebuild"]),
            "export": ("_duckdb", ["export"]),
            "trace": ("_pydantic_core", ["trace", "7"]),
        },
        "plan while it is imported",
        "rebuild",
    ),
)
def test_a_command_that_is_interrupted_says_so_in_one_line(
    collected: Place, number: signal.Signals, loaded: str, command: Sequence[str]
) -> None:
    """There is no traceback, also while Python imports the modules of the command."""
    with started(collected, *command) as process:
        wait_for_module(process, loaded)
        assert ended(process, number) == (CODES[number], INTERRUPTED)


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("command", cases({"sql": ["sql"], "export": ["export", "--sql"]}, "sql"))
def test_a_query_that_would_take_hours_ends_in_seconds(
    collected: Place, number: signal.Signals, command: Sequence[str]
) -> None:
    """DuckDB's own error after a signal, or its wait for the query, is not reported as a fault of ours."""
    with started(collected, *command, FOR_HOURS) as process:
        wait_for_module(process, "_duckdb")
        time.sleep(2)  # until the query runs
        assert ended(process, number) == (CODES[number], INTERRUPTED)


@pytest.mark.parametrize("number", CODES)
def test_the_simulator_stops(place: Place, number: signal.Signals) -> None:
    """Its only message is that it has stopped."""
    with started(place, "--plain", "simulate", "--port", "0", "--days", "2") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert ended(process, number) == (CODES[number], "Stopped.\n")


@pytest.mark.parametrize("number", SELDOM)
def test_the_server_stops(collected: Place, number: signal.Signals) -> None:
    """`tt up` ends Dagster and then itself; Dagster's messages about its end are only in its log."""
    with started(collected, "up", "--port", f"{free_port()}") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("The Dagster UI is starting at http://127.0.0.1:")
        assert ended(process, number) == (CODES[number], "Stopped.\n")


@pytest.mark.parametrize("number", SELDOM)
def test_the_demo_stops_while_it_collects(place: Place, tmp_path: Path, number: signal.Signals) -> None:
    """It publishes the landed pages, and its simulator ends too."""
    landing = tmp_path / "data" / "demo" / "internal" / "landing"
    with started(place, "demo", folder=tmp_path) as process:
        ends_at = time.monotonic() + 120
        while not list(landing.rglob("*.ndjson*")):
            assert time.monotonic() < ends_at
            time.sleep(0.01)
        code, message = ended(process, number)

    assert (code, "Traceback" in message, message.endswith(INTERRUPTED)) == (CODES[number], False, True), message


def test_a_reader_that_leaves_early_is_not_a_failure(collected: Place) -> None:
    """`tt sql … | head -1`: nothing on stderr, and the exit code is 0."""
    with started(collected, "sql", "from range(100000)", "--csv") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "range\n"
        process.stdout.close()
        assert process.stderr is not None
        message = process.stderr.read()

    assert (process.returncode, message) == (0, "")
