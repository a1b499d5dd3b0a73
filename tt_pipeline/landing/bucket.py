"""The landing zone of several machines in a bucket, and the landing folder as this machine's copy of it.

A page of an open load is one object, `open/<load_id>/<number>.ndjson`, which can be made once in the world. So a
process that was paused, and whose load another machine continues, notices it at its next page. A page that a deletion
removes becomes an empty object, because a free number could be taken by such a process. A complete load is
`landed/<load_id>.ndjson.zst`. Its number of pages is fixed first, by an object in place of the next page (`SEAL`);
then the file is stored; then the objects of its pages are deleted. Whoever adds a page looks afterwards whether the
load is complete. A removed load is an empty file.

The bucket is changed before the folder, except that a new page is on the local disk first. A process that is killed
between two steps leaves what the next `pull` repairs.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from tt_pipeline.errors import ContinuedElsewhere, CorruptLanding, SettingsError
from tt_pipeline.landing.appending import cut_torn_line, pack
from tt_pipeline.landing.copied_files import (
    append,
    cut_off,
    divided,
    live,
    next_number,
    pieces,
    remove,
    size_of,
    unpack,
    unsent_lines,
    whole,
    whole_size,
    write_content,
)
from tt_pipeline.landing.envelope import Envelope, NotALandedPage
from tt_pipeline.landing.identity import IDENTITY, adopt_identity, identity_of, is_identity, known_identity
from tt_pipeline.landing.known_objects import PACKED_FILE, KnownObjects
from tt_pipeline.landing.layout import PACKED, PLAIN
from tt_pipeline.landing.listing import listing
from tt_pipeline.landing.object_store import Found, ObjectStore
from tt_pipeline.landing.reading import readings, whole_lines
from tt_pipeline.landing.shared_loads import EMPTY_FILE, Changed, SharedLoad, SharedLoads
from tt_pipeline.safe_files import lease, original_name, set_aside, storing

log = logging.getLogger(__name__)

_PULLING: Final = ".pull.lease"
_MOST_TRIES: Final = 3


class Bucket:
    """A `SharedLanding` in object storage."""

    is_shared = True

    def __init__(self, root: Path, store: ObjectStore) -> None:
        """Open the list of what the folder contains; nothing is sent."""
        self._root, self._store, self._loads = root, store, SharedLoads(store)
        self._known = KnownObjects(root)

    def close(self) -> None:
        """Close the list of what the folder contains."""
        self._known.close()

    def identity(self) -> str:
        """See `SharedLanding`."""
        own, shared = known_identity(self._root), self._shared_identity()
        if own == shared:
            return shared
        if own and listing(self._root).landed:
            raise SettingsError(
                "TT_LANDING",
                f"leads to the landing zone of another study ({self._store.place})",
                remedy=f"{self._root} has answers of its own: correct TT_LANDING or TT_DATA_DIR. Nothing was sent.",
            )
        self._known.forget()
        adopt_identity(self._root, shared)
        return shared

    def _shared_identity(self) -> str:
        if (found := self._store.read(IDENTITY)) is None:
            self._store.check()
            own = identity_of(self._root)
            if self._store.create(IDENTITY, f"{own}\n".encode()) is not None:
                return own
            found = self._store.read(IDENTITY)
        shared = found[0].decode(errors="replace").strip() if found else ""
        if not is_identity(shared):
            problem = f"leads to {self._store.place}, in which an object named {IDENTITY} is not tt_pipeline's"
            raise SettingsError("TT_LANDING", problem, remedy="Name a prefix of its own. Nothing was sent.")
        return shared

    def pull(self, place: str = "", is_busy: Callable[[str], bool] = lambda _: False) -> None:
        """See `SharedLanding`."""
        with storing("Copying shared answers", self._root), lease(self._root / _PULLING):
            loads, known = self._loads.below(place), self._known.every()
            own = listing(self._root, start=self._root / place).landed
            for load_id in sorted({*loads, *own}):
                load = loads.get(load_id, SharedLoad())
                if not self._is_copied(load_id, load, known.get(load_id, {})) and not is_busy(load_id):
                    self._pull(load_id, load)

    def _is_copied(self, load_id: str, load: SharedLoad, known: Mapping[int, Found]) -> bool:
        """Whether the folder has exactly this load, as far as sizes and the list of what it contains say."""
        plain, packed = whole_size(self._paths(load_id)[0]), size_of(self._paths(load_id)[1])
        if load.packed:
            is_known = known == {PACKED_FILE: load.packed} and not load.pages
            return is_known and (plain, packed) == (None, load.packed.size or None)
        return known == load.pages and not load.is_sealed and (plain, packed) == (load.size, None)

    def _paths(self, load_id: str) -> tuple[Path, Path]:
        return self._root / f"{load_id}{PLAIN}", self._root / f"{load_id}{PACKED}"

    def _pull(self, load_id: str, load: SharedLoad) -> None:
        for _ in range(_MOST_TRIES):
            try:
                if load.packed:
                    self._pull_packed(load_id, load, load.packed)
                elif not load.pages and self._paths(load_id)[1].is_file() and not self._paths(load_id)[0].is_file():
                    self._send_packed(load_id)
                else:
                    self._pull_pages(load_id, load)
            except (Changed, ContinuedElsewhere):
                load = self._loads.one(load_id)
            else:
                return
        raise ContinuedElsewhere(self._store.place, load_id)

    def _pull_packed(self, load_id: str, load: SharedLoad, found: Found) -> None:
        plain, packed = self._paths(load_id)
        if not found.size:
            remove(plain, packed)
        elif self._known.of(load_id) != {PACKED_FILE: found} or size_of(packed) != found.size:
            content, unsent = self._loads.read(load_id, load), self.unsent(load_id)
            self._known.forget(load_id)
            write_content(packed, content)
            found = load.packed or found
            self._tell_dropped(load_id, [line for line in unsent if line not in set(whole_lines(packed))])
        remove(plain)
        if load.pages:
            self._loads.delete_pages(load_id)
        self._known.replace(load_id, {PACKED_FILE: found})

    def _send_packed(self, load_id: str) -> None:
        """Store a file that only this machine has; a damaged one is mended first."""
        packed = self._paths(load_id)[1]
        if not self._damage(load_id, packed):
            self._land(load_id, packed.read_bytes())

    def _pull_pages(self, load_id: str, load: SharedLoad) -> None:
        plain, packed = self._paths(load_id)
        if packed.is_file():  # compressed while TT_LANDING was not set
            _unpack_or_set_aside(packed, plain)
        content, known = whole(plain), self._known.of(load_id)
        own = pieces(content, known)
        self._store_again(load_id, load, {number: own[number] for number in own.keys() - load.pages.keys()})
        pages = {number: page for number, page in own.items() if load.pages[number] == known[number]}
        pages |= {number: self._loads.read_page(load_id, number, load) for number in load.live if number not in pages}
        beyond = {number: pages.get(number) for number in load.pages.keys() - known.keys()}
        rest, dropped = divided(unsent_lines(content, known), beyond)
        self._make_file(load_id, load, [*(pages[number] for number in load.live), *rest])
        self._known.replace(load_id, load.without_seal)
        self._tell_dropped(load_id, dropped)
        self._send(load_id, load, rest)
        if load.is_sealed:
            self._finish_packing(load_id)

    def _store_again(self, load_id: str, load: SharedLoad, gone: Mapping[int, bytes]) -> None:
        """Make objects again that are gone although tt_pipeline deletes no page of an open load."""
        for number, piece in gone.items():
            load.pages[number] = self._loads.add_again(load_id, number, piece)
            log.warning("page %d of %s was gone from %s; it was stored again", number, load_id, self._store.place)

    def _make_file(self, load_id: str, load: SharedLoad, lines: Sequence[bytes]) -> None:
        """Give the plain file these lines; what is only added is appended."""
        plain, content = self._paths(load_id)[0], b"".join(lines)
        before = whole(plain)
        if plain.is_file() and content == before:
            return
        if before and content.startswith(before):
            cut_torn_line(plain)
            append(plain, content[len(before) :])
            return
        self._known.forget(load_id)
        if load.has_file or content:
            write_content(plain, content)
        else:
            remove(plain)

    def _send(self, load_id: str, load: SharedLoad, lines: Sequence[bytes]) -> None:
        """Send lines that only this machine has, up to one that is damaged."""
        if not load.pages and not lines and original_name(load_id) != load_id and self._paths(load_id)[0].is_file():
            self._known.add(load_id, EMPTY_FILE, self._loads.add_page(load_id, EMPTY_FILE, b""))
        for line in lines:
            try:
                Envelope.read(line)
            except NotALandedPage:
                return  # whoever reads the file mends it
            self.add(load_id, line)

    def add(self, load_id: str, line: bytes) -> None:
        """Store the page that follows those which the bucket has of a load.

        Raises:
            ContinuedElsewhere: The page with this number is another one, or the load is complete.
            SharedLandingFailed: The storage cannot be reached.
        """
        number = next_number(self._known.of(load_id))
        self._known.add(load_id, number, self._loads.add_page(load_id, number, line))

    def cut_off(self, load_id: str, lines: Sequence[bytes]) -> None:
        """Remove the last lines of a load from its file, because the bucket has others in their place."""
        cut_off(self._paths(load_id)[0], sum(map(len, lines)))
        self._tell_dropped(load_id, lines)

    def _tell_dropped(self, load_id: str, lines: Sequence[bytes]) -> None:
        if lines:
            log.error(
                "pages dropped: %d of %s that could not be stored in %s at their time. Another machine has gone on with"
                " it since, and its pages count.",
                *(len(lines), load_id, self._store.place),
            )

    def unsent(self, load_id: str) -> list[bytes]:
        """The lines of a load's file that the bucket is not known to have."""
        return unsent_lines(whole(self._paths(load_id)[0]), self._known.of(load_id))

    def sender(self, load_id: str) -> "_BucketSender":
        """See `SharedLanding`."""
        return _BucketSender(self, load_id)

    def pack(self, load_id: str, packed: Path) -> None:
        """See `SharedLanding`."""
        known = self._known.of(load_id)
        if problem := self._damage(load_id, packed):
            raise problem
        self._loads.seal(load_id, next_number(known))
        if self._loads.one(load_id).without_seal != known:
            # A deletion has changed them: `pull` packs what is left.
            raise ContinuedElsewhere(self._store.place, load_id)
        self._land(load_id, packed.read_bytes())

    def _damage(self, load_id: str, file: Path) -> CorruptLanding | None:
        """What is wrong with a file; if something is, the next `pull` copies the pages again."""
        found = next((reading for reading in readings(file) if isinstance(reading, CorruptLanding)), None)
        if found is None:
            return None
        self._known.forget(load_id)
        return CorruptLanding(self._paths(load_id)[0], found.line, found.problem)

    def _land(self, load_id: str, content: bytes) -> None:
        found = self._loads.add_packed(load_id, content)
        self._known.replace(load_id, {PACKED_FILE: found})

    def _finish_packing(self, load_id: str) -> None:
        """Go on after a process that was killed when the number of pages was fixed."""
        plain = self._paths(load_id)[0]
        if whole(plain):
            if self._damage(load_id, plain):
                raise Changed
            pack(plain, lambda packed: self._land(load_id, packed.read_bytes()))
        else:
            self._land(load_id, b"")
            remove(plain)

    @contextmanager
    def replacing(self, load_id: str, lines: Sequence[bytes], content: bytes) -> Iterator[None]:
        """See `SharedLanding`."""
        known = self._known.of(load_id)
        replace = partial(self._loads.replace_page, load_id)
        if packed := known.get(PACKED_FILE):
            after = {PACKED_FILE: self._loads.replace_packed(load_id, content, packed)}
        else:
            before = zip(live(known), whole_lines(self._paths(load_id)[0]), lines, strict=True)
            changed = {number: line for number, old, line in before if old != line}
            after = known | {number: replace(number, line, known[number]) for number, line in changed.items()}
            if self._loads.is_continued(
                load_id, next_number(known)
            ):  # a process that was paused may have stored what is deleted
                raise ContinuedElsewhere(self._store.place, load_id)
        self._known.forget(load_id)
        yield
        self._known.replace(load_id, after)

    def restore(self, load_id: str, damaged: Path) -> bool:
        """See `SharedLanding`."""
        load = self._loads.one(load_id)
        try:
            shared = self._loads.read(load_id, load)
        except Changed:  # another machine has packed or removed it since
            self._pull(load_id, self._loads.one(load_id))
            return True
        if not shared or damaged.read_bytes() == shared:
            return False
        if not load.packed and self.unsent(load_id):  # a page that nobody else has is damaged
            set_aside(damaged)
        self._known.forget(load_id)
        write_content(self._paths(load_id)[1 if load.packed else 0], shared)
        self._pull(load_id, load)
        return True

    def mended(self, load_id: str, new_id: str) -> None:
        """See `SharedLanding`."""
        self._pull(new_id, self._loads.one(new_id))
        load = self._loads.one(load_id)
        if load.packed:
            self._known.replace(load_id, {PACKED_FILE: self._loads.replace_packed(load_id, b"", load.packed)})
        elif load.pages:
            self._loads.seal(load_id, next_number(load.without_seal))
            self._land(load_id, b"")

    def differences(self) -> Iterator[str]:
        """See `SharedLanding`."""
        loads, own = self._loads.below(""), listing(self._root).landed
        for load_id in sorted({*own, *(name for name, load in loads.items() if load.has_file or load.packed)}):
            plain, packed = self._paths(load_id)
            here = packed.read_bytes() if packed.is_file() else whole(plain)
            try:
                is_equal = load_id in loads and self._loads.read(load_id, loads[load_id]) == here
            except Changed:
                is_equal = False
            if not is_equal:
                yield load_id

    def is_complete(self, load_id: str) -> bool:
        """See `SharedLanding`."""
        return PACKED_FILE in self._known.of(load_id)

    def is_removed(self, load_id: str) -> bool:
        """See `SharedLanding`."""
        packed = self._known.of(load_id).get(PACKED_FILE)
        return packed is not None and not packed.size


class _BucketSender:
    """A `Sender` to object storage."""

    def __init__(self, bucket: Bucket, load_id: str) -> None:
        """Begin with what the file has and the bucket has not."""
        self._bucket, self._load_id = bucket, load_id
        self._waiting = bucket.unsent(load_id)

    def send(self, page: Envelope) -> None:
        """See `Sender`."""
        self._waiting.append(page.line())
        self.flush()

    def flush(self) -> None:
        """See `Sender`."""
        while self._waiting:
            try:
                self._bucket.add(self._load_id, self._waiting[0])
            except ContinuedElsewhere as lost:
                dropped, self._waiting = self._waiting, []
                self._bucket.cut_off(self._load_id, dropped)
                raise ContinuedElsewhere(lost.place, lost.load_id, dropped=len(dropped)) from None
            del self._waiting[0]


def _unpack_or_set_aside(packed: Path, plain: Path) -> None:
    try:
        unpack(packed, plain)
    except CorruptLanding:
        set_aside(packed)
