"""`tt trace`: where a row came from and everywhere it is held; or a letter about what failed."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import heading, say
from tt_pipeline.errors import UsageError
from tt_pipeline.settings import Settings, read_settings
from tt_pipeline.studies.sentence import numbered

if TYPE_CHECKING:  # needs DuckDB, which other commands do without
    from tt_pipeline.ingestion.trace import Trace


def trace(
    what: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of a video or comment; a link to a video; or a @username.")
    ] = None,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="A mail to TikTok's support about failed requests.")] = False,
    days: Annotated[int, typer.Option(min=1, help="With --failed: of so many last days.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="All that is known of it, as JSON.")] = False,
) -> None:
    """Say which request brought a row, and every file and table that holds it. Sends nothing.

    A username of digits alone is written with its @.
    """
    settings = read_settings()
    if failed == (what is not None):
        raise UsageError("Name an id or a username, or ask for --failed: `tt trace 7692239745136459777`.")
    if what is None:
        _show_failed(settings, days)
        return
    from tt_pipeline.ingestion.trace import sought
    from tt_pipeline.ingestion.trace import trace as traced

    found = traced(settings.files, sought(what))
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=str))
    else:
        _show(found)


def _show(found: "Trace") -> None:
    import polars as pl

    from tt_pipeline.cli.tables import show_frame

    if found.pages:
        heading("What brought it")
        rows = [
            {
                "fetched_at": page.fetched_at.isoformat(timespec="seconds"),
                "search": page.search or page.dataset,
                "query": (page.fingerprint or "")[:8],
                "look": page.look,
                "asked": f"{page.endpoint} {page.window_from}..{page.window_to}",
                "log_id": page.log_id,
                "page": f"{page.file}:{page.line}",
                "where": ", ".join(page.places),
            }
            for page in found.pages
        ]
        show_frame(pl.DataFrame(rows))
    if found.held:
        heading("What holds it")
        show_frame(pl.DataFrame([asdict(held) for held in found.held]))
    if not found.pages and not found.held:
        say(f"Nothing here holds {found.sought}.")
    files = numbered(found.files_read, "landed file")
    say(f"Read: {files}, and exports in data/exports; copies elsewhere are not known.")
    for problem in found.not_read:
        say(f"Not read: {problem}")


def _show_failed(settings: Settings, days: int) -> None:
    from tt_pipeline.ingestion.support import failures, letter, unreadable
    from tt_pipeline.quota import Ledger, key_fingerprint

    clock = settings.open_clock()
    key = key_fingerprint(settings.client_key.get_secret_value().strip())
    if not settings.ledger_file.exists():
        raise UsageError(f"{settings.ledger_file} is not there yet: no request was sent.")
    with Ledger(settings.ledger_file, client_key=key, clock=clock) as ledger:
        since = clock.now() - timedelta(days=days)
        found = failures(ledger, since) + unreadable(settings.files.published, since)
    if found:
        say(letter(found, settings.api_base_url))
    else:
        say(f"No request of this client key failed in the last {days} days.")
