"""The `tt` application: all commands, and how their errors are shown."""

import re
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Annotated, Final

import typer

from tt_pipeline.cli import (
    browse_command,
    collect_commands,
    doctor,
    duties_command,
    export_command,
    init_command,
    keep_commands,
    learn_commands,
    migrate_command,
    notebook_command,
    once_commands,
    purge_command,
    query_commands,
    refresh_command,
    rehydrate_command,
    report_command,
    restore_command,
    service_command,
    trace_command,
)
from tt_pipeline.cli.command_name import PACKAGE
from tt_pipeline.cli.console import flush_output, print_plainly, problem, replace_unprintable, say
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.cli.interruption import Interruption
from tt_pipeline.cli.options import help_of
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.file_modes import keep_private
from tt_pipeline.safe_files import storing

_COMMANDS: Final[Mapping[str, Mapping[str, Callable[..., None]]]] = {
    "Learn": {
        "demo": learn_commands.demo,
        "simulate": learn_commands.simulate,
        "init": init_command.init,
        "describe": query_commands.describe,
    },
    "Collect": {
        "check": collect_commands.check,
        "plan": collect_commands.plan,
        "try": collect_commands.try_,
        "collect": collect_commands.collect,
        "rehydrate": rehydrate_command.rehydrate,
        "status": collect_commands.status,
        "up": collect_commands.up,
    },
    "Once": {
        "search": once_commands.search,
        "users": once_commands.users,
        "comments": once_commands.comments,
        "followers": once_commands.followers,
        "following": once_commands.following,
        "liked": once_commands.liked,
        "pinned": once_commands.pinned,
        "reposted": once_commands.reposted,
    },
    "Use": {
        "sql": query_commands.sql,
        "browse": browse_command.browse,
        "report": report_command.report,
        "notebook": notebook_command.notebook,
        "export": export_command.export,
        "trace": trace_command.trace,
    },
    "Keep": {
        "doctor": doctor.doctor,
        "refresh": refresh_command.refresh,
        "purge": purge_command.purge,
        "duties": duties_command.duties,
        "rebuild": query_commands.rebuild,
        "backup": keep_commands.backup,
        "restore": restore_command.restore,
        "verify": keep_commands.verify,
        "migrate-storage": migrate_command.migrate_storage,
        "alerts": keep_commands.alerts,
        "service": service_command.service,
        "env": keep_commands.env,
    },
}
"""The commands by the heading under which `tt --help` lists them."""
_OPTION: Final = re.compile(r"--([a-z-]+(=.*)?)?", re.DOTALL)
_PLAIN: Final = "--plain"

app = typer.Typer(
    name="tt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Collect TikTok's Research API into a DuckDB warehouse. Days are UTC, both ends included.",
)


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 — typer passes the option so
    if is_wanted:
        say(f"{PACKAGE} {version_of(PACKAGE)}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    plain: Annotated[
        bool,
        typer.Option(
            _PLAIN, help="Print as into a pipe: no colours, no live line, whole lines. It may stand after the command."
        ),
    ] = False,
) -> None:
    pass  # `run` obeys --plain, because it also holds for help and wrong options


for panel, commands in _COMMANDS.items():
    for name, command in commands.items():
        app.command(name, help=help_of(command), rich_help_panel=panel)(command)


def run(words: Sequence[str], interruption: Interruption) -> int:
    """Run a command; returns its exit code, after every error has been shown in one message.

    Raises:
        KeyboardInterrupt: A signal ended the command.
    """
    keep_private()
    replace_unprintable()
    try:
        with storing("This command", Path.cwd()):
            app(args=[_no_option(word) for word in _obeying_plain(words)])
    except SystemExit as end:  # typer ends every command so, also after Ctrl-C
        return end.code if isinstance(end.code, int) else Exit.COMPLETE
    except Exception as error:  # noqa: BLE001 — the last resort for faults of ours, whose trace is kept
        if interruption.has_come:  # DuckDB turns a signal into an error of its own, and so may others
            raise KeyboardInterrupt from None
        problem(error if isinstance(error, TtPipelineError) else _fault(error))
        return exit_code(error) if isinstance(error, TtPipelineError) else Exit.FAILED
    finally:
        flush_output()
    return Exit.COMPLETE


def _obeying_plain(words: Sequence[str]) -> list[str]:
    """The words without --plain, which is obeyed wherever it stands."""
    options = words[: words.index("--")] if "--" in words else words
    if _PLAIN in options:
        print_plainly()
    return [word for number, word in enumerate(words) if word != _PLAIN or number >= len(options)]


def _fault(error: Exception) -> str:
    """Keep the trace of a fault of ours in a file that only its owner can read; returns what to say."""
    with tempfile.NamedTemporaryFile("w", prefix="tt-fault-", suffix=".txt", delete=False, errors="replace") as file:
        file.write("".join(traceback.format_exception(error)))
    return (
        f"This is a fault of tt_pipeline ({type(error).__name__}: {error}). Landed pages are kept. Please report it "
        f"with the file {file.name}, after removing from it what must not be public."
    )


def _no_option(word: str) -> str:
    """Protect SQL that begins with a comment, such as `-- videos of a day`, from being read as an option."""
    return f"\n{word}" if word.startswith("--") and not _OPTION.fullmatch(word) else word
