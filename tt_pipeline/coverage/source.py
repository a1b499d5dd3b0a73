"""Each data dir belongs to the server that answered first; collecting from another server is refused."""

import json

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignDataDir, SourceUnknown
from tt_pipeline.safe_files import write_whole


def check_source(files: DataDir, base_url: str) -> None:
    """Check that the data dir belongs to this server, or does not belong to a server yet.

    Raises:
        ForeignDataDir: It belongs to another server.
    """
    known = source_of(files)
    if known not in {None, base_url}:
        raise ForeignDataDir(files.root, belongs_to=str(known), configured=base_url)


def remember_source(files: DataDir, base_url: str) -> None:
    """Check the server as `check_source` does, and record it if none is recorded yet.

    Raises:
        ForeignDataDir: It belongs to another server.
    """
    check_source(files, base_url)
    if source_of(files) is None:
        replace_source(files, base_url)


def source_of(files: DataDir) -> str | None:
    """The base URL of the server to which the data dir belongs; None before the first answer.

    Raises:
        SourceUnknown: The file that names it is damaged.
    """
    if files.source.exists() and not files.source.is_file():  # a pipe would never end
        raise SourceUnknown(files.source, "it is not a regular file")
    try:
        known = json.loads(files.source.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceUnknown(files.source, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise SourceUnknown(files.source, "it is not JSON") from error
    base_url = known.get("api_base_url") if isinstance(known, dict) else None
    if not isinstance(base_url, str) or not base_url.isprintable() or not base_url.startswith("http"):
        raise SourceUnknown(files.source, "it has no api_base_url")
    return base_url


def replace_source(files: DataDir, base_url: str) -> None:
    """Record this server as the data dir's server, also if another one was recorded."""
    write_whole(files.source, json.dumps({"api_base_url": base_url}) + "\n")
