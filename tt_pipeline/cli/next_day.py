"""`tt demo --next-day`: one more simulated day passes, and the demo collects what is due on it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from string import Template
from typing import Final

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, exit_of, show_receipt
from tt_pipeline.cli.console import heading, say, say_as_is
from tt_pipeline.cli.demo import FOLDER, at_its_day, demo_settings, simulation
from tt_pipeline.cli.exits import Exit
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import published_counts, query_published
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study

_NOUNS: Final = ("videos", "comments", "users")
_LOOKS: Final = Template("""\
select day_date, search, look, videos, videos_new
from marts.looks
where observed_at >= '$day'
order by day_date desc, search""")


def run_next_day() -> Exit:
    """Move the demo to its next day, collect what is due, publish, and show what is new.

    Raises:
        UsageError: There is no demo in this folder.
    """
    settings = demo_settings(FOLDER)
    if not settings.files.published.exists():
        raise UsageError(f"There is no demo in {FOLDER.resolve()} to go on with: run `tt demo` first.")
    before = published_counts(settings.files.published)
    _extend(settings)
    settings = at_its_day(settings)
    now = settings.open_clock().now()
    say(f"In the demo it is now {now:%A, %Y-%m-%d, %H:%M} UTC: the daily run begins.")
    with simulation(settings, stands_still=True) as simulated:
        outcome = collect_and_publish(simulated, CollectOptions())
    show_receipt(outcome)
    if outcome.is_interrupted:
        raise KeyboardInterrupt
    _show_news(settings, before, _LOOKS.substitute(day=now.date()))
    return exit_of(outcome)


def _extend(settings: Settings) -> None:
    """Let the study end a day later."""
    study = read_study(settings.study_file)
    if study.last_day:
        text = settings.study_file.read_text(encoding="utf-8")
        end = study.last_day + timedelta(days=1)
        write_whole(settings.study_file, re.sub(r"(?m)^end:.*$", f"end: {end}", text, count=1))


def _show_news(settings: Settings, before: Mapping[str, int], question: str) -> None:
    now = published_counts(settings.files.published)
    heading("What is new")
    say(", ".join(f"{now[noun] - before[noun]:,} {noun}" for noun in _NOUNS) + f" more in {settings.files.published}.")
    say_as_is(f"\n{question}")
    show_frame(query_published(settings.files.published, question))
    say("\nThe same command again goes on to the day after. `tt demo --ui` shows the runs.")
