"""The landing folder with its index: opened once per process, written by its threads."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.files import LandedFile, envelopes, landed_paths, lease
from tt_pipeline.landing.index import FileEntry, Index
from tt_pipeline.vocabulary import Dataset

log = logging.getLogger(__name__)


class LandingZone:
    """Where answers land; `index` says what is there."""

    def __init__(self, root: Path) -> None:
        """Open the folder and bring its index up to what the files say."""
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.index = Index(root / "index.sqlite")
        self.catch_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.index.close()

    def catch_up(self) -> None:
        """Read what the index does not know, or knows with another size; forget what is gone."""
        known = self.index.known_sizes()
        found = landed_paths(self.root)
        for load_id in known.keys() - found.keys():
            self.index.forget(load_id)
        for load_id, path in found.items():
            try:
                size = path.stat().st_size
                if known.get(load_id) != (str(path), size):
                    self.index.replace_file(load_id, path, size, envelopes(path))
            except FileNotFoundError:
                continue  # another process has just packed it; its own index row says so
            except CorruptLanding as error:
                log.error("landed file left out: %s", error)  # noqa: TRY400 — the message says all

    @contextmanager
    def writing(self, load_id: str) -> Iterator["LandingWriter"]:
        """Open a load for appending; what it landed survives whatever happens next."""
        with LandedFile(self.root, load_id) as file:
            self.index.replace_file(load_id, file.path, file.path.stat().st_size, envelopes(file.path))
            yield LandingWriter(self.index, file)

    @contextmanager
    def lease(self, *folder: str) -> Iterator[None]:
        """Be the only process that collects into a folder; the index is up to date when this begins."""
        with lease(self.root.joinpath(*folder, ".lease")):
            self.catch_up()
            yield


class LandingWriter:
    """An open load with its index rows; threads may share it."""

    def __init__(self, index: Index, file: LandedFile) -> None:
        """Go on after the lines that are already there."""
        self._index, self._file = index, file
        self._turn = threading.Lock()
        self._lines = sum(1 for _ in envelopes(file.path))

    @property
    def path(self) -> Path:
        """The plain file."""
        return self._file.path

    def append(self, envelope: Envelope) -> None:
        """Land a page; durable when this returns."""
        with self._turn:
            size = self._file.append(envelope)
            self._lines += 1
            self._index.add_page(self._entry(), size, envelope)

    def pack(self) -> None:
        """Compress the load: nothing will be appended to it."""
        path = self._file.pack()
        self._index.moved(self._file.load_id, path, path.stat().st_size)

    def _entry(self) -> FileEntry:
        load_id = self._file.load_id
        return FileEntry(load_id=load_id, path=self._file.path, lines=self._lines, dataset=_dataset_of(load_id))


def _dataset_of(load_id: str) -> Dataset:
    return Dataset(load_id.split("/", 1)[0])
