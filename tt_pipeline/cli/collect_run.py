"""`tt collect`: turn options into a request, collect in this process, and print the receipt."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import typer
from rich.text import Text

from tt_pipeline.cli.agreement import agrees, is_agreed, may_ask, not_confirmed
from tt_pipeline.cli.collect_options import CollectOptions, assets, window
from tt_pipeline.cli.console import ERR, heading, problem, say
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.cli.progress import LiveProgress
from tt_pipeline.counted import counted
from tt_pipeline.coverage import accept_key, check_key
from tt_pipeline.errors import KeyChanged
from tt_pipeline.ingestion import CollectReport, DayReport, check_may_spend
from tt_pipeline.orchestration import CollectOutcome, CollectRequest, collect_in_process, unconfirmed_repeats
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import SearchStatus

_QUESTION_OF_KEY: Final = "Does this study belong to the project of the new key? [y/N]: "
_PAUSED_DAYS: Final = frozenset({SearchStatus.PAUSED, SearchStatus.NEVER_ASKED, SearchStatus.OUTDATED})
"""Statuses of days that a pause for quota leaves open."""


def run_collection(settings: Settings, options: CollectOptions) -> None:
    """Collect, publish, print the receipt.

    Raises:
        Exit: The exit code is not 0.
    """
    outcome = collect_and_publish(settings, options)
    show_receipt(outcome)
    if outcome.unconfirmed:
        problem(not_confirmed(outcome.unconfirmed, limit=outcome.confirm_above))
    if code := exit_of(outcome):
        raise typer.Exit(code)


def collect_and_publish(settings: Settings, options: CollectOptions) -> CollectOutcome:
    """Collect by these options; landed pages are published even if the quota runs out on the way.

    Raises:
        ConfigurationError: The study, settings or options are invalid; nothing was sent and nothing changed.
    """
    _agree_to_key(settings, is_accepted=options.accepts_key)
    study = check_may_spend(settings)
    request = collect_request(options, study=study, now=settings.open_clock().now())
    unconfirmed = unconfirmed_repeats(settings, request)
    if unconfirmed and (options.yes or is_agreed(settings, study, unconfirmed)):
        request = replace(request, confirmed=tuple(unconfirmed))
    with LiveProgress() as progress:
        return collect_in_process(settings, request, progress)


def _agree_to_key(settings: Settings, *, is_accepted: bool) -> None:
    """Let the data dir be collected with another client key than before, if somebody agrees.

    Raises:
        KeyChanged: Nobody does.
    """
    try:
        check_key(settings)
    except KeyChanged as error:
        if not is_accepted:
            if not may_ask():
                raise
            ERR.print(Text(f"{error}"))
            if not agrees(_QUESTION_OF_KEY, no="Nothing was sent."):
                raise typer.Exit(Exit.WRONG_USAGE) from None
        accept_key(settings)


def collect_request(options: CollectOptions, *, study: Study, now: datetime) -> CollectRequest:
    """The request that the options describe for a study.

    Raises:
        UsageError: The options contradict each other or the study.
    """
    return CollectRequest(
        window=window(options, study, now),
        assets=assets(options.only, options.searches, study),
        is_selection=bool(options.only),
        again=options.again,
        limit=options.limit,
    )


def exit_of(outcome: CollectOutcome) -> Exit:
    """The exit code of a collection: 0 only if no requested day lacks anything; a failure outweighs a pause."""
    if outcome.is_interrupted:
        return Exit.INTERRUPTED
    codes = {exit_code(report.stopped_because) for report in outcome.reports if report.stopped_because}
    open_days = {day.status for day, _ in _open_days(outcome)}
    if outcome.failed_steps or open_days - _PAUSED_DAYS:
        codes.add(Exit.FAILED)
    if outcome.limit_reached or outcome.paused_checks:
        codes.add(Exit.PAUSED)
    for code in (Exit.WRONG_USAGE, Exit.FAILED, Exit.PAUSED):
        if code in codes:
            return code
    if outcome.unconfirmed:
        return Exit.WRONG_USAGE
    return Exit.COMPLETE if outcome.is_complete and not open_days else Exit.FAILED


def show_receipt(outcome: CollectOutcome) -> None:
    """Print the receipt of a collection, and why days are missing."""
    for notice in outcome.notices:
        say(notice)
    else_ = " else" if outcome.requests_of_checks else ""
    if outcome.requests_of_checks:
        say(f"Checks of what is stored: {counted(outcome.requests_of_checks, 'request')}.")
    if not (outcome.reports or outcome.failed_steps or outcome.paused_checks or outcome.is_interrupted):
        what = "Nothing else" if outcome.unconfirmed or outcome.requests_of_checks else "Nothing"
        say(f"{what} is due: nothing{else_} was sent.")
        return
    heading("Receipt")
    receipt = outcome.receipt
    say(f"{receipt}.")
    days = [day for day, _ in outcome.latest_days().values()]
    if not receipt.requests and days and all(day.is_complete for day in days):
        say(f"Everything requested was complete already: nothing{else_} was sent.")
    if early := sorted({f"{day.day}" for day in days if day.status == "early"}):
        say(f"Early: {', '.join(early)}. Videos appear up to two days late; these days are collected again when due.")
    for message in dict.fromkeys([*_stops(outcome), *_gaps(outcome), *outcome.failed_steps]):
        problem(message)
    if exit_of(outcome) == Exit.PAUSED:
        problem(f"Landed pages are kept. Run the same command {_when(outcome)} to continue.")


def _when(outcome: CollectOutcome) -> str:
    """When a paused collection can continue."""
    is_dry = outcome.paused_checks or any(report.paused for report in outcome.reports)
    return "after the reset" if is_dry else "again"


def _stops(outcome: CollectOutcome) -> list[str]:
    reasons = [
        *(report.stopped_because for report in outcome.reports),
        outcome.limit_reached,
        outcome.paused_checks,
    ]
    return [f"{reason}" for reason in reasons if reason]


def _gaps(outcome: CollectOutcome) -> list[str]:
    """Reasons for incomplete days of collections that nothing stopped."""
    usual = "interrupted" if outcome.is_interrupted else "the server failed; requested again later"
    return [
        f"{report.asset} {day.day}: {day.status} ({day.facts.get('why', usual)})" for day, report in _open_days(outcome)
    ]


def _open_days(outcome: CollectOutcome) -> list[tuple[DayReport, CollectReport]]:
    """Incomplete days of collections that nothing stopped; an early day is due again by itself."""
    return [
        (day, report)
        for day, report in outcome.latest_days().values()
        if not (report.stopped_because or day.is_complete or day.status == SearchStatus.EARLY)
    ]
