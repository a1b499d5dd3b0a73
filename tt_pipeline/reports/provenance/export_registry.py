"""Exports that lie elsewhere are remembered, because a copy that is not found is not deleted.

What lies in the data dir's own folder of exports is found without being remembered.
"""

from pathlib import Path

from tt_pipeline.safe_files import storing
from tt_pipeline.settings import DataDir


def remember_export(files: DataDir, folder: Path) -> None:
    """Note where an export was written, unless it is found anyway.

    Raises:
        StorageFailed: The data dir cannot be written.
    """
    place = folder.resolve()
    if place.parent == files.exports.resolve() or place in exported_elsewhere(files):
        return
    with storing("Noting the export", files.exported):
        files.internal.mkdir(parents=True, exist_ok=True)
        with files.exported.open("a", encoding="utf-8") as file:
            file.write(f"{place}\n")


def exported_elsewhere(files: DataDir) -> list[Path]:
    """Folders outside the data dir's own that exports were written to, whether or not they are still there."""
    if not files.exported.exists():
        return []
    return [Path(line) for line in files.exported.read_text(encoding="utf-8").splitlines() if line]
