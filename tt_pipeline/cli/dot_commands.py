"""The commands of `tt sql` that are not SQL, such as `.tables`."""

from collections.abc import Mapping
from typing import Final

from tt_pipeline.cli.tables import Layout
from tt_pipeline.query import spoken

QUIT: Final = ".quit"
HELP: Final = ".help"
MODE: Final = ".mode"
OF_TABLES: Final = {
    ".tables": "lists the tables",
    ".schema [TABLE]": "lists columns with their types",
}
OF_PROMPT: Final = {
    **OF_TABLES,
    f"{MODE} MODE": f"prints answers as {spoken([*Layout])}",
    HELP: "lists these commands",
    QUIT: "ends, as Ctrl-D does; Ctrl-C discards what was typed, or ends a query",
}
"""What each command does, by how it is typed."""
_OTHER_WORDS: Final = {"help": HELP, "quit": QUIT, "exit": QUIT, ".exit": QUIT}


def names_of(commands: Mapping[str, str]) -> list[str]:
    """The first words of the commands."""
    return [typed.split()[0] for typed in commands]


def explained(commands: Mapping[str, str]) -> str:
    """One line for each command."""
    width = max(map(len, commands))
    return "\n".join(f"{typed:<{width}}  {does}" for typed, does in commands.items())


def dot_command(text: str) -> list[str]:
    """The words of a command; empty if the text is SQL. `help`, `quit` and `exit` need no dot."""
    words = text.strip().rstrip(";").split()
    if len(words) == 1:
        words = [_OTHER_WORDS.get(words[0].lower(), words[0])]
    return words if words and words[0].startswith(".") else []
