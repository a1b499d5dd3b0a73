"""Who can read the files of a data dir: its owner, and what is made for people also the group of TT_SHARE_GROUP.

`keep_private` is called when a program starts: then new files and folders belong to their owner alone, also those of
SQLite, DuckDB and Dagster and of child processes. The other functions care for files that exist already, and for the
group. A group may read the data dir, the published file, the report and the exports, and never writes.
"""

import grp
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # needs pydantic, which `tt --help` does without
    from tt_pipeline.data_dir import DataDir

log = logging.getLogger(__name__)

_OTHERS: Final = 0o077
_OWNER: Final = 0o700
_PERMISSIONS: Final = 0o777
_GROUP_READS: Final = 0o050


def keep_private() -> None:
    """From now on, files and folders that this process and its child processes create belong to their owner alone."""
    os.umask(_OTHERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A file or folder of the data dir whose content has the same readers.

    Attributes:
        group: The group that reads it; None for the owner alone.
        is_deep: Whether everything below the folder belongs to it.
    """

    path: Path
    group: str | None = None
    is_deep: bool = False

    def misfits(self) -> Iterator[Path]:
        """Its files and folders that have other readers; the area itself comes last."""
        if self.is_deep:
            for folder, folders, files in os.walk(self.path, topdown=False):
                yield from (path for name in (*files, *folders) if self._is_misfit(path := Path(folder, name)))
        if self._is_misfit(self.path):
            yield self.path

    def _is_misfit(self, path: Path) -> bool:
        with suppress(OSError):
            found = path.lstat()
            return not stat.S_ISLNK(found.st_mode) and not _fits(found, self.group)
        return False

    def remedy(self) -> str:
        """The command that a person types to mend it."""
        option = "-R " if self.is_deep else ""
        if not self.group:
            return f"chmod {option}go= {self.path}"
        return f"chgrp {option}{self.group} {self.path} && chmod {option}g=rX,o= {self.path}"


def areas(files: "DataDir") -> Iterator[Area]:
    """The data dir and what we store in it; what people put there themselves keeps its readers."""
    for path in (files.root, files.published, *files.pages):
        yield Area(path=path, group=files.share_group)
    yield Area(path=files.root / "study.yaml")
    yield Area(path=files.exports, group=files.share_group, is_deep=True)
    yield Area(path=files.internal, is_deep=True)


def tighten(files: "DataDir") -> None:
    """Let nobody else read what exists in the data dir; what is deep in folders is changed only if a folder must be.

    Files of another owner stay as they are; `tt doctor` names them.
    """
    # A folder is changed after its content, so that the next start goes on if this one is killed on the way.
    if not any(any(replace(area, is_deep=False).misfits()) for area in areas(files)):
        return
    changed = sum(set_readers(path, area.group) for area in areas(files) for path in area.misfits())
    if changed:
        group = f", and the group {files.share_group} what is made for people" if files.share_group else ""
        log.warning(
            "%s: %d files and folders had other readers; now only you can read them%s", files.root, changed, group
        )


def set_readers(path: Path, group: str | None) -> bool:
    """Let the owner and perhaps a group read a file or folder; returns whether that changed anything."""
    with suppress(OSError):
        before = path.stat()
        # First for the owner alone: the group that the file has now need not be the one that may read it.
        path.chmod(_wanted(before.st_mode, None))
        if group:
            _give_to(path, group, _wanted(before.st_mode, group))
        return not _fits(before, group) and _fits(path.stat(), group)
    return False


def _give_to(path: Path, group: str, mode: int) -> None:
    try:
        os.chown(path, -1, grp.getgrnam(group).gr_gid)
        path.chmod(mode)
    except OSError as error:
        log.warning("the group %s cannot read %s: %s", group, path, error.strerror)


def share_export(folder: Path, group: str | None, *, is_new: bool) -> None:
    """Let the group read an export; of a folder that existed before, only the files."""
    for path in (*folder.iterdir(), *([folder] if is_new else [])):
        set_readers(path, group)


def _fits(found: os.stat_result, group: str | None) -> bool:
    has_mode = stat.S_IMODE(found.st_mode) & _PERMISSIONS == _wanted(found.st_mode, group) & _PERMISSIONS
    return has_mode and (not group or found.st_gid == grp.getgrnam(group).gr_gid)


def _wanted(mode: int, group: str | None) -> int:
    """The mode with the owner's rights as they are; a group may read what the owner reads."""
    owner = stat.S_IMODE(mode) & ~_OTHERS
    return owner | (owner & _OWNER) >> 3 & _GROUP_READS if group else owner
