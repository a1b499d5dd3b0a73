"""`tt demo`: collect a simulated TikTok, publish and query it, all in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from rich.text import Text

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, show_receipt
from tt_pipeline.cli.command_name import this_command
from tt_pipeline.cli.console import OUT, heading, say, say_as_is
from tt_pipeline.cli.dagster_server import program, serve_dagster
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.clock import Clock, clock_from, start_of, today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import replace_source, source_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ServerUnreachable
from tt_pipeline.reports import published_counts, query_published, write_report
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import Settings, hand_on, read_settings
from tt_pipeline.studies import read_study

FOLDER: Final = Path("data") / "demo"
DAYS: Final = 14
YOUNGEST_DAYS: Final = 4
"""Videos appear two days late; at four days the first look (at 3 days) of every day is due."""

FIRST_RUN_DAYS_AGO: Final = 9
"""On that day the first look at the first six days was due; today the second look is."""
EDIT: Final = "    exclude: {video_length: [SHORT]}  # added between the two runs\n"

STUDY: Final = Template("""\
# The demo's study: searches in a TikTok that does not exist. `tt check data/demo/study.yaml` describes it.
study: Demo – a TikTok that does not exist
start: $start
end: $end
searches:
  climate:
    hashtags: [climate, klima, fridaysforfuture]
    keywords: ["climate strike", klima]
  recipes:
    hashtags: [recipe, rezept]
$edit\
  germany:
    regions: [DE]
    sample: {random: 20}
comments: {min_comments: 3, sample: {per_stratum: 2}}
quota: {requests_per_day: 1000, requests_per_second: 200}
""")
KNOBS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "deletion_rate": 0.01,
        "rate_per_minute": 0,
        "keyword_fuzz": True,
        "renamed": {"manongreen31": "manon.climat", "mateo.eco": "mateo.solar"},
    }
)
"""How the demo's TikTok differs from that of `tt simulate`: videos are deleted, similar words match, and two accounts
have new names."""
_STANDS_STILL: Final = 1e-6
"""The rate of a clock that gets a millisecond later in a quarter of an hour."""

QUESTION: Final = """\
select
  found.search,
  found.kind,
  count(*) as videos,
  count(*) filter (found.matches) as fitting,
  count(distinct video.creator_id) as creators,
  median(video.view_count)::bigint as median_views
from marts.video_searches as found
join marts.videos as video using (video_id)
where found.is_current
group by all
order by videos desc"""


def run_demo(*, ui_port: int | None) -> None:
    """Collect, publish and query; or serve the UI if a port is given."""
    settings = at_its_day(demo_settings(FOLDER))
    where = " Nothing leaves this machine; all data are in data/demo."
    OUT.print(Text("Simulated data, invented people.", style="bold") + Text(where))
    is_begun = settings.files.published.exists()
    if _is_before_the_edit(settings):
        is_begun = False
        _run_first(settings)
        _write_study(settings, edit=EDIT)
        heading(f"{today(settings.open_clock())}: the first days a second time, the others for the first time")
        say("Meanwhile the study was edited: its search recipes leaves short videos out.")
    with simulation(settings, stands_still=ui_port is None) as simulated:
        if ui_port is None or not is_begun:
            _run_second(simulated)
        if ui_port is None:
            _suggest()
        else:
            serve_dagster(simulated, port=ui_port)


def _is_before_the_edit(settings: Settings) -> bool:
    """Whether the study is the one of the first run; it is written if there is none."""
    if not settings.study_file.exists():
        _write_study(settings, edit="")
    return settings.study_file.read_text(encoding="utf-8") == _study_text(settings, edit="")


def _run_first(settings: Settings) -> None:
    """Collect what was due nine days ago, when no account had a new name."""
    earlier = at_noon(settings, _last_day(settings) + timedelta(days=YOUNGEST_DAYS - FIRST_RUN_DAYS_AGO))
    heading(f"{today(earlier.open_clock())}: the first days of the study")
    with simulation(earlier, {**KNOBS, "renamed": {}}, stands_still=True) as simulated:
        _collect(simulated, CollectOptions())


def _run_second(settings: Settings) -> None:
    """Collect all days of the study, and show the result."""
    study = read_study(settings.study_file)
    first, last = f"{study.first_day}", f"{study.last_day or study.first_day}"
    _collect(settings, CollectOptions(from_=first, to=last, yes=True))  # the edited search repeats its days
    _show_result(settings)


def _collect(settings: Settings, options: CollectOptions) -> None:
    outcome = collect_and_publish(settings, options)
    show_receipt(outcome)
    if outcome.is_interrupted:
        raise KeyboardInterrupt


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
    study = read_study(settings.study_file) if settings.study_file.exists() else None
    reached = study.last_day + timedelta(days=YOUNGEST_DAYS) if study and study.last_day else date.min
    return settings if reached <= today(settings.open_clock()) else at_noon(settings, reached)


def at_noon(settings: Settings, day: date) -> Settings:
    """The settings with a clock that begins at noon of a day."""
    noon = start_of(day) + timedelta(hours=12)
    return settings.model_copy(update={"clock": f"{clock_from(f'{noon.isoformat()}@1')}"})


def last_fourteen_days(clock: Clock) -> tuple[date, date]:
    """The days that the demo collects."""
    last = today(clock) - timedelta(days=YOUNGEST_DAYS)
    return last - timedelta(days=DAYS - 1), last


def _write_study(settings: Settings, *, edit: str) -> None:
    write_whole(settings.study_file, _study_text(settings, edit=edit))


def _study_text(settings: Settings, *, edit: str) -> str:
    """The demo's study; its days are those of the first run, so that a second run finds everything complete."""
    first, last = last_fourteen_days(settings.open_clock())
    if settings.study_file.exists():
        first, last = read_study(settings.study_file).first_day, _last_day(settings)
    return STUDY.substitute(start=first, end=last, edit=edit)


def _last_day(settings: Settings) -> date:
    study = read_study(settings.study_file)
    return study.last_day or study.first_day


@contextmanager
def simulation(
    settings: Settings, knobs: Mapping[str, Any] = KNOBS, *, stands_still: bool = False
) -> Iterator[Settings]:
    """Run the simulator at the time of the settings; yields the settings with its base URL, for other processes too.

    Args:
        settings: Of the demonstration.
        knobs: Of the simulator.
        stands_still: Its world stays as it is at the hour, so that a slow machine gets the same answers.
    """
    hour = settings.open_clock().now().replace(minute=0, second=0, microsecond=0)
    hand_on(TT_CLOCK=f"{hour.isoformat()}@{_STANDS_STILL}" if stands_still else settings.clock)
    with simulator(settings.files) as base_url:
        httpx.post(f"{base_url}/_sim/knobs", json=dict(knobs), trust_env=False).raise_for_status()
        settings = settings.model_copy(update={"api_base_url": base_url})
        hand_on(**settings.as_environment())
        yield settings


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
    heading("The report")
    report = write_report(published, settings.files.report)
    say(f"{report.file}: {counted(report.figures, 'figure')} of what was collected; open it in a browser.")
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
