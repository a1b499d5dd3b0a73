"""`tt browse`: pages on this machine that show the published file."""

import os
from typing import Annotated

import typer

from tt_pipeline.cli.console import say
from tt_pipeline.cli.project import project_settings
from tt_pipeline.errors import UsageError

Port = Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port on 127.0.0.1; 0 chooses a free one.")]


def browse(*, port: Port = 8642) -> None:
    """Show the published tables in your browser, on 127.0.0.1, until interrupted. Nothing is written or sent.

    Tables can be searched, sorted and filtered, each row says where it came from, and a box takes one query in SQL.

    The pages show everything that the file has, names and texts too, to everybody who has an account on this machine.
    """
    from tt_pipeline.browse import browse_app
    from tt_pipeline.loopback_server import serve_app
    from tt_pipeline.reports import published_at

    published = project_settings().files.published.absolute()
    published_at(published)  # a missing or damaged file is said here, and not in the browser
    try:
        serve_app(browse_app(published), port=port, on_ready=_announce)
    except OSError as error:
        raise UsageError(
            f"Port {port} cannot be opened ({os.strerror(error.errno or 0)}), perhaps as another `tt browse` runs."
            " Choose another with --port, or 0 for a free one."
        ) from error


def _announce(base_url: str) -> None:
    print(base_url, flush=True)
    say("Open this address in a browser on this machine. Stop it with Ctrl-C.")
