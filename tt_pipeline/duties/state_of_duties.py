"""The state of the duties in a data dir, from what can be read without a request and without changing a file."""

import grp
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tt_pipeline.ingestion import COMMENT, VIDEO
from tt_pipeline.reports import export_folders, exported_elsewhere, published_at, published_counts
from tt_pipeline.safekeeping import KnownBackup, known_backups
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study
from tt_pipeline.tombstones import DeletionReason, Tombstones
from tt_pipeline.warehouse import VERIFIED_AT, items, query_file

_DUE_FROM: Final = 0.75
_CHECKED: Final = """
select
  count(*) as stored,
  count(*) filter (age >= {due_from}) as due,
  count(*) filter (age > 1) as overdue,
  min(verified_at) as oldest_at,
  max(checked_at) as checked_at
from (
  select
    {verified_at} as verified_at,
    check_.last_verified_at as checked_at,
    epoch($now - verified_at) / 86400 / $refresh_days as age
  from {items}
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChecks:
    """How well the stored items of a kind are checked, in the published file.

    Attributes:
        due: Seen or checked last before three quarters of refresh_days.
        overdue: Those of them that were seen or checked last before all of refresh_days.
        oldest_at: When the item was seen or checked that was not for the longest time; None if nothing is stored.
        checked_at: When a check has found one of them last; None if none was.
    """

    stored: int
    due: int
    overdue: int
    oldest_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file with a secret.

    Attributes:
        mode: Its permissions; None if there is no such file.
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
        checks: By kind: video and comment.
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
    checks: Mapping[str, StoredChecks]
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
        checks={kind: _checks(files.published, kind, study, now) for kind in (VIDEO, COMMENT) if is_published},
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


def _checks(published: Path, kind: str, study: Study, now: datetime) -> StoredChecks:
    sql = _CHECKED.format(due_from=_DUE_FROM, verified_at=VERIFIED_AT, items=items(kind))
    refresh_days = float(study.compliance.refresh_days)
    return StoredChecks(**query_file(published, sql, now=now, refresh_days=refresh_days).row(0, named=True))


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
