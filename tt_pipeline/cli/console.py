"""Output: answers on stdout, progress and problems on stderr.

On a terminal lines are broken between words. Elsewhere, and with --plain, every line is whole and without colour.

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
from typing import Any, Final, TextIO

from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from tt_pipeline.cli.command_name import as_typed
from tt_pipeline.cli.wrapping import wrapped

# ESC and its like would let a text clear the screen or rename the window; line ends and tabs are harmless.
_COMMANDS_OF_TERMINALS: Final = dict.fromkeys({*range(0x20), *range(0x7F, 0xA0)} - {ord("\n"), ord("\t")})

PLAIN: Final = {
    "✓": "ok",
    "…": "...",
    "–": "-",
    "×": "x",
    "█": "#",
    "─": "-",
    # The marks of `tt status`: one character each, and none of them twice.
    **dict(zip("●◒◐‖◑○✗·", "#ce=pox.", strict=True)),
}
"""Signs of ours, and what a terminal shows that does not have them."""


def _in_plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


_USUAL_WIDTH: Final = 80
_WITHOUT_EDGE: Final = 10_000
_AS_PLAIN_SIGNS: Final = "tt_pipeline.plain_signs"
codecs.register_error(_AS_PLAIN_SIGNS, _in_plain_signs)


class Screen(Console):
    """A console for texts of others, which outlives its reader, as in `tt sql … | head -1`."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Leave out characters that a terminal would obey instead of showing."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(segment.text.translate(_COMMANDS_OF_TERMINALS), segment.style)

    @property
    def size(self) -> ConsoleDimensions:
        """The size of the terminal; a pipe or file has no edge."""
        width, height = super().size
        if not self.is_terminal:
            width = _WITHOUT_EDGE
        return ConsoleDimensions(width or _USUAL_WIDTH, height)  # some terminals set COLUMNS=0

    @size.setter
    def size(self, size: tuple[int, int]) -> None:
        self._width, self._height = size

    def print(self, *objects: Any, hang: int = 0, soft_wrap: bool | None = None, **options: Any) -> None:
        """Print texts in whole words, and other things laid out for the width of the terminal.

        Commands in texts of ours, such as `tt status`, are written as they can be typed in this shell.

        Args:
            hang: By how many characters further lines of a text are indented.
            soft_wrap: Leave lines as they are.
        """
        objects = tuple(map(_as_typed, objects))
        is_text = all(isinstance(each, str | Text) for each in objects)
        if is_text and self.is_terminal and not soft_wrap:
            text = Text(" ").join(each if isinstance(each, Text) else Text(each) for each in objects)
            objects = (wrapped(text, self.width, hang=hang),)
        super().print(*objects, soft_wrap=soft_wrap or is_text or not self.is_terminal, **options)

    def become_plain(self) -> None:
        """Print on a terminal as into a pipe."""
        self._force_terminal = False
        self._color_system = None
        self.is_interactive = False

    def on_broken_pipe(self) -> None:
        """Send further output to nowhere, so that a command still does its work and has its own exit code."""
        _drop_output_of(2 if self.stderr else 1)


def _as_typed(printed: object) -> object:
    if isinstance(printed, str):
        return as_typed(printed)
    if isinstance(printed, Text) and not printed.spans:
        return Text(as_typed(printed.plain), style=printed.style)
    return printed


def new_screen(*, stderr: bool = False) -> Screen:
    """A console that reads no text as markup; `Text` with a style is the only way to print in colour."""
    return Screen(stderr=stderr, highlight=False, markup=False, emoji=False)


OUT: Final = new_screen()
ERR: Final = new_screen(stderr=True)


def print_plainly() -> None:
    """Print on a terminal as into a pipe: no colours, no live line, whole lines."""
    from typer import rich_utils  # it costs half a second, which help and wrong options alone need

    OUT.become_plain()
    ERR.become_plain()
    rich_utils.FORCE_TERMINAL = False  # of help and wrong options, which Typer prints


def replace_unprintable() -> None:
    """Let stdout and stderr replace characters that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where the caller has closed it
            stream.reconfigure(errors=_AS_PLAIN_SIGNS)


def say(text: str = "", *, hang: int = 0) -> None:
    """Print a line of the answer.

    Args:
        hang: By how many characters it is indented after its first line on the screen.
    """
    OUT.print(text, hang=hang)


def are_terminals(*streams: TextIO | None) -> bool:
    """Whether each of these streams is a terminal; a closed one is None."""
    return all(stream is not None and stream.isatty() for stream in streams)


def say_as_is(text: str) -> None:
    """Print what people copy: a command, SQL or JSON. Its lines are not broken."""
    OUT.print(text, soft_wrap=True)


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
