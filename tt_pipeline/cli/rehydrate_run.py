"""What `tt rehydrate` does: read a list of ids, say the price, write a study if there is none, collect, report."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import typer

from tt_pipeline.cli.agreement import agrees, may_ask
from tt_pipeline.cli.alive import note_collection
from tt_pipeline.cli.attrition_output import show_attrition
from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, exit_of, show_receipt
from tt_pipeline.cli.console import problem, say
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.init_run import write_study
from tt_pipeline.clock import today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import days_between, open_workspace, tombstones_of
from tt_pipeline.errors import UsageError
from tt_pipeline.ids import upload_date
from tt_pipeline.ingestion import check_may_spend
from tt_pipeline.orchestration import look_for_troubles
from tt_pipeline.planning import price_of_days
from tt_pipeline.quota import days_of_quota
from tt_pipeline.reports import attrition
from tt_pipeline.settings import Settings
from tt_pipeline.studies import IdList, QuotaRules, Search, Study, id_study, read_id_list, read_study, study_or_empty
from tt_pipeline.vocabulary import ONCE, VideoId

_MOST_LINES: Final = 10
_QUESTION: Final = "Write this study and send these requests? [y/N]: "
_NOTHING: Final = "Nothing was written or sent."


def run_rehydration(settings: Settings, file: Path, *, output: Path | None, is_trial: bool, is_agreed: bool) -> None:
    """Collect the videos of a list of ids, and report how many are still there.

    Args:
        settings: The data dir; without a study in it one is written.
        file: The list.
        output: A CSV file for the report; None without one.
        is_trial: Only say the price.
        is_agreed: Do not ask.

    Raises:
        ConfigurationError: The list, the study, a setting or an option is wrong. Nothing was sent.
        Exit: The exit code is not 0.
    """
    if output and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise UsageError(f"{output} cannot be written: it is a folder, or its folder does not exist. {_NOTHING}")
    day = today(settings.open_clock())
    listed = read_id_list(file, today=day)
    tombstones = tombstones_of(settings)
    ids = [each for each in listed.ids if not tombstones.taken_down.video(each)]
    _show_list(listed, left_out=len(listed.ids) - len(ids))
    code = Exit.COMPLETE
    if ids:
        study = None if settings.study_file.exists() else _new_study(settings, file, ids)
        if not study:
            _check_known_study(settings, ids, day)
        if is_trial:
            say(f"This was a trial run. {_NOTHING}")
            return
        if study:
            _write_if_agreed(settings, *study, is_agreed=is_agreed)
        code = _collect(settings, ids, day)
    tombstones.refresh()
    rows = attrition(settings.files.published, listed.ids, tombstones, landed=_landed(settings))
    show_attrition(rows, output)
    if code:
        raise typer.Exit(code)


def _show_list(listed: IdList, *, left_out: int) -> None:
    first, last = upload_date(listed.ids[0]), upload_date(listed.ids[-1])
    say(f"{listed.file}: {counted(len(listed.ids), 'video id')}, uploaded from {first} to {last}.")
    if listed.repeated:
        say(f"{counted(listed.repeated, 'line')} repeated an id; each id counts once.")
    if bad := listed.bad_lines:
        named = ", ".join(f"{line}" for line in bad[:_MOST_LINES])
        more = f" and {len(bad) - _MOST_LINES:,} more" if len(bad) > _MOST_LINES else ""
        lines = counted(len(bad), "line", "have")
        problem(f"{lines} no id of a video and no full link to one, and cannot be used: {named}{more}.")
    if left_out:
        say(f"{counted(left_out, 'id', 'were')} deleted here on request, and will not be requested.")
    if listed.is_rounded:
        problem(
            "Most ids end as if a spreadsheet, R or JavaScript had rounded them. Nothing is found for a rounded id, and"
            " it looks like a deleted video: take the ids from the original text file."
        )


def _new_study(settings: Settings, file: Path, ids: Sequence[VideoId]) -> tuple[str, dict[str, str]]:
    """Say what a study of these ids costs; returns its text and those of the files beside it.

    Raises:
        UsageError: The data dir was collected for another study.
    """
    _check_is_unused(settings)
    study = id_study(f"Videos of {file.name}", ids)
    _show_price(study.requests, QuotaRules.requests_per_day)
    names = " and ".join(study.value_files)
    say(f"The study {settings.study_file}, with {names} beside it, asks for these ids; for no comments and profiles.")
    return study.text, dict(study.value_files)


def _check_is_unused(settings: Settings) -> None:
    """Check that a data dir without a study has no answers that were collected for one.

    Raises:
        UsageError: It has.
    """
    if not settings.files.landing.is_dir():
        return
    with open_workspace(settings, study_or_empty(settings.study_file)) as workspace:
        others = {window.search for window in workspace.zone.index.windows()} - {ONCE}
    if others:
        raise UsageError(
            f"{settings.data_dir} has data of a study whose file is gone, so no other study was begun in it. {_NOTHING}"
            " Set TT_DATA_DIR to another folder for this command."
        )


def _write_if_agreed(settings: Settings, text: str, value_files: dict[str, str], *, is_agreed: bool) -> None:
    """Write a study if somebody agrees to its price; what else is wrong is said before somebody is asked.

    Raises:
        UsageError: Nobody can be asked, because this is no terminal.
        Exit: The answer was no.
    """
    check_may_spend(settings, replace(study_or_empty(settings.study_file), quota=QuotaRules(confirmed=True)))
    if not is_agreed:
        if not may_ask():
            raise UsageError(f"{_NOTHING} Agree to the price with --yes.")
        if not agrees(_QUESTION, no=_NOTHING):
            raise typer.Exit(Exit.WRONG_USAGE)
    write_study(settings, text, value_files)


def _check_known_study(settings: Settings, ids: Sequence[VideoId], day: date) -> None:
    """Say what the study of the data dir still costs.

    Raises:
        UsageError: It does not ask for all of these ids.
    """
    study = read_study(settings.study_file)
    searches = _searches_of(study, ids)
    if missing := len(set(ids).difference(*map(_ids_of, searches))):
        raise UsageError(
            f"{study.file} is another study: {counted(missing, 'id', 'are')} in none of its searches. {_NOTHING} Set"
            " TT_DATA_DIR to another folder for this command, or write the ids into ids.txt beside the study, add"
            " `rehydrated: {video_ids: {file: ids.txt}}` below `searches:`, and run this command again."
        )
    with open_workspace(settings, study) as workspace:
        coverage = workspace.coverage()
        prices = [price_of_days(coverage, f"videos/{each.name}", _ended_days(each, day)) for each in searches]
    _show_price(round(sum(price.total.high for price in prices)), study.quota.requests_per_day)


def _show_price(requests: int, a_day: int) -> None:
    if not requests:
        say("Everything that can be requested now was requested already; it costs nothing.")
        return
    days = counted(days_of_quota(requests, per_day=a_day), "day")
    say(
        f"Price: {counted(requests, 'request')}, {days} of quota at {a_day:,} a day; one more for each that fails or"
        " returns nothing."
    )


def _searches_of(study: Study, ids: Sequence[VideoId]) -> list[Search]:
    """The searches of ids that ask for one of these."""
    sought = set(ids)
    return [search for search in study.searches if search.parts and not sought.isdisjoint(_ids_of(search))]


def _ids_of(search: Search) -> set[VideoId]:
    return {VideoId(int(value)) for condition in search.query.all_of for value in condition.values}


def _ended_days(search: Search, day: date) -> list[date]:
    """The days of a search before this one."""
    last_day = min(search.last_day or date.max, day - timedelta(days=1))
    return days_between(search.first_day, last_day) if search.first_day <= last_day else []


def _collect(settings: Settings, ids: Sequence[VideoId], day: date) -> Exit:
    """Collect the searches of these ids, and print the receipt; returns the exit code."""
    searches = _searches_of(read_study(settings.study_file), ids)
    days = {search.name: ended for search in searches if (ended := _ended_days(search, day))}
    if not days:
        say("The videos are of a UTC day that has not ended, so nothing was sent. Run the same command tomorrow.")
        return Exit.COMPLETE
    first_day, last_day = min(each[0] for each in days.values()), max(each[-1] for each in days.values())
    options = CollectOptions(from_=f"{first_day}", to=f"{last_day}", searches=list(days), yes=True)
    try:
        outcome = collect_and_publish(settings, options)
        note_collection(settings.files)
    finally:
        look_for_troubles(settings)
    show_receipt(outcome)
    return exit_of(outcome)


def _landed(settings: Settings) -> Collection[VideoId]:
    """The videos of the study that are in landed answers."""
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    if not settings.files.landing.is_dir():
        return frozenset()
    with open_workspace(settings, study) as workspace:
        return workspace.index.found_by(study.fingerprints, date.min, date.max).keys()
