"""The list of what a backup has: manifest.json, written last, so that a backup is what its manifest says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tt_pipeline.errors import BackupUnusable
from tt_pipeline.landing import CopiedFile
from tt_pipeline.safe_files import write_whole

MANIFEST: Final = "manifest.json"
LANDING, STUDY, INTERNAL, LEDGER = "landing", "study", "internal", "ledger"
"""The folders of a backup."""
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup has.

    Attributes:
        made_at: When it was begun, UTC; later answers may be in it too.
        landing_id: The identity of the landing folder.
        study: The file name of the study, below `study/`.
        study_title: The title, for people.
        ledger: The file of the ledger, below the backup; None if nothing was requested before.
        files: Every file by its name below the backup.
    """

    made_at: datetime
    landing_id: str
    study: str
    study_title: str
    ledger: str | None
    files: Mapping[str, CopiedFile] = field(default_factory=dict)

    def below(self, folder: str) -> dict[str, CopiedFile]:
        """The files of a folder of the backup, by their names below it."""
        return {
            name.removeprefix(f"{folder}/"): file for name, file in self.files.items() if name.startswith(f"{folder}/")
        }

    def write(self, folder: Path) -> None:
        """Write it; from now on the backup is this one.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written.
        """
        content = {
            "format": _FORMAT,
            "made_by": f"tt-pipeline {version('tt-pipeline')}",
            "made_at": self.made_at.isoformat(),
            "landing_id": self.landing_id,
            "study": self.study,
            "study_title": self.study_title,
            "ledger": self.ledger,
            "files": {name: [f.size, f.sha256, f.changed_ns] for name, f in sorted(self.files.items())},
        }
        write_whole(folder / MANIFEST, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        BackupUnusable: The folder is no backup, or a later version made it.
    """
    file = folder / MANIFEST
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        made_format = content["format"]
    except FileNotFoundError:
        problem = "is not there" if not folder.exists() else f"is not a backup: it has no {MANIFEST}"
        raise BackupUnusable(folder, problem) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupUnusable(folder, f"has a {MANIFEST} that cannot be read ({type(error).__name__})") from error
    if made_format != _FORMAT:
        raise BackupUnusable(folder, f"was made by a later version ({content.get('made_by')}); update tt_pipeline")
    try:
        return _manifest(content)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupUnusable(folder, f"has a {MANIFEST} that cannot be read ({type(error).__name__})") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        made_at=datetime.fromisoformat(content["made_at"]),
        landing_id=str(content["landing_id"]),
        study=str(content["study"]),
        study_title=str(content["study_title"]),
        ledger=content["ledger"],
        files={
            _checked(name): CopiedFile(size=int(size), sha256=str(sha256), changed_ns=int(changed_ns))
            for name, (size, sha256, changed_ns) in content["files"].items()
        },
    )


def _checked(name: str) -> str:
    """A name that does not lead out of the backup."""
    if name.startswith("/") or ".." in name.split("/"):
        raise ValueError(name)
    return name
