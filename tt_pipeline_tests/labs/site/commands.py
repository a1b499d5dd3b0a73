"""A page for each command, from the options and help texts of the command line itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from tt_pipeline.cli.app import app


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandPage:
    """What the command line says about one command.

    Attributes:
        name: As typed behind `tt`, for example `collect`.
        panel: The group under which `tt --help` lists it.
        summary: The first sentence of its help.
        markdown: The whole page.
    """

    name: str
    panel: str
    summary: str
    markdown: str

    @property
    def file(self) -> str:
        """The page's file name."""
        return f"tt-{self.name.replace(' ', '-')}.md"


def command_pages() -> list[CommandPage]:
    """A page for each command that is not hidden, in the order of `tt --help`."""
    return [_page(name, command) for name, command in _commands(typer.main.get_command(app))]


def list_of_commands(pages: list[CommandPage]) -> str:
    """The page that lists all commands by group, with the options that every command has."""
    panels = dict.fromkeys(page.panel for page in pages)
    parts = [_INTRODUCTION, *(_listed(panel, [page for page in pages if page.panel == panel]) for panel in panels)]
    return "\n".join(parts)


_INTRODUCTION = """\
# Commands

These pages are made from the command line itself: `tt -h` and `tt COMMAND -h` print the same.
`tt --version` prints the version.
After `tt --install-completion` and in a new shell, the Tab key completes commands and options.
"""


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command of the application or of a group, with the words that call it; typer does not name these types."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        elif not command.hidden:
            yield f"{before}{name}", command


def _page(name: str, command: Any) -> CommandPage:
    text = (command.help or "").strip()
    context = typer.Context(command, info_name=f"tt {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    records = [(*parameter.get_help_record(context), parameter) for parameter in command.params if not parameter.hidden]
    rows = [(f"`{shown}`", _cell(meaning)) for shown, meaning, _ in records]
    parts = [f"# tt {name}", _paragraphs(text), f"```text\n{usage}\n```", *([_table(rows)] if rows else [])]
    return CommandPage(
        name=name,
        panel=command.rich_help_panel if isinstance(command.rich_help_panel, str) else "",
        summary=text.split("\n\n", 1)[0].replace("\n", " "),
        markdown="\n\n".join(parts) + "\n",
    )


def _paragraphs(text: str) -> str:
    return "\n\n".join(paragraph.replace("\b\n", "") for paragraph in text.split("\n\n"))


def _table(rows: list[tuple[str, str]]) -> str:
    lines = [f"| {shown} | {meaning} |" for shown, meaning in rows]
    return "\n".join(["| argument or option | meaning |", "|---|---|", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _listed(panel: str, pages: list[CommandPage]) -> str:
    lines = [f"| [tt {page.name}]({page.file}) | {_cell(page.summary)} |" for page in pages]
    return "\n".join([f"## {panel}\n" if panel else "", "| command | what it does |", "|---|---|", *lines, ""])
