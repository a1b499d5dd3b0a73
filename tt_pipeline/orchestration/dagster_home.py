"""Creates the Dagster instance of a data dir, and the dagster.yaml in it; `dagster_folder.py` says where it is."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from tt_pipeline.dagster_folder import OWNER_NOTE, home_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignInstance
from tt_pipeline.safe_files import storing, write_whole

SETTINGS: Final[dict[str, Any]] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "concurrency": {"pools": {"default_limit": 1, "granularity": "run"}, "runs": {"max_concurrent_runs": 4}},
    # While the definitions cannot be loaded, a run waits in the queue instead of failing: it is tried every 30 seconds.
    "run_coordinator": {
        "module": "dagster.core.run_coordinator",
        "class": "QueuedRunCoordinator",
        "config": {"max_user_code_failure_retries": 1_000_000, "user_code_failure_retry_delay": 30},
    },
    # A failed step is not retried (each try costs quota), a crashed process is; a pause requests its retry by tag.
    "run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False},
    "run_monitoring": {
        "enabled": True,
        "start_timeout_seconds": 300,
        "max_resume_run_attempts": 0,
        "poll_interval_seconds": 30,
        "free_slots_after_run_end_seconds": 300,
    },
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90}},
    },
    "python_logs": {"managed_python_loggers": ["tt_pipeline"], "python_log_level": "INFO"},
}

_HEADER: Final = (
    "# tt_pipeline wrote this file for {home}\n"
    "# You can edit it: tt_pipeline never changes an edited file. Checksum of the lines below: {checksum}\n"
)
_WRITTEN: Final = re.compile(
    r"# tt_pipeline wrote this file for (?P<home>.*)\n.*Checksum of the lines below: (?P<checksum>\w+)\n"
)


def instance_settings(folder: Path) -> dict[str, Any]:
    """The content of dagster.yaml for an instance in this folder."""
    return {
        **SETTINGS,
        "storage": {"sqlite": {"base_dir": f"{folder}"}},
        "local_artifact_storage": {
            "module": "dagster.core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": f"{folder}"},
        },
        "compute_logs": {
            "module": "dagster.core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": f"{folder / 'logs'}"},
        },
    }


def prepare_home(files: DataDir, dagster_home: Path | None = None) -> Path:
    """Create the folder of the instance with its dagster.yaml, and remember it; an edited dagster.yaml stays as it is.

    Raises:
        ForeignInstance: As in `home_of`; nothing was changed.
    """
    home = home_of(files, dagster_home)
    with storing("Creating the Dagster instance", home):
        home.mkdir(parents=True, exist_ok=True)
    if home != files.dagster.resolve():
        write_whole(home / OWNER_NOTE, f"{files.root.resolve()}\n")
        write_whole(files.dagster_instance, json.dumps({"dagster_home": f"{home}"}) + "\n")
    _write_settings(home)
    return home


def _write_settings(home: Path) -> None:
    """Write dagster.yaml unless a person has edited it.

    Raises:
        ForeignInstance: An edited file still names the folder in which the data dir was before.
    """
    file = home / "dagster.yaml"
    known = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    if known and not _is_unedited(known):
        written = _WRITTEN.match(known)
        if written and (old := written["home"]) != f"{home}" and old in known.partition("\n")[2]:
            raise ForeignInstance(
                f"{file} was edited when the data dir was elsewhere, and its paths still lead to {old}.",
                remedy=f"Replace {old} by {home} in the file, or delete the file.",
            )
        return
    settings = yaml.safe_dump(instance_settings(home), sort_keys=False, allow_unicode=True)
    write_whole(file, _HEADER.format(home=home, checksum=_checksum(settings)) + settings)


def _is_unedited(text: str) -> bool:
    """Whether tt_pipeline wrote all of this text; earlier versions wrote it without a header."""
    if written := _WRITTEN.match(text):
        return written["checksum"] == _checksum(text[written.end() :])
    try:
        base_dir = yaml.safe_load(text)["storage"]["sqlite"]["base_dir"]
        return text == yaml.safe_dump(instance_settings(Path(base_dir)), sort_keys=False)
    except (yaml.YAMLError, TypeError, KeyError):
        return False


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
