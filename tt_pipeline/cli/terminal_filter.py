"""What of Dagster's output `tt up` shows: what needs a person.

The log file and the one before it have everything, except lines that were written in the instant between copying and
emptying a file that had become too large.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_COLORS: Final = re.compile(r"\x1b\[[0-9;]*m")
_RECORD: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d):\d\d [+-]\d{4} - (?P<logger>\S+) - (?P<level>[A-Z]+) - (?P<text>.*)"
)
_RUN: Final = re.compile(r"(?P<job>\S+) - [0-9a-f-]{36} - (?:\d+ - )?(?P<text>.*)")
_FAILURE: Final = re.compile(r"(?:(?P<step>\S+) - )?(?:STEP|RUN)_FAILURE - (?P<text>.*)")
_CLASS: Final = re.compile(r"(?:\w+\.)+\w+(?=:|$)")
_PROGRESS_BAR: Final = re.compile(r"\d+%\|")
_LEVELS: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
_EXPECTED: Final = (
    "Paused for",  # goes on by itself
    "No cursor for event type",  # Dagster's first start
)
_TRACEBACK: Final = "Traceback (most recent call last):"
_CHAINED: Final = ("The above exception was the direct cause", "During handling of the above exception")
_MOST_BYTES: Final = 20_000_000
_RECORD_IS_WHOLE: Final = 3
"""Calls without new output after which the latest record is taken to be whole."""


@dataclass
class TerminalFilter:
    """Turns lines of Dagster's output into at most one line for each warning or error, without stack traces."""

    _record: re.Match[str] | None = None
    _below: list[str] = field(default_factory=list)
    _is_shown: bool = False

    def lines(self, text: str) -> list[str]:
        """What to show of these whole lines; a record is shown when the next one begins, or by `rest`."""
        shown: list[str] = []
        for line in _COLORS.sub("", text).splitlines():
            begins = _RECORD.match(line)
            if begins or (line.startswith(_TRACEBACK) and not self._is_chained()):
                shown += self.rest()
                self._record, self._below, self._is_shown = begins, [] if begins else [line], False
            elif self._below or (self._record and self._record["level"] in _LEVELS):
                self._below.append(line)
            elif line.strip() and not _PROGRESS_BAR.search(line):
                shown.append(line)
        return shown

    def _is_chained(self) -> bool:
        """Whether the traceback that follows belongs to the one before."""
        return any(line.startswith(_CHAINED) for line in self._below[-2:])

    def rest(self) -> list[str]:
        """What to show of the record that the latest lines belong to; lines of it that come later are not shown."""
        if self._is_shown:
            return []
        record, below, self._is_shown = self._record, self._below, True
        if record is None:
            return [next((line for line in reversed(below) if line.strip()), "")] if below else []
        shown = _in_one_line(record, below) if record["level"] in _LEVELS else ""
        return [f"{record['time']} {shown}"] if shown else []


def _in_one_line(record: re.Match[str], below: list[str]) -> str:
    """A warning or an error in one line; "" if nobody needs to know it."""
    of_run = _RUN.match(record["text"])
    text = of_run["text"] if of_run else record["text"]
    who = of_run["job"] if of_run else record["logger"]
    cause = _cause(below)
    if failure := _FAILURE.match(text):
        if "Steps failed:" in text:  # each step has a record of its own
            return ""
        who, text = f"{who} {failure['step'] or ''}".strip(), cause or failure["text"]
    elif cause:
        text = f"{text} {cause}"
    return "" if text.startswith(_EXPECTED) else f"{who}: {text}"


def _cause(below: list[str]) -> str:
    """The message of the error in the lines below a record, without its class and stack trace."""
    message = []
    for line in below:
        if line.startswith(("Stack Trace:", _TRACEBACK, "The above exception")):
            break
        message.append(line.strip())
    text = " ".join(filter(None, message))
    named = _CLASS.match(text)
    return text[named.end() :].removeprefix(":").strip() if named else text


class FollowedLog:
    """A log file that Dagster's processes append to, and that is read while they run."""

    def __init__(self, file: Path) -> None:
        """Reading begins at the present end of the file."""
        self._file, self._filter, self._partial = file, TerminalFilter(), ""
        self._read = file.stat().st_size if file.exists() else 0
        self._idle = 0

    def new_lines(self) -> list[str]:
        """What to show of all that was written since the last call; call it every second."""
        with self._file.open("rb") as log:
            log.seek(self._read)
            text = log.read().decode("utf-8", errors="replace")
            self._read = log.tell()
        whole, newline, self._partial = (self._partial + text).rpartition("\n")
        shown = self._filter.lines(whole + newline)
        self._idle = 0 if text else self._idle + 1
        if self._idle >= _RECORD_IS_WHOLE:
            shown += self._filter.rest()
        if self._read > _MOST_BYTES:
            self._begin_again()
        return shown

    def _begin_again(self) -> None:
        """Keep the log as `<name>.1` and empty the file; its writers append, so they go on at its beginning."""
        self._file.with_name(f"{self._file.name}.1").write_bytes(self._file.read_bytes())
        with self._file.open("r+b") as log:
            log.truncate()
        self._read = 0
