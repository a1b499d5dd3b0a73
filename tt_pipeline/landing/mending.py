"""Saves the good pages of a damaged file: those before which no page is missing.

A file is damaged when one of its lines is not a landed page or has another body than was written, or when the file
cannot be decompressed. It is renamed to `<name>.damaged-<instant>`, and nothing is written to it or to its old name
again. The pages that are kept go to a new load, `<load_id>.mended-<instant>`, even if there are none. The new load
replaces the old one: the warehouse deletes the old load's rows. The index no longer lists the pages that are missing,
so the window is continued, and the video or creator is requested again.

Of a window the pages before the first bad one are kept: a later page would make the window look complete. Of other
datasets a page is kept when no page of the same look at the same subject is missing before it. The index read the
file when it was undamaged, so it knows which pages are missing. A page that the index does not know is kept when it is
the first of its subject or continues at the cursor of the page before. So one bad line costs the rest of one video.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index_rows import PageKey, key_of
from tt_pipeline.landing.layout import PLAIN, load_id_of, name_of
from tt_pipeline.landing.reading import readings
from tt_pipeline.safe_files import MENDED, mended_name, original_name, set_aside, sync_folder
from tt_pipeline.vocabulary import Dataset


def mend(root: Path, damaged: Path, known: Sequence[PageKey]) -> tuple[Path, Path]:
    """Write the pages that are kept to a new file, then rename the damaged one; no other process may write to it.

    If an earlier process was killed between the two, its new file is used.

    Args:
        root: The landing folder.
        damaged: The file.
        known: Its pages when it was undamaged, in their order, as far as the index read them.

    Returns:
        The renamed file, and the new one, which is empty when no page is kept.
    """
    load_id = load_id_of(name_of(root, damaged))
    mended = _mended_before(root, load_id, damaged, known) or _written(root, load_id, damaged, known)
    return set_aside(damaged), mended


def _mended_before(root: Path, load_id: str, damaged: Path, known: Sequence[PageKey]) -> Path | None:
    """The file to which an earlier process wrote the same pages, and to which others may have been added since."""
    found = sorted(root.glob(f"{original_name(load_id)}{MENDED}*{PLAIN}"))
    later = [path for path in found if load_id_of(name_of(root, path)) > load_id]
    return next((path for path in later if _begins_with(path, good_pages(damaged, known))), None)


def _begins_with(path: Path, pages: Iterable[Envelope]) -> bool:
    with path.open("rb") as file:
        return all(page.line() == line for page, line in zip_longest(pages, file) if page is not None)


def _written(root: Path, load_id: str, damaged: Path, known: Sequence[PageKey]) -> Path:
    mended = root / f"{mended_name(load_id)}{PLAIN}"
    unfinished = damaged.with_name(f".{damaged.name}.mending.tmp")  # that of a killed process is written again
    with unfinished.open("wb") as file:
        file.writelines(page.line() for page in good_pages(damaged, known))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(mended)
    sync_folder(mended.parent)
    return mended


def good_pages(damaged: Path, known: Sequence[PageKey]) -> Iterator[Envelope]:
    """The pages of a damaged file that are kept."""
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
    """The known pages before which no page of the same look at the same subject is missing."""
    good, broken = set(), set()
    for key in known:
        if key not in found:
            broken.add(key[:2])
        elif key[:2] not in broken:
            good.add(key)
    return good


def _follows(page: Envelope, last: Envelope | None) -> bool:
    """Whether a page continues where the last one of its subject ended, or is the first."""
    start = page.request.get("cursor") or 0
    return start == (last.cursor or 0) if last else bool(page.request) and not start
