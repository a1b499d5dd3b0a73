"""`tt plan`: what a study costs, as text and as JSON; and what `tt check` says of an edited study."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, say, write_for_programs
from tt_pipeline.cli.fitting import show_table
from tt_pipeline.cli.plan_tables import (
    MOST_SEARCHES,
    RANGE,
    days_after,
    parts_table,
    searches_table,
    settings_table,
    settings_to_show,
    show_days,
    show_number,
    show_range,
    yield_table,
)
from tt_pipeline.counted import counted, with_noun
from tt_pipeline.coverage import StudyCoverage
from tt_pipeline.planning import (
    CheaperSetting,
    DiskSpace,
    Plan,
    assumed,
    calibrated,
    confirmations,
    disk_space,
    edits,
    open_coverage,
    plan,
    read_overrides,
    wait_for_age,
)
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study

_ABOUT_SAMPLES = (
    "A sample keeps few comments, of videos with few and with many comments alike; weighted by their probability, "
    "estimates from it are unbiased. min_comments and max_per_video keep more comments, but favour videos with many "
    "(docs/evidence/sampling.md)."
)


def show_plan(
    settings: Settings, file: Path | None, *, videos_per_day: Sequence[str], days: int | None, as_json: bool
) -> None:
    """Plan a study from its file and from what has landed in the data dir, if there is one."""
    study = read_study(file or settings.study_file)
    overrides = read_overrides(videos_per_day, study)
    with open_coverage(settings, study) as coverage:
        made = _plan(coverage, study, settings.open_clock().now(), overrides=overrides, days=days)
        disk = disk_space(settings.files, made.lines, coverage)
        notices = [] if as_json else edit_sentences(settings, study, coverage)
    if as_json:
        write_for_programs(json.dumps(_as_json(made, disk), indent=2, ensure_ascii=False) + "\n")
        return
    _show_summary(made, study)
    show_table(parts_table(made), may_go=[RANGE])
    show_table(searches_table(made), may_go=["known from"])
    if len(made.searches) > MOST_SEARCHES:
        say(f" and {len(made.searches) - MOST_SEARCHES} more: `tt plan --json` lists all")
    if made.settings[1:]:
        _show_settings(made)
    _show_yield(made, study, days=days)
    _show_disk(disk, settings)
    show_notices(notices)
    _show_basis(made)
    _show_what_next(made, study)


def _plan(
    coverage: StudyCoverage | None, study: Study, now: datetime, *, overrides: Mapping[str, float], days: int | None
) -> Plan:
    evidence = (
        calibrated(coverage, videos_per_day=overrides) if coverage else assumed(study, now, videos_per_day=overrides)
    )
    return plan(study, evidence, now, further_days=[days] if days else [])


def _as_json(made: Plan, disk: DiskSpace) -> dict[str, Any]:
    whole = asdict(made) | {"days_of_quota": asdict(made.days), "disk": asdict(disk)}
    return {name: _json_value(value) for name, value in whole.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 4)
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def _show_summary(made: Plan, study: Study) -> None:
    OUT.print(Text(made.title, style="bold"), Text(f"{made.first_day} to {made.last_day}"), Text(f"({study.file})"))
    say(f"\nFrom now on: about {with_noun(show_number(made.total.likely), 'request')} ({show_range(made.total)}).")
    say(f"That is {show_days(made.days)} of quota at {made.requests_per_day:,} a day.")
    if made.goes_on:
        _show_demand(made)
    if made.social:
        whole, quota = made.social.total, f"{counted(made.social.requests_per_day, 'request')} a day of their own"
        requests = f"about {with_noun(show_number(whole.likely), 'request')} ({show_range(whole)})"
        _tell(f"Followers and following have {quota}: from now on {requests}, {show_days(made.social.days)}.")


def _show_demand(made: Plan) -> None:
    need, have = made.per_day, made.requests_per_day
    a_day = f"A usual day needs about {with_noun(show_number(need.likely), 'request')} ({show_range(need)})"
    if need.high <= have:
        _tell(f"{a_day}: it fits into {have:,}.", style="green")
    elif need.likely <= have:
        _tell(f"{a_day}: it probably fits into {have:,}, but may not.", style="yellow")
    else:
        behind = show_number(need.likely - have)
        _tell(f"{a_day}, and you have {have:,}: it would fall behind by {behind} every day.", style="bold red")
        _show_what_fits(made)


def _show_what_fits(made: Plan) -> None:
    fitting = [setting for setting in made.settings[1:] if setting.fits]
    if not fitting:
        say("No single setting makes it fit: narrow the searches, or combine the settings below.")
    for setting in [setting for setting in fitting if not setting.is_drawn][:2]:
        say(f"It fits with {setting.change}: {_price(setting)}.")
    for setting in [setting for setting in fitting if setting.is_drawn][:1]:
        kept = "drawn at random, so that what you estimate from them stays unbiased"
        _tell(f"It fits with {setting.change}: {_price(setting)}, {kept}.")


def _price(setting: CheaperSetting) -> str:
    drawn = ", of drawn videos" if setting.keeps_a_sample and not setting.is_drawn else ""
    kept = f"keeps {setting.comments_kept:.0%} of the comments{drawn}"
    return f"about {show_number(setting.per_day.likely)} a day, {kept}"


def _show_settings(made: Plan) -> None:
    settings = settings_to_show(made)
    show_table(settings_table(made, settings), may_go=["fits"])
    if any(setting.is_drawn for setting in settings):
        _tell(_ABOUT_SAMPLES)


def _show_yield(made: Plan, study: Study, *, days: int | None) -> None:
    if table := yield_table(made, max(1, study.comments.min_comments), days=days):
        show_table(table)
    if waiting := age_sentence(made, study):
        _tell(waiting)


def age_sentence(made: Plan, study: Study) -> str | None:
    """From when on comments wait for the age of their videos; None where the quota is the limit."""
    wait = wait_for_age(made.curve, min_comments=max(1, study.comments.min_comments))
    if wait is None:
        return None
    point, last = wait
    is_now = point == made.curve[0]
    no_limit = "The quota is no limit for comments" if is_now else f"After {days_after(point)} the quota is no limit"
    return (
        f"{no_limit}: comments that are still missing then wait until their videos are {study.comments.after_days} "
        f"days old, the last of them for up to {days_after(last)} from now."
    )


def _show_disk(disk: DiskSpace, settings: Settings) -> None:
    heading("Disk space")
    spread = f"{_shown_bytes(disk.needed_bytes.low)} – {_shown_bytes(disk.needed_bytes.high)}"
    free = f"{_shown_bytes(disk.free_bytes)} are free at {settings.data_dir}"
    _tell(f"About {_shown_bytes(disk.needed_bytes.likely)} more will be needed ({spread}); {free}.")
    size = f"{disk.bytes_a_record.likely:,.0f} bytes a record, landed and in two files of the warehouse"
    _tell(f"{with_noun(show_number(disk.records.likely), 'record')} to come, {size} ({_size_known_from(disk)}).")
    if not disk.fits:
        _tell("It does not fit. Set TT_DATA_DIR to a larger disk, or collect less.", style="bold red")


def _size_known_from(disk: DiskSpace) -> str:
    if not disk.records_measured:
        return "assumed"
    measured = f"measured on {disk.records_measured:,}"
    return measured if disk.is_warehouse_measured else f"{measured}, the warehouse assumed"


def _shown_bytes(number: float) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number / 1000:.3g} kB"


def _show_basis(made: Plan) -> None:
    heading("What these numbers rest on")
    counts = f"Comments are estimated from the counts of {counted(made.videos_landed, 'video')} that were found."
    for sentence in ([counts] if made.videos_landed else []) + [*made.assumptions]:
        _tell(f"- {sentence}")


def _show_what_next(made: Plan, study: Study) -> None:
    say("\nNothing was sent.")
    if not made.is_calibrated:
        say("`tt try NAME` shows for one request how many videos a day a search finds: use it as")
        say("`tt plan --videos-per-day NAME=9`.")
    if not study.quota.confirmed:
        say(f"When the price is right, write `quota: {{confirmed: true}}` into {study.file}.")


def show_notices(notices: Iterable[str]) -> None:
    """Print what a person should know of the study, each in a paragraph."""
    for notice in notices:
        OUT.print(f"\nNotice: {notice}", style="yellow")


def _tell(text: str, *, style: str = "") -> None:
    """Print a sentence; further lines of it are indented."""
    OUT.print(Text(text, style=style), hang=2)


def edit_sentences(settings: Settings, study: Study, coverage: StudyCoverage | None) -> list[str]:
    """What each edit of the study costs, as sentences; empty without a data dir."""
    found = edits(coverage) if coverage else ()
    limit, repeats = study.quota.confirm_above, [edit.repeat for edit in found if edit.repeat]
    asks = f"`tt collect` asks before it requests them, because that is more than quota.confirm_above ({limit:,})."
    return [f"{edit}" for edit in found] + (
        [asks] if confirmations(settings.files).missing(repeats, limit=limit) else []
    )
