"""One data dir keeps one source: it remembers which server answered and refuses another."""

import json

from tt_pipeline.errors import ForeignDataDir
from tt_pipeline.landing import write_whole
from tt_pipeline.settings import DataDir


def check_source(files: DataDir, base_url: str) -> None:
    """Pass when the data dir is the server's or still nobody's.

    Raises:
        ForeignDataDir: It belongs to another server.
    """
    known = source_of(files)
    if known not in {None, base_url}:
        raise ForeignDataDir(files.root, belongs_to=str(known), asked=base_url)


def remember_source(files: DataDir, base_url: str) -> None:
    """Make the data dir the server's, on its first answer; afterwards only check.

    Raises:
        ForeignDataDir: It belongs to another server.
    """
    check_source(files, base_url)
    if source_of(files) is None:
        claim_source(files, base_url)


def source_of(files: DataDir) -> str | None:
    """The server whose answers the data dir holds; None while it holds none."""
    return str(json.loads(files.source.read_text())["api_base_url"]) if files.source.exists() else None


def claim_source(files: DataDir, base_url: str) -> None:
    """Say whose answers the data dir holds, whatever it said before."""
    write_whole(files.source, json.dumps({"api_base_url": base_url}) + "\n")
