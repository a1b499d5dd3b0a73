"""The record of what was deleted, in the bucket that several machines share: two objects beside the answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tt_pipeline.errors import TombstonesUnusable

if TYPE_CHECKING:  # of the extra `distributed`
    from tt_pipeline.landing.object_store import ObjectStore

_LINES: Final = "tombstones.jsonl"
_KEY: Final = "tombstone.key"


class BucketTombstones:
    """A `SharedTombstones` in object storage. Its key is the first that a machine has stored, and never changes."""

    def __init__(self, store: "ObjectStore") -> None:
        """Take the bucket; nothing is sent."""
        self._store = store

    @property
    def place(self) -> str:
        """See `SharedTombstones`."""
        return f"{self._store.place}/{_LINES}"

    def version(self) -> str:
        """See `SharedTombstones`."""
        found = self._store.find(_LINES)
        return found.etag if found else ""

    def read(self) -> tuple[str, bytes]:
        """See `SharedTombstones`."""
        lines, key = self._store.read(_LINES), self._store.read(_KEY)
        if lines and not key:
            raise TombstonesUnusable(self.place, f"its key {_KEY} is missing there")
        return (key[0].decode(errors="replace") if key else ""), (lines[0] if lines else b"")

    def add(self, key: str, lines: Sequence[str]) -> None:
        """See `SharedTombstones`."""
        if self._store.create(_KEY, key.encode()) is None:
            raise TombstonesUnusable(self.place, "its key is not the one of this data dir")
        while True:
            found = self._store.read(_LINES)
            content = found[0] if found else b""
            known = set(content.decode().splitlines(keepends=True))
            after = content + "".join(line for line in lines if line not in known).encode()
            if found and after == content:
                return
            if self._store.replace(_LINES, after, found[1].etag) if found else self._store.create(_LINES, after):
                return
