"""What `tt doctor` looks at: each thing one finding, with what to do about it.

Nothing is sent but by `look_online`, and nothing is repaired or made.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks.access import look_at_credentials, look_at_source, look_at_study, look_online
from tt_pipeline.cli.health_checks.finding import Finding, Mark, note
from tt_pipeline.cli.health_checks.machine import (
    free_bytes,
    look_at_disk,
    look_at_folder,
    look_at_python,
    needed_bytes,
)
from tt_pipeline.cli.health_checks.stores import (
    look_at_dagster,
    look_at_database,
    look_at_landed,
    look_at_published,
    look_at_quota,
    look_at_writer,
)
from tt_pipeline.clock import SystemClock
from tt_pipeline.settings import Settings

__all__ = ["Finding", "Mark", "examine"]

_FURTHER: Final = "ledger, landing index, quota, Dagster and the warehouse's checks"


def examine(settings: Settings, *, online: bool = False, deep: bool = False) -> Iterator[Finding]:
    """Everything, one by one, in the order in which it is to be repaired."""
    clock = settings.open_clock()
    yield look_at_python(sys.version_info[:3])
    folder = look_at_folder(settings.data_dir, _written(settings))
    yield folder
    yield look_at_disk(free_bytes(settings.data_dir), needed_bytes(settings))
    yield look_at_study(settings)
    yield look_at_source(settings, online=online)
    yield look_at_credentials(settings, Path(".env"), online=online)
    if online:
        yield from look_online(settings, SystemClock())
    is_writable = folder.mark is Mark.OK
    if is_writable:
        yield look_at_database("ledger", settings.ledger_file)
        yield look_at_database("landing index", settings.files.landing / "index.sqlite")
        yield look_at_quota(settings, clock)
        yield look_at_dagster(settings)
    yield look_at_landed(settings.files.landing, deep=deep)
    yield look_at_published(settings, clock.now())
    if is_writable:
        yield from look_at_writer(settings, clock)
    else:
        yield note("further", f"{_FURTHER} can only be looked at where the data dir can be written.")


def _written(settings: Settings) -> list[Path]:
    files = settings.files
    databases = [settings.ledger_file, files.landing / "index.sqlite", files.writer]
    return [files.internal, files.landing, files.dagster, *databases]
