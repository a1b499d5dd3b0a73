"""The price of a one-off collection, and whether somebody has agreed to it."""

import typer

from tt_pipeline.cli.agreement import agrees, may_ask
from tt_pipeline.cli.console import say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.codebook.quotas import DAILY_REQUESTS
from tt_pipeline.counted import counted
from tt_pipeline.errors import UsageError
from tt_pipeline.settings import is_loopback
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Bucket


def confirm(requests: int, bucket: Bucket, *, study: Study, base_url: str, is_confirmed: bool) -> None:
    """Say the price, and ask on a terminal.

    Nobody is asked for requests to the simulator, which cost nothing, nor in a study with a confirmed quota for at most
    `quota.confirm_above` requests.

    Raises:
        UsageError: Nobody can be asked, because this is no terminal, and `--yes` is missing. Nothing was sent.
        Exit: The answer was no. Nothing was sent.
    """
    a_day = study.quota.requests_per_day if bucket is Bucket.MAIN else DAILY_REQUESTS[bucket]
    pages, quota = counted(requests, "page"), f"today's {bucket} quota ({a_day:,} a day)"
    price = f"At most {pages}: one request each of {quota}, and one more for each that fails."
    say(price)
    is_small = study.quota.confirmed and requests <= study.quota.confirm_above
    if is_confirmed or is_small or is_loopback(base_url):
        return
    if not may_ask():
        raise UsageError(f"{price} Nothing was requested. Agree to the price with --yes.")
    if not agrees():
        raise typer.Exit(Exit.WRONG_USAGE)
