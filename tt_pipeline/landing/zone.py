"""The landing folder with its index: opened once per process, written by its threads.

A damaged file never stops anything: the log names it, it is renamed, and its good pages go to a new file (see
`mending.py`). Only the process that has the lease of a folder writes, renames or compresses files in it.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tt_pipeline.erased_subjects import ErasedSubjects
from tt_pipeline.errors import CollectionRuns, ContinuedElsewhere, CorruptLanding, NewerFile
from tt_pipeline.landing.appending import OpenFile, cut_torn_line, pack
from tt_pipeline.landing.envelope import VERSION
from tt_pipeline.landing.index import Index
from tt_pipeline.landing.inventory import Inventory
from tt_pipeline.landing.layout import LEASE, PACKED, PLAIN, leased_with, load_id_of, name_of
from tt_pipeline.landing.listing import Listing, landed_path, listing, plain_paths, shown
from tt_pipeline.landing.mending import mend
from tt_pipeline.landing.reading import Stamp, envelopes, stamp_of
from tt_pipeline.landing.rewriting import Redaction, content_of, may_have, rewrite, unfinished_files, without_erased
from tt_pipeline.landing.shared import Nowhere, SharedLanding
from tt_pipeline.landing.unreadable import Unreadable
from tt_pipeline.landing.writer import LandingWriter
from tt_pipeline.leases import ONE_MACHINE, Lease, Leases
from tt_pipeline.safe_files import (
    MENDED,
    is_free,
    lease,
    lease_if_free,
    original_name,
    printable,
    shared_lease,
    storing,
)
from tt_pipeline.vocabulary import Dataset

log = logging.getLogger(__name__)

_ODD: Final = (ValueError, TypeError, OverflowError, RecursionError, sqlite3.ProgrammingError, sqlite3.IntegrityError)
"""Errors of values that the index cannot store."""
_MOST_NAMED: Final = 5
_ALL: Final = ".all.lease"
"""Shared by all who write into a folder; whoever removes data has it alone."""


class LandingZone:
    """The landing folder, open for reading and writing.

    Attributes:
        identity: The name of this folder, also after it was moved or copied.
        index: What has landed, page by page.
        inventory: The files, also the damaged ones that the index does not know.
    """

    def __init__(
        self, root: Path, *, leases: Leases = ONE_MACHINE, shared: Callable[[Path], SharedLanding] = Nowhere
    ) -> None:
        """Open the folder, or create it, and update it from what is shared, and its index from the files.

        Args:
            root: The folder.
            leases: Where leases are kept that other machines respect.
            shared: Opens the landing zone that several machines share, of which the folder is a copy.

        Raises:
            NewerFile: A later version of tt_pipeline wrote one of the files.
            SettingsError: The folder has answers of another study than what is shared.
            SharedLandingFailed: What is shared cannot be reached.
        """
        self._root, self._leases = root, leases
        self._leased: list[tuple[str, Lease]] = []
        with storing("Opening the landing zone", root):
            root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._shared = shared(root)
            opened.callback(self._shared.close)
            self.identity = self._shared.identity()
            self.index = Index(root / "index.sqlite")
            opened.callback(self.index.close)
            self.inventory = Inventory(root)
            self.catch_up()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.close()

    def catch_up(self, *, leased: Path | None = None) -> None:
        """Read the files that are new or have changed into the index, and delete the rows of files that are gone.

        First the folder becomes a copy of what is shared, but for files that another process may be writing.

        Args:
            leased: The folder of which the caller has the lease; only its files are read. None for all files.

        Raises:
            NewerFile: A later version of tt_pipeline wrote one of them.
            SharedLandingFailed: What is shared cannot be reached.
        """
        if leased:
            self._shared.pull(name_of(self._root, leased))
        else:
            self._shared.pull(is_busy=self._is_busy)
        self._catch_up(leased)

    def _is_busy(self, load_id: str) -> bool:
        """Whether another process has the lease of a folder of this load, or removes data."""
        folders = (self._root / load_id).parents
        leases = [folder / LEASE for folder in folders if folder.is_relative_to(self._root)]
        leases += [folder / LEASE for folder in leased_with(self._root, leases[0].parent)]
        return not all(map(is_free, (self._root / _ALL, *leases)))

    def _catch_up(self, leased: Path | None) -> None:
        place = name_of(self._root, leased) if leased else ""
        known = {load_id: stamp for load_id, stamp in self.index.known_stamps().items() if _is_below(load_id, place)}
        found = listing(self._root, start=leased)
        unreadable = [each for each in self.index.unreadable if not _is_below(each.name, place)]
        unreadable += self._unreadable_folders(found)
        for load_id in known.keys() - found.landed.keys():
            if landed_path(self._root, load_id) is None and not found.may_hide(self._root / load_id):
                self.index.forget(load_id)
        for load_id, path in found.landed.items():
            try:
                self._read_if_changed(load_id, path, known.get(load_id), leased=leased)
            except FileNotFoundError:
                continue  # another process has just compressed it, and writes its row
            except (OSError, *_ODD) as error:
                problem = (error.strerror if isinstance(error, OSError) else "") or printable(str(error))
                unreadable.append(Unreadable.file(load_id, printable(str(path)), problem))
                _tell(
                    "landed file cannot be read and is left out: %s: %s. What it may contain is not requested again"
                    " until it can be read, or is moved out of the landing folder.",
                    *(shown(self._root, path), str(error)),
                )
        self.index.unreadable = tuple(unreadable)
        self._tell_of_others(found)

    def _unreadable_folders(self, found: Listing) -> Iterator[Unreadable]:
        for folder, problem in found.closed.items():
            name = name_of(self._root, folder)
            if unreadable := Unreadable.folder(name, printable(str(folder)), problem):
                yield unreadable

    def _read_if_changed(self, load_id: str, path: Path, known: Stamp | None, *, leased: Path | None) -> None:
        stamp = stamp_of(path)
        if known == stamp:
            return
        try:
            self.index.replace_file(load_id, stamp, envelopes(path))
        except CorruptLanding as problem:
            if problem.later_version:
                raise NewerFile(path, found=problem.later_version, known=VERSION) from problem
            self._mend_if_leased(load_id, path, problem, leased=leased)

    def _tell_of_others(self, found: Listing) -> None:
        """Name the folders that cannot be read, and a few of the files that are left out."""
        for folder, problem in found.closed.items():
            _tell(
                "landing folder cannot be read: %s (%s). What the index knows of its files still counts."
                " What it may contain is not requested again until it can be read.",
                *(shown(self._root, folder), problem),
            )
        named = [f"{shown(self._root, path)} ({problem})" for path, problem in found.left_out.items()]
        if named:
            more = f" and {len(named) - _MOST_NAMED:,} more" if len(named) > _MOST_NAMED else ""
            _tell("files in %s that are left out: %s%s", self._root, "; ".join(named[:_MOST_NAMED]), more)

    @contextmanager
    def writing(self, load_id: str, *, packs: bool = False) -> Iterator["LandingWriter"]:
        """Open a load for appending; an error afterwards loses no page that was appended.

        Args:
            load_id: Names the file, which its first page creates.
            packs: Never continued: compressed at the end, even after an error. A run that uses the load_id again
                gets a new file.
        """
        with storing("Opening a landed file", self._root / load_id):
            file = OpenFile(self._root, self._free(load_id) if packs else self._latest(load_id))
            is_there = file.path.exists()
            lines = self.index.replace_file(load_id, stamp_of(file.path), envelopes(file.path)) if is_there else 0
        with file:
            writer = LandingWriter(self.index, file, lines, self._confirmed(load_id), self._shared)
            try:
                yield writer
            finally:
                if packs:
                    writer.pack()

    def _free(self, load_id: str) -> str:
        return next(name for name in _names(load_id) if not self._is_taken(name))

    def _is_taken(self, load_id: str) -> bool:
        is_here = (self._root / f"{load_id}{PACKED}").exists() or any(self._root.glob(f"{load_id}{MENDED}*"))
        return is_here or self._shared.is_complete(load_id)

    def _latest(self, load_id: str) -> str:
        """The load_id under which a load continues: after damage, that of its good pages."""
        mended = sorted(self._root.glob(f"{load_id}{MENDED}*{PLAIN}"))
        if mended:
            return load_id_of(name_of(self._root, mended[-1]))
        return next(name for name in _names(load_id) if not self._shared.is_removed(name))

    @contextmanager
    def lease(self, *folder: str) -> Iterator[None]:
        """Be the only process that collects into a folder; the index is up to date when this starts."""
        place = self._root.joinpath(*folder)
        with shared_lease(self._root / _ALL), lease(place / LEASE), self._shared_with_machines(place):
            self.catch_up(leased=place)
            for other in leased_with(self._root, place) if self._shared.is_shared else ():
                self.catch_up(leased=other)
            self._pack_leftovers(place)
            yield

    @contextmanager
    def _shared_with_machines(self, place: Path) -> Iterator[None]:
        folder = name_of(self._root, place)
        with (
            self._leases.held(f"{self.identity}/{_ALL}", is_alone=False) as of_all,
            self._leases.held(f"{self.identity}/{folder}") as of_folder,
        ):
            leased = [("", of_all), (folder, of_folder)]
            self._leased += leased
            try:
                yield
            finally:
                for each in leased:
                    self._leased.remove(each)

    def _confirmed(self, load_id: str) -> Callable[[], None]:
        """What checks that the leases of a load still hold."""
        held = [lease for folder, lease in self._leased if _is_below(load_id, folder)]

        def confirm() -> None:
            for each in held:
                each.confirm()

        return confirm

    def _pack_leftovers(self, place: Path) -> None:
        """Compress the plain files of killed runs, except unfinished windows, which are continued."""
        leftovers = plain_paths(self._root, place)
        windows = {window.load_id for window in self.index.windows() if window.ends is None} if leftovers else set()
        for path in leftovers:
            if load_id_of(name_of(self._root, path)) in windows:
                continue
            try:
                self._pack_leftover(path)
            except (OSError, CorruptLanding, ContinuedElsewhere) as error:
                words = "landed file cannot be compressed and stays as it is: %s: %s"
                _tell(words, shown(self._root, path), str(error))

    def _pack_leftover(self, path: Path) -> None:
        load_id = load_id_of(name_of(self._root, path))
        cut_torn_line(path)
        if path.stat().st_size:
            packed = pack(path, partial(self._shared.pack, load_id))
            self.index.moved(load_id, stamp_of(packed), envelopes(packed))
        elif original_name(load_id) == load_id:
            path.unlink()

    @contextmanager
    def all_leases(self) -> Iterator[None]:
        """Be the only process that writes into any folder; the index is up to date when this starts.

        Raises:
            CollectionRuns: Another process is collecting.
        """
        with ExitStack() as held:
            # The first also stands for folders that are just being made.
            if not held.enter_context(lease_if_free(self._root / _ALL)):
                raise CollectionRuns(self._root)
            if not held.enter_context(self._leases.held_if_free(f"{self.identity}/{_ALL}")):
                raise CollectionRuns(self._root)
            for file in sorted(self._root.rglob(LEASE)):
                if not held.enter_context(lease_if_free(file)):
                    raise CollectionRuns(self._root)
            self._shared.pull()
            self._catch_up(None)
            yield

    def shared_differences(self) -> list[str]:
        """The loads that are not the same in what machines share, read byte for byte; call it with all leases."""
        return list(self._shared.differences())

    def redact(self, erased: ErasedSubjects, *, only_counts: bool = False) -> Redaction:
        """Remove the data of erased videos, comments and accounts from every landed file; again changes nothing.

        Call it with all leases. A damaged file that has the data, or may have it, is deleted.

        Args:
            erased: What is removed.
            only_counts: Change nothing, and say what would be removed.

        Raises:
            CorruptLanding: A landed file cannot be read; the files before it are changed already.
            StorageFailed: The disk is full, or the folder cannot be written; the files before it are changed already.
        """
        found, total = listing(self._root), Redaction()
        with storing("Removing data", self._root):
            for load_id, path in found.landed.items():
                if not only_counts and path.name.endswith(PLAIN) and cut_torn_line(path):
                    self.index.replace_file(load_id, stamp_of(path), envelopes(path))
                if changed := without_erased(path, _removed_from(load_id, erased)):
                    total += changed.redaction
                    if not only_counts:
                        self._replace(load_id, path, changed.lines)
            damaged = found.damaged.items()
            for path in (path for path, load_id in damaged if may_have(path, _removed_from(load_id, erased))):
                total += Redaction(damaged=(shown(self._root, path),))
                if not only_counts:
                    path.unlink()
            if not only_counts:
                for path in unfinished_files(self._root):
                    path.unlink()
                self.index.vacuum()
        return total

    def _replace(self, load_id: str, path: Path, lines: list[bytes]) -> None:
        content = content_of(path, lines)
        with self._shared.replacing(load_id, lines, content):
            rewrite(path, content)
        if content:
            self.index.replace_file(load_id, stamp_of(path), envelopes(path))
        else:
            self.index.forget(load_id)

    def _mend_if_leased(self, load_id: str, path: Path, problem: CorruptLanding, *, leased: Path | None) -> None:
        folder = _leased_folder(path)
        if folder == leased:
            self._mend(load_id, path, problem)
            return
        of_machines = self._leases.held_if_free(f"{self.identity}/{name_of(self._root, folder)}")
        with lease_if_free(folder / LEASE) as is_ours, of_machines as is_ours_alone:
            if not (is_ours and is_ours_alone):
                log.error("damaged file left out, because another process is collecting into its folder: %s", problem)
            elif path.exists():
                self._mend(load_id, path, problem)

    def _mend(self, load_id: str, path: Path, problem: CorruptLanding) -> None:
        if self._shared.restore(load_id, path):
            log.error("damaged file replaced by the shared one: %s: %s", path, problem.problem)
            restored = landed_path(self._root, load_id)
            if restored:
                self._read_if_changed(load_id, restored, None, leased=_leased_folder(restored))
            return
        renamed, mended = mend(self._root, path, self.index.page_keys(load_id))
        self.index.forget(load_id)
        new_id = load_id_of(name_of(self._root, mended))
        pages = self.index.replace_file(new_id, stamp_of(mended), envelopes(mended))
        self._shared.mended(load_id, new_id)
        place = f"{path}:{problem.line}" if problem.line else f"{path}"
        log.error(
            "damaged file renamed: %s %s. It is kept as %s. %d of its pages are kept in %s; the others will be"
            " requested again.",
            *(place, problem.problem, renamed.name, pages, mended.name),
        )


@cache
def _tell(message: str, *values: str | Path) -> None:
    """Log an error, once in the life of the process: the folder is read many times."""
    log.error(message, *values)


def _names(load_id: str) -> Iterator[str]:
    """The names for the file of a load, if the ones before are taken."""
    return (f"{load_id}.{number}" if number else load_id for number in count())


def _is_below(name: str, folder: str) -> bool:
    return not folder or name == folder or name.startswith(f"{folder}/")


def _leased_folder(path: Path) -> Path:
    """The folder whose lease protects a file: the nearest one above it with a lock file."""
    return next((folder for folder in path.parents if (folder / LEASE).exists()), path.parent)


def _removed_from(load_id: str, erased: ErasedSubjects) -> ErasedSubjects:
    """What is removed from a file: only files of profiles have the texts of profiles."""
    return erased if load_id.startswith(f"{Dataset.USERS}/") else erased.outside_profiles()
