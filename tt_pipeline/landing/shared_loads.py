"""The loads of a landing zone in a bucket: the names of their objects, and what of a load is there.

A page of an open load is `open/<load_id>/<number>.ndjson`; an empty one was removed. One with the content `SEAL` says
that no page follows. A complete load is `landed/<load_id>.ndjson.zst`; an empty one was removed.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tt_pipeline.errors import ContinuedElsewhere
from tt_pipeline.landing.copied_files import SEAL, live
from tt_pipeline.landing.layout import PACKED, PLAIN, is_load_id
from tt_pipeline.landing.object_store import Found, ObjectStore

_OPEN: Final = re.compile(r"open/(.+)/(\d{6,})\.ndjson")
_LANDED: Final = re.compile(r"landed/(.+)\.ndjson\.zst")
EMPTY_FILE: Final = 0
"""In place of the number of a page: the load has a file, also if no page is left."""


class Changed(Exception):
    """An object is gone or was removed since it was listed."""


@dataclass(slots=True)
class SharedLoad:
    """A load as the bucket has it.

    Attributes:
        pages: Its pages by number; empty ones are removed.
        packed: Its compressed file; an empty one says that the load was removed.
    """

    pages: dict[int, Found] = field(default_factory=dict)
    packed: Found | None = None

    @property
    def live(self) -> list[int]:
        """The numbers of the pages that the file has."""
        return live(self.pages)

    @property
    def without_seal(self) -> dict[int, Found]:
        """Its pages, also those that are removed."""
        return {number: page for number, page in self.pages.items() if page.size != len(SEAL)}

    @property
    def is_sealed(self) -> bool:
        """Whether no page follows."""
        return len(self.without_seal) < len(self.pages)

    @property
    def has_file(self) -> bool:
        """Whether there is a plain file."""
        return bool(self.live) or EMPTY_FILE in self.pages

    @property
    def size(self) -> int | None:
        """The size of the plain file in bytes; None if there is none."""
        return sum(page.size for page in self.without_seal.values()) if self.has_file else None


@dataclass(frozen=True, slots=True)
class SharedLoads:
    """The loads below a prefix. Each method raises SharedLandingFailed if the storage cannot be reached."""

    store: ObjectStore

    def below(self, place: str) -> Mapping[str, SharedLoad]:
        """The loads in a folder and below, by load_id; in all folders for ""."""
        loads: dict[str, SharedLoad] = defaultdict(SharedLoad)
        # Pages first: a load that is packed meanwhile is in one of the lists, or in both.
        for name, found in self.store.list(f"open/{place}".rstrip("/")).items():
            if (named := _OPEN.fullmatch(name)) and is_load_id(named[1]):
                loads[named[1]].pages[int(named[2])] = found
        for name, found in self.store.list(f"landed/{place}".rstrip("/")).items():
            if (named := _LANDED.fullmatch(name)) and is_load_id(named[1]):
                loads[named[1]].packed = found
        return loads

    def one(self, load_id: str) -> SharedLoad:
        """One load; without pages and file if the bucket has nothing of it."""
        listed = self.store.list(f"open/{load_id}").items()
        pages = {int(named[2]): found for name, found in listed if (named := _OPEN.fullmatch(name))}
        return SharedLoad(pages, self.store.find(_packed_name(load_id)))

    def read_page(self, load_id: str, number: int, load: SharedLoad) -> bytes:
        """The line of a page, whose version is noted in the load.

        Raises:
            Changed: It is gone.
        """
        got = self.store.read(_page_name(load_id, number))
        if got is None or not got[1].size:
            raise Changed
        load.pages[number] = got[1]
        return got[0]

    def read(self, load_id: str, load: SharedLoad) -> bytes:
        """What the file of a load contains; its versions are noted in the load.

        Raises:
            Changed: Something of it is gone.
        """
        if not load.packed:
            return b"".join(self.read_page(load_id, number, load) for number in load.live)
        got = self.store.read(_packed_name(load_id))
        if got is None or not got[1].size:
            raise Changed
        load.packed = got[1]
        return got[0]

    def add_page(self, load_id: str, number: int, line: bytes) -> Found:
        """Store a page that nobody has stored.

        Raises:
            ContinuedElsewhere: The page with this number is another one, or the load is complete.
        """
        etag = self.store.create(_page_name(load_id, number), line)
        if etag is None or self.is_packed(load_id):
            raise ContinuedElsewhere(self.store.place, load_id)
        return Found(etag, len(line))

    def add_again(self, load_id: str, number: int, line: bytes) -> Found:
        """Store a page that is gone.

        Raises:
            Changed: It is there.
        """
        etag = self.store.create(_page_name(load_id, number), line)
        if etag is None:
            raise Changed
        return Found(etag, len(line))

    def is_packed(self, load_id: str) -> bool:
        """Whether a load is complete."""
        return self.store.find(_packed_name(load_id)) is not None

    def is_continued(self, load_id: str, number: int) -> bool:
        """Whether a load has a page or a seal with this number, or is complete."""
        return self.store.find(_page_name(load_id, number)) is not None or self.is_packed(load_id)

    def seal(self, load_id: str, number: int) -> None:
        """Say that no page has this number or a higher one.

        Raises:
            ContinuedElsewhere: A page has it.
        """
        if self.store.create(_page_name(load_id, number), SEAL) is None:
            raise ContinuedElsewhere(self.store.place, load_id)

    def add_packed(self, load_id: str, content: bytes) -> Found:
        """Store the file of a sealed load, or of one without pages, and delete the objects of its pages.

        Raises:
            ContinuedElsewhere: The load has another file already.
        """
        etag = self.store.create(_packed_name(load_id), content)
        if etag is None:
            raise ContinuedElsewhere(self.store.place, load_id)
        self.delete_pages(load_id)
        return Found(etag, len(content))

    def delete_pages(self, load_id: str) -> None:
        """Delete the objects of the pages of a complete load."""
        self.store.delete(list(self.store.list(f"open/{load_id}")))

    def replace_page(self, load_id: str, number: int, line: bytes, known: Found) -> Found:
        """Replace a page that has this version; an empty line removes it.

        Raises:
            ContinuedElsewhere: It has changed.
        """
        return self._replace(load_id, _page_name(load_id, number), line, known)

    def replace_packed(self, load_id: str, content: bytes, known: Found) -> Found:
        """Replace a file that has this version; without content the load is removed.

        Raises:
            ContinuedElsewhere: It has changed.
        """
        return self._replace(load_id, _packed_name(load_id), content, known)

    def _replace(self, load_id: str, name: str, content: bytes, known: Found) -> Found:
        etag = self.store.replace(name, content, known.etag)
        if etag is None:
            raise ContinuedElsewhere(self.store.place, load_id)
        return Found(etag, len(content))


def _page_name(load_id: str, number: int) -> str:
    return f"open/{load_id}/{number:06}{PLAIN}"


def _packed_name(load_id: str) -> str:
    return f"landed/{load_id}{PACKED}"
