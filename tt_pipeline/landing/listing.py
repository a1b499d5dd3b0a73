"""Which files of the landing folder are landed files, and what else lies there.

People and programs put other files into the folder: copies, folders, links, pipes, names in other encodings. They are
never opened: reading a pipe would wait for ever. Each is listed with the reason why it is left out.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tt_pipeline.landing.layout import PACKED, PLAIN, is_load_id, load_id_of, name_of
from tt_pipeline.safe_files import printable

_KEPT_DAMAGED: Final = re.compile(r"\.(damaged|newer)-\d{8}T\d{12}Z$")
_NOT_A_NAME: Final = "its name is not that of a landed file"
_NOT_A_FILE: Final = "it is not a regular file"
_LINKED_FOLDER: Final = "it is a link to a folder, and links to folders are not followed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lies in a landing folder.

    Attributes:
        landed: The file of each load; where a plain and a compressed one exist, the plain one, which is complete.
        damaged: Damaged files that were renamed, and the load of each.
        left_out: Why each other file is not read, by its path.
        closed: Folders that cannot be read, and the reason. Their files may still exist.
    """

    landed: Mapping[str, Path]
    damaged: Mapping[Path, str]
    left_out: Mapping[Path, str]
    closed: Mapping[Path, str]

    def may_hide(self, path: Path) -> bool:
        """Whether a file may exist in a folder that cannot be read."""
        return any(path.is_relative_to(folder) for folder in self.closed)


def listing(root: Path, *, start: Path | None = None) -> Listing:
    """List a landing folder and every folder below it; a folder that is missing is empty.

    Args:
        root: The landing folder.
        start: Only this folder of it, and what is below.
    """
    closed: dict[Path, str] = {}
    first = dict(_kinds(root, closed, start=start))
    # Listed twice: a file that is compressed meanwhile is in one of the lists instead of in none.
    second = dict(_kinds(root, closed, start=start))
    packed = {path: kind for path, kind in second.items() if path.name.endswith(PACKED)}
    kinds = {**packed, **first}
    landed = {kind.load_id: path for path, kind in sorted(kinds.items(), reverse=True) if kind.is_landed}
    return Listing(
        landed=dict(sorted(landed.items())),
        damaged={path: kind.load_id for path, kind in sorted(first.items()) if kind.is_damaged},
        left_out={path: kind.problem for path, kind in sorted(first.items()) if kind.problem},
        closed=closed,
    )


def landed_path(root: Path, load_id: str) -> Path | None:
    """The file of a load; None when there is none."""
    plain, packed = root / f"{load_id}{PLAIN}", root / f"{load_id}{PACKED}"
    # The plain one first: it is removed only when the compressed one exists.
    return next((path for path in (plain, packed) if os.path.isfile(path)), None)  # noqa: PTH113 — Path.is_file raises where a folder is closed


def plain_paths(root: Path, folder: Path) -> list[Path]:
    """The landed files of a folder below the landing folder `root` that are not compressed."""
    kinds = _kinds(root, {}, start=folder)
    return sorted(path for path, kind in kinds if kind.is_landed and path.name.endswith(PLAIN))


def shown(root: Path, path: Path) -> str:
    """The name of a file below the landing folder, with every odd character escaped."""
    return printable(name_of(root, path))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What an entry of a folder is: a landed file, a damaged one, or one that is left out."""

    load_id: str = ""
    is_landed: bool = False
    is_damaged: bool = False
    problem: str = ""


def _kinds(root: Path, closed: dict[Path, str], *, start: Path | None = None) -> Iterator[tuple[Path, _Kind]]:
    """Every entry whose name has `.ndjson` in it, and what it is."""
    waiting = [start or root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
        except FileNotFoundError:
            continue
        except OSError as error:
            closed[folder] = str(error.strerror)
            continue
        waiting += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield from ((Path(entry.path), kind) for entry in entries if (kind := _kind(root, entry)))


def _kind(root: Path, entry: os.DirEntry[str]) -> _Kind | None:
    is_link_to_folder = _is_true(entry.is_dir) and entry.is_symlink()
    if PLAIN not in entry.name:
        return _Kind(problem=_LINKED_FOLDER) if is_link_to_folder else None
    is_damaged = _KEPT_DAMAGED.search(entry.name) is not None
    is_ours = is_damaged or entry.name.endswith((PLAIN, PACKED))
    load_id = load_id_of(name_of(root, Path(entry.path)))
    if not is_ours or not is_load_id(load_id):
        return _Kind(problem=_NOT_A_NAME)
    if not _is_true(entry.is_file):
        return _Kind(problem=_LINKED_FOLDER if is_link_to_folder else _NOT_A_FILE)
    return _Kind(load_id=load_id, is_landed=not is_damaged, is_damaged=is_damaged)


def _is_true(is_of_kind: Callable[[], bool]) -> bool:
    try:
        return is_of_kind()
    except OSError:  # a link that leads to itself
        return False
