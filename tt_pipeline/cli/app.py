"""The `tt` application: all commands, and how their errors are shown."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from tt_pipeline.cli import collect_commands, doctor, export_command, learn_commands, query_commands, trace_command
from tt_pipeline.cli.console import problem
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.safe_files import storing

LEARN, COLLECT, USE, KEEP = "Learn", "Collect", "Use", "Keep"
_OPTION: Final = re.compile(r"--([a-z-]+(=.*)?)?", re.DOTALL)

app = typer.Typer(
    name="tt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Collect TikTok's Research API into a DuckDB warehouse. Days are UTC, both ends included.",
)
app.command(rich_help_panel=LEARN)(learn_commands.demo)
app.command(rich_help_panel=LEARN)(learn_commands.simulate)
app.command(rich_help_panel=LEARN)(learn_commands.init)
app.command(rich_help_panel=COLLECT)(collect_commands.check)
app.command(rich_help_panel=COLLECT)(collect_commands.plan)
app.command("try", rich_help_panel=COLLECT)(collect_commands.try_)
app.command(rich_help_panel=COLLECT)(collect_commands.collect)
app.command(rich_help_panel=COLLECT)(collect_commands.status)
app.command(rich_help_panel=COLLECT)(collect_commands.up)
app.command(rich_help_panel=USE)(query_commands.sql)
app.command(rich_help_panel=USE)(export_command.export)
app.command(rich_help_panel=USE)(trace_command.trace)
app.command(rich_help_panel=LEARN)(query_commands.describe)
app.command(rich_help_panel=KEEP)(doctor.doctor)
app.command(rich_help_panel=KEEP)(query_commands.rebuild)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; an error raised on purpose prints one message and sets the exit code, without a traceback."""
    try:
        with storing("This command", Path.cwd()):
            app(args=[_no_option(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    except TtPipelineError as error:
        problem(error)
        sys.exit(exit_code(error))
    except SystemExit as end:  # typer raises it for Ctrl-C, without a message
        if end.code == Exit.INTERRUPTED:
            problem("Interrupted. Landed pages are kept; run the same command again to continue.")
        raise


def _no_option(word: str) -> str:
    """Protect SQL that begins with a comment, such as `-- videos of a day`, from being read as an option."""
    return f"\n{word}" if word.startswith("--") and not _OPTION.fullmatch(word) else word
