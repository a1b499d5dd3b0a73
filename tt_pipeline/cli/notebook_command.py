"""`tt notebook`: the figures of the report in a marimo notebook, with a choice of searches and days."""

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from tt_pipeline.cli.console import flush_output, say
from tt_pipeline.cli.project import project_settings
from tt_pipeline.errors import UsageError
from tt_pipeline.file_modes import set_readers

Port = Annotated[
    int | None, typer.Option(metavar="N", min=1, max=65535, help="Port on 127.0.0.1; a free one by default.")
]
Edit = Annotated[bool, typer.Option("--edit", help="Open notebook.py in the data dir instead, a copy that you change.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Run the notebook and write it as one HTML file instead.")
]


def notebook(*, port: Port = None, edit: Edit = False, html: Html = None) -> None:
    """Open the figures of `tt report` as a marimo notebook in your browser, where you choose searches and days.

    It reads only the published warehouse, and is served on 127.0.0.1 to whoever has the token in its address.
    """
    from tt_pipeline.reports import NOTEBOOK, check_marimo, copy_notebook, published_at, write_notebook

    if html is not None and edit:
        raise UsageError("Use one of --edit and --html.")
    check_marimo()
    files = project_settings().files
    published_at(files.published)  # a missing or damaged file is said here, and not in the browser
    if html is not None:
        write_notebook(files.published, html)
        set_readers(html, files.share_group)
        say(f"{html}: the notebook. Without a network it shows the figures of all searches and days.")
        return
    if edit and not copy_notebook(files.notebook):
        say(f"{files.notebook} is there already and stays as it is; delete it to get the packaged notebook again.")
    served = ["edit", "--skip-update-check"] if edit else ["run", "--include-code"]
    further = ["--host", "127.0.0.1", "--token-password-file", "-", *(["--port", f"{port}"] if port else [])]
    _hand_over(secrets.token_urlsafe(16))
    flush_output()
    command = [sys.executable, "-m", "marimo", *served, *further, f"{files.notebook if edit else NOTEBOOK}"]
    os.execv(sys.executable, command)  # noqa: S606 — without a shell, and only our own words


def _hand_over(token: str) -> None:
    """Let the next program read the token from its standard input, where no list of processes shows it.

    The token that marimo would make for a notebook that is not edited is a hash of the notebook, which everybody has.
    """
    reading, writing = os.pipe()
    os.write(writing, token.encode())
    os.close(writing)
    os.dup2(reading, sys.stdin.fileno())
