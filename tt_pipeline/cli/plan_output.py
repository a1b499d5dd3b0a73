"""`tt plan`: what a study costs, as people read it and as JSON; and what `tt check` says of an edited study."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, say
from tt_pipeline.cli.yield_output import show_yield, waiting_sentence
from tt_pipeline.planning import (
    Bill,
    CheaperSetting,
    CostLine,
    CostPart,
    Edit,
    Estimate,
    Outlook,
    Plan,
    assumed,
    edits,
    landed,
    open_holdings,
    plan,
    read_given,
    total,
)
from tt_pipeline.quota import days_of_quota
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket, Dataset

_MOST_SEARCHES = 8
_MOST_CHANGES = 9
_TOGETHER = "together"
_ABOUT_DRAWING = (
    "A sample keeps few comments, of small and large videos alike: weighed by their probability, estimates from it are "
    "unbiased. min_comments and max_per_video keep more, and favour what is talked about "
    "(docs/evidence/sampling.md)."
)
_WIDTH = 98
_SHOWN_DIGITS = 3
_MILLION = 1_000_000


def show_plan(
    settings: Settings, file: Path | None, *, videos_per_day: Sequence[str], days: int | None, as_json: bool
) -> None:
    """Plan a study from its file and from what has landed in the data dir, if there is one."""
    study = read_study(file or settings.study_file)
    made = _plan(settings, study, given=read_given(videos_per_day, study), days=days)
    if as_json:
        print(json.dumps(_as_json(made), indent=2, ensure_ascii=False))
        return
    _show_verdict(made, study)
    _show_parts(made)
    _show_searches(made)
    if made.settings[1:]:
        _show_changes(made)
    show_yield(made, study, days=days)
    if waiting := waiting_sentence(made, study):
        _tell(waiting)
    _show_assumptions(made)
    _show_what_next(made, study)


def _plan(settings: Settings, study: Study, *, given: Mapping[str, float], days: int | None) -> Plan:
    now = settings.open_clock().now()
    with open_holdings(settings, study) as held:
        evidence = landed(held, videos_per_day=given) if held else assumed(study, now, videos_per_day=given)
    return plan(study, evidence, now, further_days=[days] if days else [])


def _as_json(made: Plan) -> dict[str, Any]:
    whole = asdict(made) | {"days_of_quota": asdict(made.days)}
    return {name: _json_value(value) for name, value in whole.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 4)
    return value if value is None or isinstance(value, int | str) else value.isoformat()


def _show_verdict(made: Plan, study: Study) -> None:
    OUT.print(Text(made.title, style="bold"), Text(f"{made.first_day} to {made.last_day}"), Text(f"({study.file})"))
    whole, a_day = made.total, f"{made.requests_per_day:,} a day"
    say(f"\nFrom now on: about {_number(whole.likely)} requests ({_range(whole)}).")
    say(f"That is {_days(made.days)} of quota at {a_day}.")
    if made.goes_on:
        _show_demand(made)
    if made.social:
        _show_social(made.social)


def _show_social(bill: Bill) -> None:
    whole, quota = bill.total, f"{bill.requests_per_day:,} requests a day of their own"
    _tell(
        f"Followers and following have {quota}: from now on about {_number(whole.likely)} requests ({_range(whole)}), "
        f"{_days(bill.days)}."
    )


def _show_demand(made: Plan) -> None:
    need, have = made.per_day, made.requests_per_day
    a_day = f"A usual day needs about {_number(need.likely)} requests ({_range(need)})"
    if need.high <= have:
        _tell(f"{a_day}: it fits into {have:,}.", style="green")
    elif need.likely <= have:
        _tell(f"{a_day}: it likely fits into {have:,}, and may not.", style="yellow")
    else:
        behind = _number(need.likely - have)
        _tell(f"{a_day}, and you have {have:,}: it would fall behind by {behind} every day.", style="bold red")
        _name_what_fits(made)


def _name_what_fits(made: Plan) -> None:
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
    return f"about {_number(setting.per_day.likely)} a day, keeps {setting.comments_kept:.0%} of the comments{drawn}"


def _show_parts(made: Plan) -> None:
    table = _table()
    table.add_column("Requests", no_wrap=True)
    if made.goes_on:
        table.add_column("a day", justify="right")
        table.add_column("low – high", justify="right", style="dim")
    table.add_column("in all", justify="right")
    table.add_column("low – high", justify="right", style="dim")
    table.add_column("days of quota", justify="right")
    for name, per_day, whole in _rows(made):
        is_last = name == _TOGETHER
        a_day = (_number(per_day.likely), _range(per_day)) if made.goes_on else ()
        days = whole.through(lambda requests: days_of_quota(requests, per_day=made.requests_per_day))
        cells = (*a_day, _number(whole.likely), _range(whole), _range(days))
        if is_last:
            table.add_section()
        table.add_row(name, *cells, style="bold" if is_last else "")
    if made.social:
        bill = made.social
        a_day = (_number(bill.per_day.likely), _range(bill.per_day)) if made.goes_on else ()
        table.add_section()
        name = "followers and following"
        table.add_row(name, *a_day, _number(bill.total.likely), _range(bill.total), _range(bill.days))
    OUT.print(table)


def _rows(made: Plan) -> list[tuple[str, Estimate, Estimate]]:
    def summed(name: str, lines: list[CostLine]) -> tuple[str, Estimate, Estimate]:
        return name, total(line.per_day for line in lines), total(line.total for line in lines)

    main = [line for line in made.lines if line.bucket is Bucket.MAIN]
    by_part = {part: [line for line in main if line.part is part] for part in CostPart}
    looks = [line for line in by_part[CostPart.REFRESH] if line.dataset is Dataset.VIDEOS]
    again = [line for line in by_part[CostPart.REFRESH] if line.dataset is Dataset.USERS]
    always = [
        ("searches: the first look", by_part[CostPart.SEARCHES]),
        ("comments", by_part[CostPart.COMMENTS]),
        ("users: each creator once", by_part[CostPart.USERS]),
        ("refresh: later looks", looks),
        ("refresh: creators again", again),
    ]
    asked_for = [
        ("comments: replies", by_part[CostPart.REPLIES]),
        ("users: mentioned, once", by_part[CostPart.MENTIONED]),
        ("lists of accounts", by_part[CostPart.LISTS]),
    ]
    rows = [*always, *((name, lines) for name, lines in asked_for if lines)]
    return [*(summed(name, lines) for name, lines in rows), (_TOGETHER, made.per_day, made.total)]


def _show_searches(made: Plan) -> None:
    table = _table()
    table.add_column("Search")
    table.add_column("videos a day", justify="right")
    table.add_column("low – high", justify="right", style="dim")
    table.add_column("days to come", justify="right")
    table.add_column("known from")
    for search in made.searches[:_MOST_SEARCHES]:
        table.add_row(Text(search.search), *_outlook(search))
    OUT.print(table)
    if len(made.searches) > _MOST_SEARCHES:
        say(f" and {len(made.searches) - _MOST_SEARCHES} more; --json has all")


def _outlook(search: Outlook) -> tuple[str, str, str, str]:
    videos = search.videos_per_day
    known = "given" if search.is_given else "assumed"
    known = f"{search.days_landed:,} collected days" if search.days_landed else known
    return _number(videos.likely), _range(videos), f"{search.days_to_come:,}", known


def _show_changes(made: Plan) -> None:
    table = _table()
    table.add_column("What costs less")
    if made.goes_on:
        table.add_column("a day", justify="right")
    table.add_column("in all", justify="right")
    table.add_column("days of quota", justify="right")
    table.add_column("comments kept", justify="right")
    if made.goes_on:
        table.add_column("fits")
    shown = [s for number, s in enumerate(made.settings) if number <= _MOST_CHANGES or s.is_drawn]
    for setting in shown:
        a_day = (_number(setting.per_day.likely),) if made.goes_on else ()
        mark = ("[green]yes[/green]" if setting.fits else "[red]no[/red]",) if made.goes_on else ()
        days = days_of_quota(setting.total.likely, per_day=made.requests_per_day)
        kept = f"{setting.comments_kept:.1%}" + (", drawn" if setting.keeps_a_sample else "")
        table.add_row(
            Text(setting.change or "as it is"), *a_day, _number(setting.total.likely), f"{days:,}", kept, *mark
        )
    OUT.print(table)
    if any(setting.is_drawn for setting in shown):
        _tell(_ABOUT_DRAWING)


def _show_assumptions(made: Plan) -> None:
    heading("What this rests on")
    counted = f"Comments are estimated from the counts of {made.videos_landed:,} videos that were found."
    for sentence in ([counted] if made.videos_landed else []) + [*made.assumptions]:
        _tell(f"- {sentence}")


def _show_what_next(made: Plan, study: Study) -> None:
    say("\nNothing was sent.")
    if not made.is_calibrated:
        say("`tt try NAME` tells for one request how many videos a day a search has: see --videos-per-day NAME=9.")
    if not study.quota.confirmed:
        say(f"When the price is right, write `quota: {{confirmed: true}}` into {study.file}.")


def _tell(text: str, *, style: str = "") -> None:
    """A sentence, broken into lines that can be read."""
    OUT.print(Text(textwrap.fill(text, _WIDTH, subsequent_indent="  "), style=style))


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")


def _days(days: Estimate) -> str:
    likely = f"{_number(days.likely)} {'day' if days.likely == 1 else 'days'}"
    return likely if days.low == days.high else f"{likely} ({_range(days)})"


def _range(estimate: Estimate) -> str:
    low, high = _number(estimate.low), _number(estimate.high)
    return low if low == high else f"{low} – {high}"


def _number(value: float) -> str:
    """Three digits are known at best."""
    if value < 1:
        return f"{value:.2g}"
    if value < 10:  # noqa: PLR2004 — one decimal tells 1.2 requests a day from 1.8
        return f"{value:.1f}".removesuffix(".0")
    if value >= _MILLION:
        return f"{value / _MILLION:.{_SHOWN_DIGITS}g} M"
    return f"{round(value, min(0, _SHOWN_DIGITS - len(str(int(value))))):,.0f}"


def edit_sentences(settings: Settings, study: Study) -> list[str]:
    """What an edit of the study costs, for people; nothing without a data dir."""
    with open_holdings(settings, study) as held:
        return [_edit(edit) for edit in edits(held)] if held else []


def _edit(edit: Edit) -> str:
    if edit.outdated_days:
        days = f"{edit.outdated_days:,} {'day was' if edit.outdated_days == 1 else 'days were'}"
        requests = f"{edit.requests:,} {'request' if edit.requests == 1 else 'requests'}"
        return (
            f"{edit.search}: {days} collected with an older query, and are kept. Collecting them with this one costs "
            f"about {requests} for the search, and then the comments and creators of videos that are new."
        )
    if edit.earlier_name:
        return f"{edit.search}: was collected as {edit.earlier_name}; the same query under a new name costs nothing."
    return f"{edit.search}: is no longer in the study; its {edit.days_kept:,} collected days are kept."
