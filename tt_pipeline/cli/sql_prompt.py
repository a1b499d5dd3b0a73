"""The prompt of `tt sql`: a query a time, with completion by the tab key; nothing that is typed is stored."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.dot_commands import HELP, MODE, OF_PROMPT, QUIT, dot_command, explained
from tt_pipeline.cli.sql_completion import Completion
from tt_pipeline.cli.sql_editor import SqlEditor
from tt_pipeline.cli.sql_interrupts import Interrupts
from tt_pipeline.cli.sql_run import run_sql
from tt_pipeline.cli.tables import Layout
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.reports import published_columns

if TYPE_CHECKING:
    import duckdb

_WELCOME: Final = (
    "The published warehouse, read-only. End a query with ; or an empty line. The tab key completes tables and "
    "columns, help lists commands, Ctrl-D ends."
)
_POLL_S: Final = 0.1
_REMEDY: Final = ".mode wide prints everything on long lines, .mode records one value a line."


def run_prompt(published: Path, *, layout: Layout) -> None:
    """Answer queries until the person ends it. Each query reads the newest published file.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    completion = Completion({table: list(types) for table, types in published_columns(published).items()})
    with Interrupts() as interrupts, SqlEditor(completion, interrupts) as editor:
        say(_WELCOME)
        for text in editor.texts():
            match dot_command(text):
                case [command] if command == QUIT:
                    return
                case [command] if command == HELP:
                    say(explained(OF_PROMPT))
                case [command, *named] if command == MODE:
                    layout = _mode(named, layout)
                case _:
                    _answer(published, text, layout, interrupts)


def _mode(named: Sequence[str], layout: Layout) -> Layout:
    """The layout that is named; the present one if none is, and a sentence."""
    with suppress(IndexError, ValueError):
        return Layout(named[0])
    say(f"Answers are printed as {layout}. `{MODE}` with {', '.join(Layout)} changes this.")
    return layout


def _answer(published: Path, text: str, layout: Layout, interrupts: Interrupts) -> None:
    try:
        _run(published, text, layout, interrupts)
    except TtPipelineError as error:
        problem(error)


def _run(published: Path, text: str, layout: Layout, interrupts: Interrupts) -> None:
    """Run the query in a thread: DuckDB obeys an interrupt from another one at once, and a signal sometimes never."""
    opened: list[duckdb.DuckDBPyConnection] = []
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(run_sql, published, text, layout=layout, remedy=_REMEDY, on_open=opened.append)
        while wait([answer], timeout=_POLL_S).not_done:
            if interrupts.has_come:
                _interrupt(opened)
    if interrupts.has_come and answer.exception():
        problem("Interrupted.")
    else:
        answer.result()


def _interrupt(connections: "list[duckdb.DuckDBPyConnection]") -> None:
    import duckdb

    for connection in connections:
        with suppress(duckdb.Error):  # it has just been closed
            connection.interrupt()
