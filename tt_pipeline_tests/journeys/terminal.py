"""Runs a command under a real pseudo-terminal, and renders what a person would see."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pexpect
import pyte
from rich.cells import cell_len

TT: Final = (sys.executable, "-m", "tt_pipeline.cli")
_LINES: Final = 24
_WITH_HISTORY: Final = 1_000
_PATIENCE_S: Final = 120
_LONG_WORD: Final = 60
_SPINNER: Final = re.compile("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]")
_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Terminal:
    """A terminal with one command; it is so tall that nothing scrolls away.

    Attributes:
        raw: Everything that the command wrote.
        frames: The screen after each piece of output.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    columns: int = 80
    raw: str = ""
    frames: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the command."""
        self._screen = pyte.Screen(self.columns, _WITH_HISTORY)
        self._stream = pyte.Stream(self._screen)
        self._child: Any = pexpect.spawn(
            TT[0],
            [*TT[1:], *self.command],
            env={**self.environment, "TERM": "xterm-256color"},
            cwd=str(self.folder),
            dimensions=(_LINES, self.columns),
            encoding="utf-8",
            timeout=_PATIENCE_S,
        )

    def until(self, pattern: str) -> None:
        """Show output up to a text."""
        self._child.expect(pattern)
        self._show(self._child.before + self._child.after)

    def type(self, keys: str) -> None:
        """Type keys, as a person does."""
        self._child.send(keys)

    def end(self) -> int:
        """Show everything that is left; returns the exit code."""
        while True:
            try:
                self._show(self._child.read_nonblocking(4096, timeout=_PATIENCE_S))
            except pexpect.EOF:
                break
        self._child.close()
        return int(self._child.exitstatus)

    @property
    def lines(self) -> list[str]:
        """The screen, without spaces at the ends of lines and without empty lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    def torn(self) -> list[str]:
        """Lines on which a live line shares its place with another text, or was left behind."""
        return [line for frame in self.frames for line in _torn(frame)]

    def too_wide(self) -> list[str]:
        """Lines that the terminal had to break, in the middle of a word perhaps; a path may be wider than it is."""
        written = [line.rstrip() for line in re.split(r"[\r\n]+", _CONTROL.sub("", self.raw))]
        return [line for line in written if cell_len(line) > self.columns and len(line.split()[-1]) < _LONG_WORD]

    def _show(self, output: str) -> None:
        self.raw += output
        self._stream.feed(output)
        self.frames.append(self.lines)


def _torn(frame: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(frame, start=1):
        live = _SPINNER.search(line)
        if live and (live.start() > 0 or number < len(frame) or "✓" in line):
            yield line
