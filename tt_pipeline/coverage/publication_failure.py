"""Remembers why the latest publication failed, for people who look later and for alerts."""

from pathlib import Path

from tt_pipeline.data_dir import DataDir
from tt_pipeline.safe_files import write_whole

_MOST_BYTES = 4_096


def note_publication_failure(files: DataDir, problem: str) -> None:
    """Remember the failure.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    write_whole(_file(files), problem[:_MOST_BYTES] + "\n")


def forget_publication_failure(files: DataDir) -> None:
    """A publication has succeeded."""
    _file(files).unlink(missing_ok=True)


def last_publication_failure(files: DataDir) -> str | None:
    """Why the latest publication failed; None if it succeeded, or nobody knows."""
    try:
        return _file(files).read_text(encoding="utf-8", errors="replace")[:_MOST_BYTES].strip() or None
    except OSError:
        return None


def _file(files: DataDir) -> Path:
    return files.internal / "publication_failure.txt"
