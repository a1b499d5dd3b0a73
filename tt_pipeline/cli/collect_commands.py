"""The commands for collecting: check, plan, try, collect, status, up."""

import sys
from typing import Annotated

import typer

from tt_pipeline.cli.options import FirstDay, LastDay, StudyFile, UiPort, Yes
from tt_pipeline.cli.project import project_settings, settings_for

Searches = Annotated[
    list[str] | None, typer.Option("--search", metavar="NAME", help="Only this search; can be repeated.")
]
Only = Annotated[
    str | None,
    typer.Option(
        "--only", metavar="LIST", help="Only these of videos,comments,users and the study's lists: followers, …"
    ),
]
Again = Annotated[bool, typer.Option("--again", help="Collect one more look, even of complete days.")]
AcceptKey = Annotated[
    bool, typer.Option("--accept-key", help="Collect with another client key than before, from now on.")
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", metavar="N", min=1, help="Send at most N requests, then pause; run the command again to continue."
    ),
]


def check(study: StudyFile = None) -> None:
    """Describe the study in English, with the JSON that is sent. Sends nothing."""
    from tt_pipeline.cli.check_output import show_study

    settings = settings_for(study)
    show_study(settings, study or settings.study_file)


def plan(
    *,
    study: StudyFile = None,
    videos_per_day: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]NUMBER",
            help="Assumed videos a day of a search that is not collected yet; without a name, of all that are listed.",
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=100_000, help="Also show what this many more days of quota would collect."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole plan as JSON.")] = False,
) -> None:
    """Estimate what the study costs in requests and days of quota. Sends nothing.

    The estimate uses listed assumptions, and collected data as soon as there is any.
    """
    from tt_pipeline.cli.plan_output import show_plan

    show_plan(
        settings_for(study),
        study,
        videos_per_day=videos_per_day or [],
        days=days,
        as_json=as_json,
    )


def try_(
    search: Annotated[str, typer.Argument(help="Name of a search in the study.")],
) -> None:
    """Send one request of a search: shows ten rows with links, and estimates its videos a day."""
    from tt_pipeline.cli.try_output import show_trial

    show_trial(project_settings(), search)


def collect(
    *,
    from_: FirstDay = None,
    to: LastDay = None,
    search: Searches = None,
    only: Only = None,
    again: Again = False,
    yes: Yes = False,
    limit: Limit = None,
    accept_key: AcceptKey = False,
) -> None:
    """Collect what is due, or with --from and --to these days, whatever their age. Then publish.

    Days that were collected before are requested again after an edit of their query, and with --again. If that costs
    more than the study's quota.confirm_above, tt collect says the price and asks; without a terminal it leaves these
    days as they are, collects everything else and ends with exit code 2, unless --yes agrees to the price.

    Lists of accounts can only be observed today: --only followers,pinned without days observes those that are due.
    Complete days cost nothing. Ends with the receipt: rows, requests, the lower bound, pages requested twice.
    """
    from tt_pipeline.cli.alive import note_collection
    from tt_pipeline.cli.collect_options import CollectOptions
    from tt_pipeline.cli.collect_run import run_collection
    from tt_pipeline.orchestration import look_for_troubles

    options = CollectOptions(
        from_=from_,
        to=to,
        searches=search or [],
        only=only,
        again=again,
        yes=yes,
        limit=limit,
        accepts_key=accept_key,
    )
    settings = project_settings()
    try:
        run_collection(settings, options)
    finally:
        error = sys.exception()
        if error is None or isinstance(error, typer.Exit):  # a refusal or a crash is no sign of life
            note_collection(settings.files)
        look_for_troubles(settings)


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON (docs/status.md).")] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Show the studies that share the ledger, and their requests of today.")
    ] = False,
) -> None:
    """Show on one screen the quota, what runs, what is due or waits, what is missing and what was published."""
    from tt_pipeline.cli.status import show_status

    show_status(project_settings(), as_json=as_json, of_ledger=ledger)


def up(port: UiPort = 3000) -> None:
    """Serve the Dagster UI and daemon for your study; schedule and sensors work while this command runs."""
    from tt_pipeline.cli.dagster_server import serve_dagster

    serve_dagster(project_settings(), port=port)
