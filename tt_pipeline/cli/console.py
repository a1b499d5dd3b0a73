"""Output: answers on stdout, progress and problems on stderr.

Text of users, files and servers may contain anything, so nothing that is printed is read as markup, and a character
that the terminal cannot show is replaced: a sign of ours by one that has the same meaning, another one by a question
mark.
"""

import codecs
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from tt_pipeline.cli.command_name import as_typed

# ESC and its like would let a text clear the screen or rename the window; line ends and tabs are harmless.
_COMMANDS_OF_TERMINALS: Final = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})

PLAIN: Final = {
    "✓": "ok",
    "…": "...",
    "–": "-",
    "×": "x",
    "█": "#",
    # The marks of `tt status`: one character each, and none of them twice.
    **dict(zip("●◒◐‖◑○✗·", "#ce=pox.", strict=True)),
}
"""Signs of ours, and what a terminal shows that does not have them."""


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


_USUAL_WIDTH: Final = 80
_AS_PLAIN_SIGNS: Final = "tt_pipeline.plain_signs"
codecs.register_error(_AS_PLAIN_SIGNS, _in_plain_signs)


class _Screen(Console):
    """A console for texts of others, which outlives its reader, as in `tt sql … | head -1`."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Leave out characters that a terminal would obey instead of showing."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(segment.text.translate(_COMMANDS_OF_TERMINALS), segment.style)

    def print(self, *objects: object, **options: Any) -> None:
        """Print; commands in texts of ours are those that can be typed in this shell."""
        super().print(*map(_as_typed, objects), **options)

    def on_broken_pipe(self) -> None:
        """Send further output to nowhere, so that a command still does its work and has its own exit code."""
        _drop_output_of(2 if self.stderr else 1)


def _as_typed(printed: object) -> object:
    if isinstance(printed, str):
        return as_typed(printed)
    if isinstance(printed, Text) and not printed.spans:
        return Text(as_typed(printed.plain), style=printed.style)
    return printed


def new_screen(*, stderr: bool = False, width: int | None = None) -> Console:
    """A console that prints text as it is; `Text` with a style is the only way to print in colour."""
    screen = _Screen(stderr=stderr, width=width, highlight=False, soft_wrap=True, markup=False, emoji=False)
    if screen.width < 1:  # COLUMNS=0, which some terminals set, would hide everything
        screen.width = _USUAL_WIDTH
    return screen


OUT: Final = new_screen()
ERR: Final = new_screen(stderr=True)


def replace_unprintable() -> None:
    """Let stdout and stderr replace characters that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the caller has closed it
            stream.reconfigure(errors=_AS_PLAIN_SIGNS)


def say(text: str = "") -> None:
    """Print a line of the answer."""
    OUT.print(text)


def heading(text: str) -> None:
    """Print the heading of a part of the answer."""
    OUT.print(Text(f"\n{text}", style="bold"))


def problem(text: object) -> None:
    """Print on stderr why a command could not complete its work."""
    ERR.print(Text(f"{text}", style="red"))


def write_for_programs(text: str) -> None:
    """Print a text such as CSV or JSON: in UTF-8 whatever the terminal's encoding, and never wrapped or coloured."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        _drop_output_of(1)


def flush_output() -> None:
    """Write what is buffered; a reader that has gone away is no failure."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            if stream:
                stream.flush()
        except BrokenPipeError:
            _drop_output_of(number)


def _drop_output_of(number: int) -> None:
    """Connect stdout (1) or stderr (2) to nowhere; the buffered text would otherwise fail again at the end."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
