"""The troubles of a data dir, each with a sentence that says what happened and what to do."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Final

import yaml

from tt_pipeline.clock import today
from tt_pipeline.coverage import Workspace, days_between, due, last_publication_failure
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.local_disk import needed_bytes
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import AlertKind, Bucket, SearchStatus

_NOON: Final = time(12)
_A_DAY: Final = timedelta(hours=26)
"""The daily run may take two hours longer than the day before."""
_SILENT: Final = timedelta(days=60)
_MB: Final = 1_000_000
_TITLE: Final = re.compile(r"^study:[ \t]+(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs a person."""

    kind: AlertKind
    says: str


def troubles_of_study(settings: Settings) -> list[Trouble]:
    """The trouble that the study cannot be read, so that nothing else can be known; empty if it can."""
    try:
        read_study(settings.study_file)
    except (TtPipelineError, OSError) as error:
        why = f"{error}".replace(f"{settings.study_file}", _named(settings))
        says = f"The study cannot be read, and no run starts until it is corrected: {why}"
        return [Trouble(kind=AlertKind.STUDY_BROKEN, says=says)]
    return []


def title_as_written(settings: Settings) -> str:
    """The title of a study that may have mistakes elsewhere; the name of its file if there is none."""
    with suppress(OSError, ValueError, yaml.YAMLError):
        written = _TITLE.search(settings.study_file.read_text(encoding="utf-8"))
        if written and isinstance(title := yaml.safe_load(written[1]), str):
            return title
    return settings.study_file.name


def _named(settings: Settings) -> str:
    """The study file as seen from the data dir, because messages go elsewhere: paths have names of people."""
    file = settings.study_file.resolve()
    if file.is_relative_to(folder := settings.data_dir.resolve()):
        return f"{file.relative_to(folder)}"
    return f"~/{file.relative_to(Path.home())}" if file.is_relative_to(Path.home()) else file.name


def troubles(workspace: Workspace) -> list[Trouble]:
    """Every trouble of which the study wants to hear."""
    return [
        Trouble(kind=kind, says=says)
        for kind, find in _FINDERS.items()
        if kind in workspace.study.alerts.on
        for says in find(workspace)
    ]


def _publication_failed(workspace: Workspace) -> Iterator[str]:
    if failure := last_publication_failure(workspace.files):
        yield f"Publishing failed; analysts see the file before it: {failure}"


def _quota_gone_by_noon(workspace: Workspace) -> Iterator[str]:
    use = workspace.use(Bucket.MAIN)
    if not use and workspace.clock.now().time() < _NOON:
        yield f"The quota of {today(workspace.clock)} is used up before noon UTC: {use}. `tt status` says by what."


def _silent_days(workspace: Workspace) -> Iterator[str]:
    coverage = workspace.coverage()
    for search in workspace.study.searches:
        last = min(search.last_day or today(workspace.clock), today(workspace.clock))
        days = days_between(max(search.first_day, last - _SILENT), last)
        silent = [day.day for day in coverage.searches.days(search, days) if day.status is SearchStatus.SUSPICIOUS]
        if silent:
            named = ", ".join(f"{day}" for day in silent[-3:])
            yield (
                f"The API returned no video of {search.name} on {named}, where others suggest some. `tt status` has the"
                " reason; the days are requested again by themselves."
            )


def _disk_low(workspace: Workspace) -> Iterator[str]:
    free, needed = shutil.disk_usage(workspace.files.root).free, needed_bytes(workspace.files.writer)
    if free < needed:
        yield (
            f"The disk of the data dir has {free // _MB:,} MB free, and loading and publishing may need"
            f" {needed // _MB:,}."
        )


def _no_run_for_a_day(workspace: Workspace) -> Iterator[str]:
    last = workspace.ledger.last_sent_at(workspace.study.title)
    if last and workspace.clock.now() - last > _A_DAY and workspace.use() and due(workspace.coverage()):
        yield f"Nothing was requested since {last:%Y-%m-%d %H:%M} UTC, although work is due. Does `tt up` or cron run?"


_FINDERS: Final[dict[AlertKind, Callable[[Workspace], Iterator[str]]]] = {
    AlertKind.PUBLICATION_FAILED: _publication_failed,
    AlertKind.QUOTA_GONE_BY_NOON: _quota_gone_by_noon,
    AlertKind.SILENT_DAY: _silent_days,
    AlertKind.DISK_LOW: _disk_low,
    AlertKind.NO_RUN_FOR_A_DAY: _no_run_for_a_day,
}
