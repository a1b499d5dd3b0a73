"""Records the folders of exports outside the data dir, so that a trace finds every copy that may have to be deleted.

Exports in the data dir's own folder are found without a record.
"""

from pathlib import Path

from tt_pipeline.safe_files import storing
from tt_pipeline.settings import DataDir


def remember_export(files: DataDir, folder: Path) -> None:
    """Record the folder of an export, unless it is in the data dir's own folder of exports.

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
    """The recorded folders of exports, also those that no longer exist."""
    if not files.exported.exists():
        return []
    return [Path(line) for line in files.exported.read_text(encoding="utf-8").splitlines() if line]
