"""Options and arguments that several commands have, and the help of a command."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

FirstDay = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First UTC day, for example 2026-10-01.")]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last UTC day, included.")]
StudyFile = Annotated[Path | None, typer.Argument(help="A study file; TT_STUDY unless named.", show_default=False)]
UiPort = Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port of the UI on 127.0.0.1.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price; nothing is asked.")]


def help_of(command: Callable[..., Any]) -> str:
    """The docstring with each paragraph on one line, because typer keeps its line ends and the screen is narrower."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.getdoc(command) or "")
