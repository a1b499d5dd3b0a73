"""`tt trace`: show where a row came from and where it is stored; or write a mail to support about failures."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tt_pipeline.cli.console import OUT, heading, say, write_for_programs
from tt_pipeline.cli.project import project_settings
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError

if TYPE_CHECKING:  # needs DuckDB or pydantic, which other commands do without
    from tt_pipeline.data_dir import DataDir
    from tt_pipeline.reports import Trace
    from tt_pipeline.settings import Settings


def trace(
    what: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Id of a video or comment, a link to a video, or a @username.")
    ] = None,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Write a mail to TikTok's support about failed requests.")
    ] = False,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help="With --failed: number of past days.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything that is known as JSON.")] = False,
) -> None:
    """Show which request returned a row, and every file and table that contains it. Sends nothing.

    Write a username that has only digits with its @.
    """
    if failed and what is not None:
        raise UsageError(
            f"Use one of the two: `tt trace {what}` shows where it is stored, `tt trace --failed` what failed."
        )
    if not failed and what is None:
        raise UsageError("Name an id or a username, for example `tt trace 7692239745136459777`, or use --failed.")
    settings = project_settings()
    if what is None:
        _show_failed(settings, days)
        return
    from tt_pipeline.reports import read_identifier
    from tt_pipeline.reports import trace as traced

    found = traced(settings.files, read_identifier(what))
    if as_json:
        write_for_programs(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=str) + "\n")
    else:
        _show(found, settings.files)


def _show(found: "Trace", files: "DataDir") -> None:
    import polars as pl

    from tt_pipeline.cli.tables import Layout, show_frame

    if found.pages:
        landing = f"{files.landing.relative_to(files.root)}"
        heading(f"Returned by (pages are in {landing})")
        rows = [
            {
                "fetched_at": page.fetched_at.isoformat(timespec="seconds"),
                "search": page.search or page.dataset,
                "query": (page.fingerprint or "")[:8],
                "look": page.look,
                "request": f"{page.endpoint} {page.window_from}..{page.window_to}",
                "log_id": page.log_id,
                "page": f"{page.file.removeprefix(f'{landing}/')}:{page.line}",
                "where": ", ".join(page.places),
            }
            for page in found.pages
        ]
        show_frame(pl.DataFrame(rows), layout=Layout.RECORDS if OUT.is_terminal else Layout.WIDE)
    if found.held:
        heading("Stored in")
        show_frame(pl.DataFrame([asdict(place) for place in found.held]))
    if not found.pages and not found.held:
        say(f"{found.sought} is not stored here.")
    named = f": {', '.join(found.exports)}" if found.exports else ""
    say(
        f"Read in {files.root.absolute()}: {counted(found.files_read, 'landed file')}, "
        f"{'the warehouse' if files.published.exists() or files.writer.exists() else 'no warehouse'} and "
        f"{counted(len(found.exports), 'export')}{named}. Copies that `tt export` did not make are unknown."
    )
    for problem in found.not_read:
        say(f"Not read: {problem}")


def _show_failed(settings: "Settings", days: int) -> None:
    from tt_pipeline.coverage import source_of
    from tt_pipeline.quota import Ledger, key_of
    from tt_pipeline.reports import failed_requests, list_failures, unreadable_answers, write_support_mail
    from tt_pipeline.settings import is_loopback

    clock = settings.open_clock()
    has_key, key = bool(settings.client_key.get_secret_value()), key_of(settings)
    if settings.ledger_file and not settings.ledger_file.exists():
        raise UsageError(f"{settings.ledger_file} does not exist yet, because no request was sent.")
    with Ledger(settings.ledger_place, client_key=key, clock=clock) as ledger:
        since = clock.now() - timedelta(days=days)
        of_key = failed_requests(ledger, since, client_key=key if has_key else None)
        found = of_key + unreadable_answers(settings.files.published, since)
    base_url = source_of(settings.files) or settings.api_base_url
    if not found:
        whose = "of the key in TT_CLIENT_KEY" if has_key else f"in {settings.ledger_place}, of any key,"
        say(f"No request {whose} failed in the last {counted(days, 'day')}.")
    elif is_loopback(base_url):
        say(f"These requests went to {base_url} on this machine, not to TikTok: there is nothing to report to support.")
        say("\n".join(list_failures(found)))
    else:
        say(write_support_mail(found, base_url))
