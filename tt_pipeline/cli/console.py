"""Where people read: answers on stdout, progress and problems on stderr."""

from typing import Final

from rich.console import Console

OUT: Final = Console(highlight=False, soft_wrap=True)
ERR: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """A line of the answer; text is never read as markup."""
    OUT.print(text, markup=False)


def heading(text: str) -> None:
    """A line that opens a part of the answer."""
    OUT.print(f"\n[bold]{text}[/bold]")


def problem(text: object) -> None:
    """Why a command did not do what it was asked."""
    ERR.print(f"{text}", style="red", markup=False)
