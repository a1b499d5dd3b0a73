"""Output: answers on stdout, progress and problems on stderr."""

from typing import Final

from rich.console import Console

OUT: Final = Console(highlight=False, soft_wrap=True)
ERR: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print a line of the answer; its text is never interpreted as markup."""
    OUT.print(text, markup=False)


def heading(text: str) -> None:
    """Print the heading of a part of the answer."""
    OUT.print(f"\n[bold]{text}[/bold]")


def problem(text: object) -> None:
    """Print on stderr why a command could not complete its work."""
    ERR.print(f"{text}", style="red", markup=False)
