"""Publishes to the target of TT_PUBLISH, and remembers every target that has data, so that deletions reach it.

A target that fails does not fail the publication of the file. It is tried again by the next publication, and so is a
target that could not be reached by a deletion, also after TT_PUBLISH names another one.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.audit_log import Deed, note_deed
from tt_pipeline.coverage import Workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StorageFailed, TtPipelineError
from tt_pipeline.publish_address import PublishAddress
from tt_pipeline.safe_files import write_whole
from tt_pipeline.warehouse import PublishReport, open_target

log = logging.getLogger(__name__)

_KEEPS_ALL: Final = None
_KEEPS_LAST: Final = 1
_KEEPS_NONE: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """What is known of a target.

    Attributes:
        published_at: When the publication that it has was made, aware; None if none was.
        problem: Why the latest attempt failed; None if it succeeded.
        owes_deletion: Whether it may still have what was deleted.
    """

    published_at: datetime | None = None
    problem: str | None = None
    owes_deletion: bool = False


def target_states(files: DataDir) -> dict[str, TargetState]:
    """Every target that has data, or was tried, by its address without password."""
    values, owing = _states(files), _listed(files.owing_targets)
    return {
        name: TargetState(
            published_at=_instant(values.get(name, {}).get("published_at")),
            problem=values.get(name, {}).get("problem"),
            owes_deletion=name in owing,
        )
        for name in dict.fromkeys([*_listed(files.targets), *values])
    }


def owe_deletion(files: DataDir) -> None:
    """Remember that every target may have what is being deleted, until a publication has replaced it.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    if known := _listed(files.targets):
        _write(files.owing_targets, known)


def publish_to_targets(workspace: Workspace, report: PublishReport) -> Mapping[str, str | None]:
    """Copy the published file to the target of the settings, and to those that may have what was deleted.

    Returns:
        Why each target failed, by its address; None if it did not.
    """
    files, configured = workspace.files, workspace.publish_target
    owing = _listed(files.owing_targets)
    addresses = {name: PublishAddress.read(name) for name in owing}
    if configured:
        addresses[f"{configured}"] = configured
    return {
        name: _publish(files, address, report, is_configured=address is configured)
        for name, address in addresses.items()
    }


def _publish(files: DataDir, address: PublishAddress, report: PublishReport, *, is_configured: bool) -> str | None:
    name = f"{address}"
    try:
        was_there = _published(files, address, report, creates=is_configured)
        _note(files, name, published_at=report.published_at, problem=None)
        if was_there:
            _write(files.owing_targets, [each for each in _listed(files.owing_targets) if each != name])
    except (TtPipelineError, OSError, duckdb.Error) as error:
        says = address.masked(f"{error}")
        log.warning("%s", says)
        problem = address.masked(f"{getattr(error, 'problem', error)}")
        _note(files, name, published_at=target_states(files).get(name, TargetState()).published_at, problem=problem)
        return says
    log.info("published to %s", name)
    return None


def _published(files: DataDir, address: PublishAddress, report: PublishReport, *, creates: bool) -> bool:
    """Publish to a target, which is remembered before it gets data; whether a publication was there before."""
    name = f"{address}"
    state = target_states(files).get(name, TargetState())

    def remember() -> None:
        if name not in (known := _listed(files.targets)):
            _write(files.targets, [*known, name])
            rows = {"rows": sum(report.rows.values())}
            note_deed(files.audit, Deed.EXPORT, report.published_at, rows, f"publish target: {name}")

    hides = bool(report.hidden.missing or report.hidden.overdue)
    return open_target(address, files.internal, share_group=files.share_group).publish(
        report.published,
        expected_at=state.published_at,
        most_earlier=_KEEPS_NONE if state.owes_deletion else _KEEPS_LAST if hides else _KEEPS_ALL,
        creates=creates,
        before_writing=remember,
    )


def remove_targets(files: DataDir, configured: PublishAddress | None) -> list[str]:
    """Delete what every known target has; returns what a person has to delete, as sentences."""
    left = []
    for name in _listed(files.targets):
        address = configured if configured and f"{configured}" == name else PublishAddress.read(name)
        try:
            open_target(address, files.internal).remove()
        except (TtPipelineError, OSError, duckdb.Error) as error:
            problem = address.masked(f"{getattr(error, 'problem', error)}")
            left.append(f"{name}: the data was published there and could not be deleted ({problem}); delete it there.")
        else:
            _write(files.targets, [each for each in _listed(files.targets) if each != name])
    return left


def _note(files: DataDir, name: str, *, published_at: datetime | None, problem: str | None) -> None:
    state = {"published_at": published_at.isoformat() if published_at else None, "problem": problem}
    try:
        write_whole(files.target_states, json.dumps({**_states(files), name: state}, indent=1) + "\n")
    except StorageFailed as error:
        log.warning("%s", error)


def _states(files: DataDir) -> dict[str, dict[str, Any]]:
    found = _read(files.target_states)
    return found if isinstance(found, dict) else {}


def _listed(file: Path) -> list[str]:
    found = _read(file)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(file: Path, names: Iterable[str]) -> None:
    write_whole(file, json.dumps([*names], indent=1) + "\n")


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
