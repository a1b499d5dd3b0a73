"""The state of the duties in a data dir, from what can be read without a request and without changing a file."""

import grp
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tt_pipeline.errors import ConfigurationError
from tt_pipeline.reports import (
    ChecksDue,
    checks_due,
    export_folders,
    exported_elsewhere,
    published_at,
    published_counts,
)
from tt_pipeline.safekeeping import KnownBackup, known_backups
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study
from tt_pipeline.tombstones import DeletionReason, Tombstones


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file with a secret.

    Attributes:
        mode: Its permission bits, for example 0o600; None if there is no such file.
    """

    file: Path
    mode: int | None

    @property
    def is_open(self) -> bool:
        """Whether anybody but its owner can read or write it."""
        return self.mode is not None and bool(self.mode & (stat.S_IRWXG | stat.S_IRWXO))


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyState:
    """The state of the duties.

    Attributes:
        now: The present.
        published_at: When the published file was made; None without one.
        rows: Rows of the published file, by kind.
        checks: Those of videos and of comments; empty if nothing is published.
        deleted: Videos, comments and accounts that were deleted here, by reason.
        reports: Signed reports of deletions.
        is_deleting: Whether a deletion was interrupted.
        exports: Exports that are there, in the data dir and elsewhere.
        lost_exports: Recorded exports that are not where they were.
        backups: Known backups, the newest first.
        key_files: Files with secrets.
        group: The group that may read; None for the owner alone.
        group_size: How many accounts of this computer belong to it; None if nobody knows.
        has_ended: Whether the study was ended.
    """

    now: datetime
    published_at: datetime | None
    rows: Mapping[str, int]
    checks: tuple[ChecksDue, ...]
    deleted: Mapping[DeletionReason, int]
    reports: int
    is_deleting: bool
    exports: tuple[Path, ...]
    lost_exports: tuple[Path, ...]
    backups: tuple[KnownBackup, ...]
    key_files: tuple[KeyFile, ...]
    group: str | None
    group_size: int | None
    has_ended: bool


def duty_state(settings: Settings, study: Study) -> DutyState:
    """The state of the duties in a data dir.

    Raises:
        UsageError: The published file is damaged.
        TombstonesUnusable: Nobody knows what was deleted.
    """
    files, now = settings.files, settings.open_clock().now()
    is_published = files.published.exists()
    tombstones = Tombstones.of(files.internal, settings.tombstones)
    secrets = [Path(".env"), tombstones.key_file, *([settings.key_file] if settings.key_file else [])]
    return DutyState(
        now=now,
        published_at=published_at(files.published) if is_published else None,
        rows=published_counts(files.published) if is_published else {},
        checks=_checks(files.published, study, now),
        deleted=Counter(stone.reason for stone in tombstones),
        reports=sum(1 for _ in files.deletions.glob("*.json")),
        is_deleting=files.deletion.exists(),
        exports=tuple(export_folders(files)),
        lost_exports=tuple(place for place in exported_elsewhere(files) if not place.exists()),
        backups=tuple(known_backups(files)),
        key_files=tuple(KeyFile(file=file, mode=_mode(file)) for file in secrets),
        group=files.share_group,
        group_size=_size(files.share_group),
        has_ended=files.ended.exists(),
    )


def _checks(published: Path, study: Study, now: datetime) -> tuple[ChecksDue, ...]:
    try:
        return tuple(checks_due(published, study.compliance, now))
    except ConfigurationError:  # not published yet, deleted with the study, or by an earlier version
        return ()


def _mode(file: Path) -> int | None:
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None


def _size(group: str | None) -> int | None:
    try:
        return len(grp.getgrnam(group).gr_mem) if group else None
    except KeyError:
        return None
