"""The terminal of `tt up` shows messages that need a person, in one line each."""

from pathlib import Path

import pytest

from tt_pipeline.cli import terminal_filter
from tt_pipeline.cli.terminal_filter import FollowedLog, TerminalFilter

RUN = "cbcd7608-cb3f-4879-939d-51c9864ce087"
AT = "2026-11-28 17:47:50 +0000"
STACK = """
Stack Trace:
  File "/somewhere/execute_plan.py", line 243, in dagster_event_sequence_for_step
    yield from check.generator(step_events)
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""


def failure(cause: str, *, kind: str = "Failure") -> str:
    """The two records of a step that failed, with stack traces."""
    cause = f"\ndagster._core.definitions.events.{kind}: {cause}\n{STACK}\n"
    return (
        f'{AT} - dagster - ERROR - collect - {RUN} - 16790 - users - STEP_FAILURE - Execution of step "users" failed.\n'
        f"{cause}{AT} - dagster - ERROR - collect - {RUN} - 16790 - RUN_FAILURE - "
        f"Execution of run for \"collect\" failed. Steps failed: ['users'].\n{cause}"
    )


def shown(text: str) -> list[str]:
    """The lines that a person sees of the complete output."""
    lines = TerminalFilter()
    return lines.lines(text) + lines.rest()


@pytest.mark.parametrize(
    ("output", "seen"),
    [
        (f"{AT} - dagster - INFO - collect - {RUN} - users - page landed: users of 2026-10-02 records=1\n", []),
        (failure("Paused for quota. users: 85 of 91 days have a final status. Quota main: 100 of 100 used."), []),
        (failure("Paused for the daily run. users: 1 of 2 days have a final status."), []),
        (
            failure("users: 1 of 2 days have a final status. The server failed."),
            ["17:47 collect users: users: 1 of 2 days have a final status. The server failed."],
        ),
        (
            failure("data/study.yaml:3: searches: is missing\ndata/study.yaml:9: start: is missing"),
            ["17:47 collect users: data/study.yaml:3: searches: is missing data/study.yaml:9: start: is missing"],
        ),
        (
            (
                f'{AT} - dagster - ERROR - collect - {RUN} - 7 - RUN_FAILURE - Execution of run for "collect" failed. '
                f"Execution was interrupted.\n\ndagster._core.errors.DagsterExecutionInterruptedError\n{STACK}"
            ),
            ['17:47 collect: Execution of run for "collect" failed. Execution was interrupted.'],
        ),
        (
            (
                f"\x1b[32m{AT}\x1b[0m - dagster.daemon.EventLogConsumerDaemon - \x1b[34mWARNING\x1b[0m - "
                "No cursor for event type DagsterEventType.RUN_FAILURE, ignoring older events\n"
            ),
            [],
        ),
        (
            f"{AT} - dagster.daemon - ERROR - Thread for SENSOR did not shut down gracefully.\n",
            ["17:47 dagster.daemon: Thread for SENSOR did not shut down gracefully."],
        ),
        (
            (
                f"{AT} - dagster - INFO - collect - {RUN} - users - begun\nTraceback (most recent call last):\n"
                '  File "x.py", line 1\nOSError: [Errno 28] No space left on device\n'
            ),
            ["OSError: [Errno 28] No space left on device"],
        ),
        (
            (
                'Traceback (most recent call last):\n  File "x.py", line 1\nKeyError: 1\n\nThe above exception was the '
                "direct cause of the following exception:\n\nTraceback (most recent call last):\n"
                '  File "y.py", line 1\n'
                "ImportError: no module\n"
            ),
            ["ImportError: no module"],
        ),
        ("  5%|▌         | 1/20 [00:00<00:02]\r 10%|█  | 2/20 [00:00<00:02]\n", []),
        ("Address already in use\n", ["Address already in use"]),
    ],
)
def test_one_line_for_what_needs_a_person(output: str, seen: list[str]) -> None:
    """Pages, progress bars and pauses are not shown; errors are, without stack traces."""
    assert shown(output) == seen


@pytest.mark.parametrize("idle", [0, 2, 9])
@pytest.mark.parametrize("cut", [1, 60, 180, 320, 500, 777])
def test_records_may_come_in_pieces(tmp_path: Path, cut: int, idle: int) -> None:
    """The log is read while processes write it, so half of a record may be there for seconds."""
    log, text = tmp_path / "dagster.log", failure("The server failed.") + f"{AT} - dagster - ERROR - Äddress in use\n"
    log.write_text("")
    followed, seen = FollowedLog(log), []
    for piece in (text.encode()[:cut], text.encode()[cut:]):
        with log.open("ab") as output:
            output.write(piece)
        for _ in range(1 + idle):
            seen += followed.new_lines()
    for _ in range(9):
        seen += followed.new_lines()

    assert len(seen) == 2
    assert seen[-1] == "17:47 dagster: Äddress in use"
    assert "File" not in f"{seen}"


def test_output_of_the_last_start_is_not_shown(tmp_path: Path) -> None:
    """The output of the last `tt up` is skipped."""
    log = tmp_path / "dagster.log"
    log.write_text("old\n")
    followed = FollowedLog(log)
    with log.open("a") as output:
        output.write("new\n")

    assert followed.new_lines() == ["new"]


def test_a_large_log_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last part is kept, and a process that has the file open continues at its beginning."""
    monkeypatch.setattr(terminal_filter, "_MOST_BYTES", 100)
    log = tmp_path / "dagster.log"
    log.touch()
    followed = FollowedLog(log)
    with log.open("a") as output:
        output.write("x" * 200 + "\n")
        output.flush()
        first = followed.new_lines()
        output.write("after\n")
        output.flush()
        second = followed.new_lines()

    assert (first, second) == (["x" * 200], ["after"])
    assert (log.read_text(), (tmp_path / "dagster.log.1").read_text()) == ("after\n", "x" * 200 + "\n")
