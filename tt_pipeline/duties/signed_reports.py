"""Reports of deletions: what kind, why, how many and when, never of whom; signed with the key of the data dir.

The signature shows that the report was written with this data dir's key and was not changed since.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tt_pipeline.data_dir import DataDir
from tt_pipeline.duties.journal import Deletion
from tt_pipeline.safe_files import write_whole
from tt_pipeline.tombstones import Tombstones

_SIGNATURE: Final = "signature"


def write_report(
    files: DataDir,
    tombstones: Tombstones,
    deletion: Deletion,
    counts: Mapping[str, int],
    by_hand: Iterable[str],
) -> Path:
    """Write the report of a deletion; again replaces it.

    Returns:
        The file, in the folder `deletions` of the data dir.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    values = {
        "what": "deletion",
        "why": deletion.reason.value,
        "asked_for": deletion.note,
        "begun_at": deletion.begun_at.isoformat(),
        "counts": dict(counts),
        "by_hand": list(by_hand),
    }
    file = files.deletions / f"{deletion.begun_at:%Y%m%dT%H%M%S%fZ}-{deletion.reason}.json"
    write_signed(file, tombstones, values)
    return file


def write_signed(file: Path, tombstones: Tombstones, values: Mapping[str, Any]) -> None:
    """Write values with their signature.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    signed = {**values, _SIGNATURE: tombstones.sign(_canonical(values))}
    for unfinished in file.parent.glob(f".{file.name}.*.tmp"):  # of a process that was killed while it wrote
        unfinished.unlink(missing_ok=True)
    write_whole(file, json.dumps(signed, indent=2, ensure_ascii=False) + "\n")


def verify_reports(folder: Path, tombstones: Tombstones) -> Iterator[str]:
    """What is wrong with signed reports, as sentences; nothing for reports as they were written."""
    for file in sorted(folder.glob("*.json")):
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            signature = values.pop(_SIGNATURE)
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            yield f"{file}: is no signed report ({error})"
            continue
        if signature != tombstones.sign(_canonical(values)):
            yield f"{file}: was changed after it was signed, or was signed with the key of another data dir"


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
