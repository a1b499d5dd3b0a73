"""What is saved of a damaged file: the good pages after which nothing is missing.

A file with a line that is none of ours (or of a newer version, or whose body is not the one that was written), or that
cannot be unpacked, is set aside as `<name>.damaged-<instant>` (`.newer-…`) and never written again. Its good pages go
on as a load of another name, `<load_id>.mended-<instant>`, which replaces the old one: the warehouse forgets what it
has loaded under that. So the file is made also where no page is good, and the old name is never written again. What
is missing is then missing for everybody who asks the index: the unfinished window is continued, the video or creator
bought again.

Of a window the pages before the first bad one are good: one that follows a gap would make it look complete. Of other
datasets a page is good when no page of the same look at the same subject is lost before it. Which are lost the index
knows, which read the file when it was whole; a page that it does not know is good when it begins its subject or follows
on the one before. So a bad line costs what follows it of one video.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index import PageKey, key_of
from tt_pipeline.landing.layout import PLAIN, load_id_of
from tt_pipeline.landing.reading import readings
from tt_pipeline.safe_files import mended_name, set_aside
from tt_pipeline.vocabulary import Dataset

_ASIDE = re.compile(r"\.(damaged|newer)-\d{8}T\d{12}Z$")


def mend(root: Path, damaged: Path, problem: CorruptLanding, known: Sequence[PageKey]) -> tuple[Path, Path]:
    """Set a file aside and write its good pages to a new one; nobody else may be writing to it.

    Args:
        root: The landing folder.
        damaged: The file.
        problem: What is wrong with it.
        known: Its pages when it was whole, in their order, as far as the index read them.

    Returns:
        Where it lies now, and the new file, which is empty when no page is good.
    """
    mended = root / f"{mended_name(load_id_of(root, damaged))}{PLAIN}"
    unfinished = mended.with_name(f".{mended.name}.tmp")
    with unfinished.open("wb") as file:
        file.writelines(page.line() for page in good_pages(damaged, known))
        file.flush()
        os.fsync(file.fileno())
    aside = set_aside(damaged, "newer" if problem.is_newer else "damaged")
    return aside, unfinished.rename(mended)


def problems_set_aside(root: Path) -> Iterator[CorruptLanding]:
    """What is wrong with each line of the files that were set aside; of one that cannot be unpacked, with all of it."""
    for path in sorted(root.rglob(f"*{PLAIN}*")):
        if path.is_file() and _ASIDE.search(path.name):
            yield from (problem for problem in readings(path) if isinstance(problem, CorruptLanding))


def load_id_of_aside(root: Path, aside: Path) -> str:
    """The load that a file which was set aside held."""
    return load_id_of(root, aside.with_name(_ASIDE.sub("", aside.name)))


def good_pages(damaged: Path, known: Sequence[PageKey]) -> Iterator[Envelope]:
    """The pages of a damaged file that may be kept."""
    is_known, is_good = set(known), _without_gap(known, {key_of(page) for page in _pages(damaged)})
    before: dict[tuple[str | None, int], Envelope] = {}
    is_whole_so_far = True
    for page in readings(damaged):
        if isinstance(page, CorruptLanding):
            is_whole_so_far = False
            continue
        key = key_of(page)
        follows = key in is_good if key in is_known else _follows(page, before.get(key[:2]))
        if is_whole_so_far or (page.dataset is not Dataset.VIDEOS and follows):
            before[key[:2]] = page
            yield page


def _pages(damaged: Path) -> Iterator[Envelope]:
    return (page for page in readings(damaged) if isinstance(page, Envelope))


def _without_gap(known: Iterable[PageKey], found: Collection[PageKey]) -> set[PageKey]:
    """The pages before which nothing of the same look at the same subject is lost."""
    good, broken = set(), set()
    for key in known:
        if key not in found:
            broken.add(key[:2])
        elif key[:2] not in broken:
            good.add(key)
    return good


def _follows(page: Envelope, last: Envelope | None) -> bool:
    asked_from = page.request.get("cursor") or 0
    return asked_from == (last.cursor or 0) if last else bool(page.request) and not asked_from
