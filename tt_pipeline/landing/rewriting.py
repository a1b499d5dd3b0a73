"""Rewrites landed files without the data of erased videos, comments and accounts.

A file is replaced as a whole when its new form is on the disk, so a process that is killed leaves the old form or the
new one. Whoever rewrites has the leases of all folders, so nobody appends meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zstandard

from tt_pipeline.erased_subjects import ErasedSubjects
from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope, NotALandedPage
from tt_pipeline.landing.layout import PACKED
from tt_pipeline.landing.reading import whole_lines
from tt_pipeline.landing.redacting import redacted
from tt_pipeline.safe_files import replace_content, sync_folder

_UNFINISHED: Final = (".*.tmp", ".*.copying")
"""What killed processes leave beside landed files; it can have the same data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What was removed from landed files, or would be.

    Attributes:
        files: Files that have changed, or are gone because none of their pages is left.
        pages: Pages that were removed as a whole.
        records: Records that were cut out of other pages.
        damaged: Names of damaged files that were deleted, because they have or may have the data.
    """

    files: int = 0
    pages: int = 0
    records: int = 0
    damaged: tuple[str, ...] = ()

    def __add__(self, other: "Redaction") -> "Redaction":
        return Redaction(
            files=self.files + other.files,
            pages=self.pages + other.pages,
            records=self.records + other.records,
            damaged=self.damaged + other.damaged,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrittenFile:
    """A landed file and its pages after a redaction.

    Attributes:
        lines: One for each line that it had: the unchanged ones as they were, an empty one for a removed page.
    """

    lines: list[bytes]
    redaction: Redaction


def without_erased(path: Path, erased: ErasedSubjects) -> RewrittenFile | None:
    """The lines of a landed file without what is erased; None if it has none of that.

    Raises:
        CorruptLanding: A line is not a landed page, or the file cannot be decompressed.
    """
    lines, removed, cut, has_changed = [], 0, 0, False
    for number, line in enumerate(whole_lines(path), start=1):
        if not erased.may_be_in(line.decode(errors="replace")):
            lines.append(line)
            continue
        page = _page(path, number, line)
        kept = redacted(page, erased)
        if kept is page:
            lines.append(line)
            continue
        has_changed = True
        lines.append(b"" if kept is None else kept.line())
        if kept is None:
            removed += 1
        else:
            cut += kept.redacted - page.redacted
    if not has_changed:
        return None
    return RewrittenFile(lines=lines, redaction=Redaction(files=1, pages=removed, records=cut))


def _page(path: Path, number: int, line: bytes) -> Envelope:
    try:
        return Envelope.read(line)
    except NotALandedPage as error:
        raise CorruptLanding(path, number, f"is not a landed page ({error})") from error


def content_of(path: Path, lines: Sequence[bytes]) -> bytes:
    """What a landed file with these lines contains; nothing if all are empty."""
    content = b"".join(lines)
    if content and path.name.endswith(PACKED):
        return zstandard.ZstdCompressor(level=3, write_checksum=True).compress(content)
    return content


def rewrite(path: Path, content: bytes) -> None:
    """Replace the content of a landed file; without content it is deleted."""
    if not content:
        path.unlink()
        sync_folder(path.parent)
        return
    replace_content(path, content, doing="redacting")


def may_have(damaged: Path, erased: ErasedSubjects) -> bool:
    """Whether a damaged file has something that is erased, or cannot be read to its end."""
    try:
        return any(erased.may_be_in(line.decode(errors="replace")) for line in _all_lines(damaged))
    except (CorruptLanding, OSError):
        return True


def _all_lines(damaged: Path) -> Iterator[bytes]:
    """The lines, also a last one without its newline."""
    if PACKED in damaged.name:
        yield from whole_lines(damaged)
        return
    yield from damaged.read_bytes().split(b"\n")


def unfinished_files(root: Path) -> Iterator[Path]:
    """Files that killed processes left, below the landing folder."""
    for pattern in _UNFINISHED:
        yield from (path for path in root.rglob(pattern) if path.is_file())
