"""Is the collection alive? What keeps it running, the daemon's heartbeat, the last run and the last publication."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tt_pipeline.alerts import troubles_of_study
from tt_pipeline.cli.health_checks import Finding, note, ok, wrong
from tt_pipeline.cli.service_managers import ManagerName, installed
from tt_pipeline.cli.service_texts import Service
from tt_pipeline.clock import real_now
from tt_pipeline.coverage import last_publication_failure
from tt_pipeline.dagster_folder import home_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration import last_run, oldest_heartbeat, open_instance
from tt_pipeline.reports import published_at
from tt_pipeline.safe_files import is_free
from tt_pipeline.settings import Settings

_SILENT: Final = timedelta(minutes=5)
"""Dagster's daemon shows itself every 30 seconds."""
_A_DAY: Final = timedelta(hours=26)
"""A daily command may take two hours longer than the day before."""


def signs_of_life(settings: Settings, service: Service) -> Iterator[Finding]:
    """One finding for each sign; the collection is alive if none is wrong."""
    here, is_served = installed(service), not is_free(settings.files.internal / "up.lock")
    if here is None:
        yield note("service", "not installed; `tt service install` does it")
    elif (state := here.manager.state(service)) == "active":
        yield ok("service", f"{here.name}, {here.place}")
    else:
        yield wrong("service", f"{here.name} says {state}: {here.place}")
    if is_served:
        yield ok("tt up", _served(settings.files))
        yield from _of_dagster(settings)
    elif here is not None and here.name is not ManagerName.CRON:
        yield wrong("tt up", "does not run, although it is installed as a service; its log says why")
    else:
        yield _of_collections(settings.files)
    yield _of_publication(settings)
    yield from (wrong("study", trouble.says) for trouble in troubles_of_study(settings))


def note_collection(files: DataDir) -> None:
    """Remember that `tt collect` has just ended, whatever it has done."""
    with suppress(OSError):
        if files.internal.is_dir():
            _collected(files).touch()


def _collected(files: DataDir) -> Path:
    return files.internal / "last_collect"


def _served(files: DataDir) -> str:
    with suppress(OSError):
        return f"runs at {(files.internal / 'up.txt').read_text(encoding='utf-8').strip()}"
    return "is starting"


def _of_dagster(settings: Settings) -> Iterator[Finding]:
    if not home_of(settings.files, settings.dagster_home).exists():
        yield note("daemon", "is starting")
        return
    with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
        heartbeat, run = oldest_heartbeat(instance), last_run(instance)
    if heartbeat is None:
        yield note("daemon", "has not shown itself yet; ask again in a minute")
    elif real_now() - heartbeat > _SILENT:
        yield wrong("daemon", f"has been silent since {_instant(heartbeat)}: stop `tt up` and start it again")
    else:
        yield ok("daemon", f"alive at {_instant(heartbeat)}")
    yield ok("last run", f"{run[0]}, {run[1]}, {_instant(run[2])}") if run else note("last run", "none yet")


def _of_collections(files: DataDir) -> Finding:
    """Whether `tt collect` has run within a day, where no `tt up` runs."""
    try:
        at = datetime.fromtimestamp(_collected(files).stat().st_mtime, real_now().tzinfo)
    except OSError:
        return wrong("collection", "nothing runs: start `tt up`, or `tt service install`")
    if real_now() - at > _A_DAY:
        return wrong("collection", f"no `tt up` runs, and the last `tt collect` ended at {_instant(at)}")
    return ok("collection", f"the last `tt collect` ended at {_instant(at)}")


def _of_publication(settings: Settings) -> Finding:
    files = settings.files
    if failure := last_publication_failure(files):
        return wrong("publication", f"the last one failed: {failure}")
    if not files.published.exists():
        return note("publication", "none yet")
    try:
        return ok("publication", f"{files.published}, of {_instant(published_at(files.published))}")
    except TtPipelineError as error:
        return wrong("publication", f"{error}")


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
