"""The identity of a landing folder: a random name in a small file that is copied and moved with the folder.

By this name the ledger and a publication know whether they deal with the same landed pages as before.
"""

import os
import re
import uuid
from pathlib import Path
from typing import Final

from tt_pipeline.safe_files import storing, write_whole, written_beside

IDENTITY: Final = "identity"
_NAME: Final = re.compile(rb"[0-9a-f]{32}\n")


def known_identity(root: Path) -> str | None:
    """The identity of a landing folder; None while it has none, or when its file is damaged."""
    file = root / IDENTITY
    try:
        content = file.read_bytes() if file.is_file() else b""  # nothing else is opened: a pipe would never end
    except OSError:
        return None
    return content.decode().strip() if _NAME.fullmatch(content) else None


def identity_of(root: Path) -> str:
    """The identity of a landing folder; the first process that needs it chooses one.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    if known := known_identity(root):
        return known
    file = root / IDENTITY
    chosen = f"{uuid.uuid4().hex}\n"
    with storing("Opening the landing zone", file), written_beside(file, chosen) as unfinished:
        if file.exists():  # damaged
            unfinished.replace(file)
        else:
            _link_if_missing(unfinished, file)
    return known_identity(root) or "unknown"


def adopt_identity(root: Path, identity: str) -> None:
    """Give a landing folder, which has no answers of another identity, the one of the landing zone that it copies.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    write_whole(root / IDENTITY, f"{identity}\n")


def is_identity(text: str) -> bool:
    """Whether a text is the name of a landing zone."""
    return _NAME.fullmatch(f"{text}\n".encode()) is not None


def _link_if_missing(unfinished: Path, file: Path) -> None:
    try:
        os.link(unfinished, file)
    except FileExistsError:  # another process was first
        return
    except OSError:  # a file system without hard links
        unfinished.replace(file)
