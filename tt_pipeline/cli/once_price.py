"""The price of a one-off collection, and whether somebody has agreed to it."""

import sys
from typing import Final

import typer

from tt_pipeline.cli.console import OUT, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import counted
from tt_pipeline.settings import is_loopback
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Bucket

_ASKED_ABOVE: Final = 50
"""Requests from which on the price is asked also where a study has confirmed its quota."""


def confirm(requests: int, bucket: Bucket, *, study: Study, base_url: str, is_confirmed: bool) -> None:
    """Say the price; ask on a terminal. The simulator's requests cost nothing, so they need no answer.

    Raises:
        UsageError: There is no terminal to ask on, and `--yes` is missing. Nothing was sent.
        Exit: The answer was no. Nothing was sent.
    """
    a_day = study.quota.requests_per_day if bucket is Bucket.MAIN else DAILY_REQUESTS[bucket]
    price = f"At most {counted(requests, 'request')} of today's quota ({a_day:,} a day)."
    say(price)
    if is_confirmed or is_loopback(base_url) or (study.quota.confirmed and requests <= _ASKED_ABOVE):
        return
    if not (OUT.is_terminal and sys.stdin.isatty()):
        raise UsageError(f"{price} Nothing was sent. Confirm the price with --yes.")
    if not typer.confirm(f"Send them to {base_url}?"):
        say("Nothing was sent.")
        raise typer.Exit(Exit.WRONG_USAGE)
