"""Folders for temporary copies and for what DuckDB moves from memory to the disk.

Both have personal data, so they are in the data dir, where only its owner can read them, and not in /tmp or in the
folder in which a command was started. The folder of a killed process is deleted by the next one that needs a folder.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tt_pipeline.safe_files import is_free, new_lease, storing

_NAME: Final = "scratch-"
_LOCK: Final = ".lock"


@contextmanager
def scratch_folder(internal: Path) -> Iterator[Path]:
    """An empty folder in the pipeline's folder of a data dir; it is deleted at the end.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    with storing("Making a folder for temporary files", internal):
        internal.mkdir(parents=True, exist_ok=True)
        delete_left_over_scratch(internal)
        folder = internal / f"{_NAME}{uuid.uuid4().hex}"
    with new_lease(folder.with_suffix(_LOCK)) as lock:
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)


@contextmanager
def overflow_folder(internal: Path) -> Iterator[str]:
    """The `temp_directory` for DuckDB; "", which lets it use memory alone, if this user may not write there."""
    if not os.access(internal, os.W_OK | os.X_OK):
        yield ""
        return
    with scratch_folder(internal) as folder:
        yield f"{folder}"


def delete_left_over_scratch(internal: Path) -> None:
    """Delete the folders of killed processes."""
    for lock in internal.glob(f"{_NAME}*{_LOCK}"):
        if is_free(lock):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
