"""The landing folder with its index: opened once per process, written by its threads.

Damaged files never stop anything: each is named in the log, set aside (see `mending.py`), and the others go on. A
folder is only written, mended or packed by whoever holds its lease.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.appending import OpenLoad, cut_torn_line, pack
from tt_pipeline.landing.entries import FileEntry
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index import Index
from tt_pipeline.landing.layout import LEASE, PACKED, PLAIN, landed_path, landed_paths, load_id_of, plain_paths
from tt_pipeline.landing.mending import mend
from tt_pipeline.landing.reading import envelopes, stamp_of
from tt_pipeline.safe_files import MENDED, lease, lease_if_free, original_name, storing
from tt_pipeline.vocabulary import Dataset

log = logging.getLogger(__name__)


class LandingZone:
    """Where answers land; `index` says what is there."""

    def __init__(self, root: Path) -> None:
        """Open the folder and bring its index up to what the files say."""
        self.root = root
        with storing("Opening the landing zone", root):
            root.mkdir(parents=True, exist_ok=True)
        self.index = Index(root / "index.sqlite")
        self.catch_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.index.close()

    def catch_up(self, *, held: Path | None = None) -> None:
        """Read what the index does not know, or knows otherwise; forget what is gone.

        Args:
            held: The folder whose lease the caller holds.
        """
        known = self.index.known_stamps()
        found = landed_paths(self.root)
        for load_id in known.keys() - found.keys():
            if landed_path(self.root, load_id) is None:
                self.index.forget(load_id)
        for load_id, path in found.items():
            try:
                stamp = stamp_of(path)
                if known.get(load_id) != stamp:
                    self.index.replace_file(load_id, stamp, envelopes(path))
            except FileNotFoundError:
                continue  # another process has just packed it, and writes its row
            except OSError as error:
                log.error("landed file left out: %s", error)  # noqa: TRY400 — the message says all
            except CorruptLanding as problem:
                self._set_aside(load_id, path, problem, held=held)

    @contextmanager
    def writing(self, load_id: str, *, packs: bool = False) -> Iterator["LandingWriter"]:
        """Open a load for appending; what it landed survives whatever happens next.

        Args:
            load_id: Nothing is made before its first page comes.
            packs: Nobody will go on with it: it is packed in the end, also when an error ends it. A run that comes
                back to it gets another one.
        """
        with OpenLoad(self.root, self._free(load_id) if packs else self._latest(load_id)) as file:
            is_there = file.path.exists()
            lines = self.index.replace_file(load_id, stamp_of(file.path), envelopes(file.path)) if is_there else 0
            writer = LandingWriter(self.index, file, lines)
            try:
                yield writer
            finally:
                if packs:
                    writer.pack()

    def _free(self, load_id: str) -> str:
        names = (f"{load_id}.{number}" if number else load_id for number in count())
        return next(name for name in names if not self._is_taken(name))

    def _is_taken(self, load_id: str) -> bool:
        return (self.root / f"{load_id}{PACKED}").exists() or any(self.root.glob(f"{load_id}{MENDED}*"))

    def _latest(self, load_id: str) -> str:
        """What a load is called now: one that was set aside goes on under another name."""
        mended = sorted(self.root.glob(f"{load_id}{MENDED}*{PLAIN}"))
        return load_id_of(self.root, mended[-1]) if mended else load_id

    @contextmanager
    def lease(self, *folder: str) -> Iterator[None]:
        """Be the only process that collects into a folder; the index is up to date when this begins."""
        place = self.root.joinpath(*folder)
        with lease(place / LEASE):
            self.catch_up(held=place)
            self._pack_leftovers(place)
            yield

    def _pack_leftovers(self, place: Path) -> None:
        """Pack what runs that died left; only unfinished windows are gone on with."""
        leftovers = plain_paths(place)
        windows = {window.load_id for window in self.index.windows() if window.ends is None} if leftovers else set()
        for path in leftovers:
            load_id = load_id_of(self.root, path)
            if load_id in windows:
                continue
            cut_torn_line(path)
            if path.stat().st_size:
                packed = pack(path)
                self.index.moved(load_id, stamp_of(packed), envelopes(packed))
            elif original_name(load_id) == load_id:
                path.unlink()

    def _set_aside(self, load_id: str, path: Path, problem: CorruptLanding, *, held: Path | None) -> None:
        folder = _leased_folder(path)
        if folder == held:
            self._mend(load_id, path, problem)
            return
        with lease_if_free(folder / LEASE) as is_ours:
            if not is_ours:
                log.error("landed file left out, because another process works beside it: %s", problem)
            elif path.exists():
                self._mend(load_id, path, problem)

    def _mend(self, load_id: str, path: Path, problem: CorruptLanding) -> None:
        aside, mended = mend(self.root, path, problem, self.index.page_keys(load_id))
        self.index.forget(load_id)
        pages = self.index.replace_file(load_id_of(self.root, mended), stamp_of(mended), envelopes(mended))
        place = f"{path}:{problem.line}" if problem.line else f"{path}"
        log.error(
            "landed file set aside: %s %s. It is kept as %s; %d of its pages count, the others are asked for again%s",
            *(place, problem.problem, aside.name, pages),
            f", or update tt_pipeline and put it back in place of {mended.name}." if problem.is_newer else ".",
        )


def _leased_folder(path: Path) -> Path:
    """The folder whose lease guards a file: the nearest above it that was ever leased."""
    return next((folder for folder in path.parents if (folder / LEASE).exists()), path.parent)


class LandingWriter:
    """An open load with its index rows; threads may share it."""

    def __init__(self, index: Index, file: OpenLoad, lines: int) -> None:
        """Go on after the lines that are already there."""
        self._index, self._file, self._lines = index, file, lines
        self._turn = threading.Lock()

    @property
    def path(self) -> Path:
        """The plain file; there is none before the first page."""
        return self._file.path

    def append(self, envelope: Envelope) -> None:
        """Land a page; durable when this returns."""
        with self._turn:
            stamp = self._file.append(envelope)
            self._lines += 1
            self._index.add_page(self._entry(), stamp, envelope)

    def pack(self) -> None:
        """Compress the load: nothing will be appended to it."""
        path = self._file.pack()
        if path:
            self._index.moved(self._file.load_id, stamp_of(path), envelopes(path))

    def _entry(self) -> FileEntry:
        load_id = self._file.load_id
        return FileEntry(load_id=load_id, path=self._file.path, lines=self._lines, dataset=_dataset_of(load_id))


def _dataset_of(load_id: str) -> Dataset:
    return Dataset(load_id.split("/", 1)[0])
