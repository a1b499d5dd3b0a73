"""Reads what a person types at the prompt of `tt sql`."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Self

from tt_pipeline.cli.console import say
from tt_pipeline.cli.dot_commands import dot_command
from tt_pipeline.cli.sql_completion import Completion
from tt_pipeline.cli.sql_interrupts import Cancelled, Interrupts

_FIRST, _FURTHER = "tt> ", "  > "
_NOT_IN_WORDS: Final = " \t\n,;()=<>+-*/'\""


class SqlEditor:
    """Reads texts from the terminal; the tab key completes words. Nothing is kept when it ends."""

    def __init__(self, completion: Completion, interrupts: Interrupts) -> None:
        self._completion = completion
        self._interrupts = interrupts
        self._lines: list[str] = []
        self._offered: list[str] = []

    def __enter__(self) -> Self:
        with suppress(ImportError):  # some builds of Python lack it: then lines are read without completion
            import readline

            readline.set_completer(self._offer)
            readline.set_completer_delims(_NOT_IN_WORDS)
            is_editline = "libedit" in (readline.__doc__ or "")
            readline.parse_and_bind("bind ^I rl_complete" if is_editline else "tab: complete")
            self._typed = readline.get_line_buffer, readline.get_begidx
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ImportError):
            import readline

            readline.set_completer(None)
            readline.clear_history()

    def texts(self) -> Iterator[str]:
        """What is typed: dot commands, and SQL up to a semicolon or an empty line."""
        while True:
            try:
                with self._interrupts.while_typing():
                    line = input(_FURTHER if self._lines else _FIRST)
            except EOFError:
                say()
                return
            except Cancelled:
                say()
                self._lines.clear()
                continue
            self._lines.append(line)
            if self._is_whole(line):
                text = "\n".join(self._lines).strip()
                self._lines.clear()
                if text.strip(";"):
                    yield text

    def _is_whole(self, line: str) -> bool:
        is_command = len(self._lines) == 1 and bool(dot_command(line))
        return is_command or not line.strip() or line.rstrip().endswith(";")

    def _offer(self, word: str, number: int) -> str | None:
        if number == 0:
            line, start = (typed() for typed in self._typed)
            before = "\n".join([*self._lines, str(line)[: int(start)]])
            self._offered = self._completion.words(word, before)
        return self._offered[number] if number < len(self._offered) else None
