"""`tt demo`: collect a simulated TikTok, publish and query it, all in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

from rich.text import Text

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, show_receipt
from tt_pipeline.cli.command_name import this_command
from tt_pipeline.cli.console import OUT, heading, say, say_as_is
from tt_pipeline.cli.dagster_server import program, serve_dagster
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.clock import Clock, clock_from, start_of, today
from tt_pipeline.coverage import replace_source, source_of
from tt_pipeline.errors import ServerUnreachable
from tt_pipeline.reports import published_counts, query_published
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import DataDir, Settings, hand_on, read_settings
from tt_pipeline.studies import read_study

FOLDER: Final = Path("data") / "demo"
DAYS: Final = 14
YOUNGEST_DAYS: Final = 4
"""Videos appear two days late; at four days the first look (at 3 days) of every day is due."""

STUDY: Final = Template("""\
# The demo's study: searches in a TikTok that does not exist. `tt check data/demo/study.yaml` describes it.
study: Demo – a TikTok that does not exist
start: $start
end: $end
searches:
  climate:
    hashtags: [climate, klima, fridaysforfuture]
    keywords: ["climate strike"]
  football_de:
    hashtags: [football, fussball]
    regions: [DE]
  recipes:
    query: {"and": [{"operation": "IN", "field_name": "hashtag_name", "field_values": ["recipe", "rezept"]}],
            "not": [{"operation": "EQ", "field_name": "video_length", "field_values": ["SHORT"]}]}
comments: {min_comments: 3}
quota: {requests_per_day: 1000, requests_per_second: 200}
""")

QUESTION: Final = """\
select
  found.search,
  count(*) as videos,
  count(distinct video.username) as creators,
  median(video.view_count)::bigint as median_views,
  sum(video.comments_held)::bigint as comments_held
from core.found_videos as found
join marts.videos as video on video.video_id = found.video_id::varchar
group by found.search
order by videos desc"""


def run_demo(*, ui_port: int | None) -> None:
    """Collect, publish and query; or serve the UI if a port is given."""
    settings = at_its_day(demo_settings(FOLDER))
    hand_on(TT_CLOCK=settings.clock)
    where = " Nothing leaves this machine; all data are in data/demo."
    OUT.print(Text("Simulated data, invented people.", style="bold") + Text(where))
    with simulator(settings.files) as base_url:
        settings = settings.model_copy(update={"api_base_url": base_url})
        hand_on(**settings.as_environment())
        first, last = _days(settings)
        if ui_port is None or not settings.files.published.exists():
            outcome = collect_and_publish(settings, CollectOptions(from_=f"{first}", to=f"{last}"))
            show_receipt(outcome)
            if outcome.is_interrupted:
                raise KeyboardInterrupt
            _show_result(settings)
        if ui_port is None:
            _suggest()
        else:
            serve_dagster(settings, port=ui_port)


def demo_settings(folder: Path) -> Settings:
    """Settings that ignore the study, credentials and DAGSTER_HOME of the environment."""
    return read_settings(
        data_dir=folder,
        study=None,
        ledger=None,
        dagster_home=None,
        client_key="sim-key",
        client_secret="sim-secret",  # noqa: S106 — the simulator's, no secret
    )


def at_its_day(settings: Settings) -> Settings:
    """The settings with the demo's clock: noon of the day to which `tt demo --next-day` went, until today is later."""
    clock = settings.open_clock()
    study = read_study(settings.study_file) if settings.study_file.exists() else None
    reached = study.last_day + timedelta(days=YOUNGEST_DAYS) if study and study.last_day else date.min
    if reached <= today(clock):
        return settings
    noon = start_of(reached) + timedelta(hours=12)
    return settings.model_copy(update={"clock": f"{clock_from(f'{noon.isoformat()}@1')}"})


def last_fourteen_days(clock: Clock) -> tuple[date, date]:
    """The days that the demo collects."""
    last = today(clock) - timedelta(days=YOUNGEST_DAYS)
    return last - timedelta(days=DAYS - 1), last


def _days(settings: Settings) -> tuple[date, date]:
    """The demo's days; those of the first run are kept, so that a second run finds everything complete."""
    if not settings.study_file.exists():
        first, last = last_fourteen_days(settings.open_clock())
        write_whole(settings.study_file, STUDY.substitute(start=first, end=last))
    study = read_study(settings.study_file)
    return study.first_day, study.last_day or study.first_day


@contextmanager
def simulator(files: DataDir) -> Iterator[str]:
    """Run `tt simulate` in a process of its own, on its last port if that is free; yields its base URL.

    Without options its world is that of `tt simulate`, so that names from the demo are found there. The demo's data
    are the same on any port, so the data dir accepts the new base URL.
    """
    known = source_of(files)
    ports = [urlsplit(known).port, 0] if known else [0]
    for port in ports:
        options = ["--port", f"{port}", "--caller", f"{os.getpid()}"]
        command = [sys.executable, "-m", "tt_pipeline.cli", "simulate", *options]
        with program(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            base_url = (process.stdout.readline() if process.stdout else "").strip()
            if base_url:
                replace_source(files, base_url)
                yield base_url
                return
    raise ServerUnreachable("the simulator", "it did not start; run `tt simulate` to see why")


def _show_result(settings: Settings) -> None:
    published = settings.files.published
    counts = published_counts(published)
    heading("Result")
    say(f"{published}: " + ", ".join(f"{counts[name]:,} {name}" for name in ("videos", "comments", "users", "days")))
    heading("A query in SQL")
    say_as_is(QUESTION)
    show_frame(query_published(published, QUESTION))


def _suggest() -> None:
    command = this_command()
    heading("What to try next")
    say_as_is(f'TT_DATA_DIR={FOLDER} {command} sql "from marts.daily_volume limit 10"')
    say(f"    asks in SQL; `{command} sql` without a query opens a prompt")
    say_as_is(f"{command} demo --next-day")
    say("    lets a day pass, and collects what is due on it")
    say_as_is(f"{command} demo --ui")
    say("    shows the runs, days and checks in Dagster's UI")
    say_as_is(f"{command} init")
    say("    begins your own study in the folder data; without TT_DATA_DIR, commands use that one")
